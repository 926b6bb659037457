"""A version of OCPP as a value: what we handle, what we send, how its errors are spelt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.connection import Dialect
from gateway.lookups import Lookup
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

    A command that one message can't hold is said in several, one after the other: ``split`` makes pieces of
    it, each of them encoded and decoded by itself, and ``join`` one outcome of theirs, in their order; there
    are fewer outcomes than pieces until the last is answered, and where it never is. With ``all_or_nothing``
    a piece that is refused makes the rest pointless, and nothing more is said.
    """

    action: str | Callable[[Any], str]
    encode: Callable[[Any], Payload]
    decode: Callable[[Payload], Outcome]
    split: Callable[[Any, Station], Sequence[Any]] | None = None
    join: Callable[[Any, Sequence[Outcome]], Outcome] | None = None
    all_or_nothing: bool = False

    def action_of(self, command: object) -> str:
        """The action that says ``command``."""
        return self.action if isinstance(self.action, str) else self.action(command)

    def pieces(self, command: object, station: Station) -> Sequence[Any]:
        """What of ``command`` one message holds each, for this station."""
        return self.split(command, station) if self.split else (command,)

    def joined(self, command: object, outcomes: Sequence[Outcome]) -> Outcome:
        """What came of ``command`` as far as its pieces were answered: at least one."""
        return self.join(command, outcomes) if self.join else outcomes[-1]


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
        lookups: By action, what is asked elsewhere before its handler runs (`gateway.lookups`).
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
    lookups: Mapping[str, Sequence[Lookup]] = field(default_factory=dict)
