"""A version of OCPP as a value: what we handle, what we send, how its errors are spelt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.connection import Dialect
from stations.commands.outcome import Outcome
from stations.models import Station
from stations.reports import BootReport

type Payload = Mapping[str, Any]
type Handle = Callable[[Station, Payload], Payload]
type Expect = Callable[[Station, Payload], None]


@dataclass(frozen=True, kw_only=True)
class Sender:
    """How a command of ours is said.

    ``action`` is a function of the command where more than one action can say it. ``encode`` raises
    `gateway.errors.CommandUnsupported` for what the version can't say; ``decode`` reads an answer that is
    valid by its schema.
    """

    action: str | Callable[[Any], str]
    encode: Callable[[Any], Payload]
    decode: Callable[[Payload], Outcome]

    def action_of(self, command: object) -> str:
        """The action that says ``command``."""
        return self.action if isinstance(self.action, str) else self.action(command)


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One OCPP version.

    Attributes:
        version: As the outside names it: "1.6", "2.0.1".
        handlers: By action, what answers a station's CALL, in a unit of work; `clock.now()` is its receipt.
        read_boot: Reads a BootNotification, to compare what it says with who speaks.
        senders: By command name.
        expects: By action, what says which rows its handler will need. It is told of a whole batch before
            the first handler runs, so that the number of queries doesn't grow with the batch.
        before_accepted: Actions that a station may send before its boot was accepted.
        transaction_actions: What a station repeats and then throws away if we answer with an error of our
            own: for these we rather don't answer.
    """

    version: str
    subprotocol: str
    dialect: Dialect
    handlers: Mapping[str, Handle]
    read_boot: Callable[[Payload], BootReport]
    senders: Mapping[str, Sender]
    expects: Mapping[str, Expect]
    before_accepted: frozenset[str]
    transaction_actions: frozenset[str]
