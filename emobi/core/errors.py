"""What a service may refuse. The type tells its catcher what to say; the text is for people.

Refused
├── NotFound        there is no such thing in this network
├── Conflict        it exists already, or its state does not allow this
├── Invalid         a value that can't be taken; ``field`` names it
└── Forbidden       the role does not allow it
"""


class Refused(Exception):
    """A request that can't be carried out, with the reason in words for whoever asked."""


class NotFound(Refused):
    """There is no such thing in this network."""


class Conflict(Refused):
    """It exists already, or its state doesn't allow this."""


class Invalid(Refused):
    """A value that can't be taken.

    Attributes:
        field: The name of the field, as the API spells it; "" for the whole.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Forbidden(Refused):
    """The asker's role doesn't allow it."""
