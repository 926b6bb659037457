"""The command model's list: what can be asked of a station, by whom, and in which versions."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError, with_config

from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands import configuration, everyday, transactions

BOTH = ("1.6", "2.0.1")


def _no_fault(_asked: Any) -> None:  # noqa: ANN401 — each command has its type
    """All that there is to say against a command, its schema says."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A command.

    Attributes:
        command: Its name, the same for every version.
        kind: The dataclass that its params make.
        role: The least role that may send it.
        versions: Those that have words for it; what of it a version can't say is refused when it is sent.
        example: Params that work on any station of those versions.
        effect: What an operator should know before: what it ends or changes.
        check: Raises Invalid for params that fit the schema but not together.
    """

    command: str
    kind: type[Any]
    description: str
    role: Role = Role.OPERATOR
    versions: tuple[str, ...] = BOTH
    example: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    effect: str = ""
    check: Callable[[Any], None] = _no_fault

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Reads params; strict about names, so that a misspelt one isn't silently left out."""
        return TypeAdapter(with_config(extra="forbid")(self.kind))

    @cached_property
    def params_schema(self) -> dict[str, Any]:
        """JSON Schema of its params."""
        return self.adapter.json_schema()


def _placed(asked: everyday.SetAvailability | everyday.TriggerMessage | transactions.RemoteStart) -> None:
    if asked.connector_id is not None and asked.evse_id is None:
        raise Invalid("A connector needs its EVSE: its number counts within that.", "params.evse_id")


def _one_transaction(asked: transactions.RemoteStop) -> None:
    if (asked.transaction_id is None) == (asked.session_id is None):
        raise Invalid("Name either the transaction or the session.", "params.transaction_id")


def _whole_names(asked: configuration.GetConfig | configuration.SetConfig) -> None:
    """Each variable is named, once (OCPP 2.0.1, B05.FR.11)."""
    seen = set()
    for index, name in enumerate(asked.variables):
        if not name.key and not (name.component and name.variable):
            raise Invalid(
                "Name a component and a variable, or a key of OCPP 1.6.", f"params.variables.{index}"
            )
        place = tuple(getattr(name, field) for field in configuration.VariableName.__dataclass_fields__)
        if place in seen:
            raise Invalid("The same variable is named twice.", f"params.variables.{index}")
        seen.add(place)


ENTRIES: Mapping[str, Entry] = {
    entry.command: entry
    for entry in (
        Entry(
            command="remote_start",
            kind=transactions.RemoteStart,
            description="Start charging for a token. Accepted means that the station will try.",
            example={"id_token": "DEMO0001", "evse_id": 1},
            check=_placed,
        ),
        Entry(
            command="remote_stop",
            kind=transactions.RemoteStop,
            description="End a charging session, named by our session or by the station's transaction.",
            example={"transaction_id": "1"},
            effect="Ends the session.",
            check=_one_transaction,
        ),
        Entry(
            command="reset",
            kind=everyday.Reset,
            description="Restart the station, at once or when it is idle, or one EVSE of it.",
            example={"type": "Immediate"},
            effect="Ends the sessions that run.",
        ),
        Entry(
            command="unlock",
            kind=everyday.Unlock,
            description="Let go of a plug.",
            example={"evse_id": 1, "connector_id": 1},
            effect="Ends the session of that connector.",
        ),
        Entry(
            command="set_availability",
            kind=everyday.SetAvailability,
            description="Take the station, an EVSE or a connector in or out of service.",
            example={"operational_status": "Operative"},
            effect="Inoperative: nobody can charge there until it is operative again.",
            check=_placed,
        ),
        Entry(
            command="trigger_message",
            kind=everyday.TriggerMessage,
            description="Ask the station to send a message of its own now.",
            example={"requested_message": "Heartbeat"},
            check=_placed,
        ),
        Entry(
            command="get_config",
            kind=configuration.GetConfig,
            description="Read variables (2.0.1) or configuration keys (1.6); none named: all keys (1.6).",
            example={"variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}]},
            check=_whole_names,
        ),
        Entry(
            command="set_config",
            kind=configuration.SetConfig,
            description="Set variables (2.0.1) or a configuration key (1.6).",
            role=Role.ADMIN,
            example={
                "variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}]
            },
            effect="Changes the station's settings.",
            check=_whole_names,
        ),
        Entry(
            command="get_base_report",
            kind=configuration.GetBaseReport,
            description="Ask for a report on the whole device model; it comes in parts.",
            versions=("2.0.1",),
            example={"report_base": "FullInventory"},
        ),
        Entry(
            command="clear_cache",
            kind=everyday.ClearCache,
            description="Forget the tokens that the station remembers.",
            effect="Drivers wait for our answer until their tokens are known again.",
        ),
    )
}


def entry(command: str) -> Entry:
    """The command of that name.

    Raises:
        Invalid: If there is none.
    """
    found = ENTRIES.get(command)
    if found is None:
        raise Invalid(f"There is no command {command[:64]!r}; see commands/catalogue.", "command")
    return found


def parse(command: str, params: Mapping[str, Any]) -> object:
    """The command as its dataclass.

    Raises:
        Invalid: If there is no such command, or ``params`` break its schema; the field is named.
    """
    known = entry(command)
    try:
        asked: object = known.adapter.validate_python(dict(params))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(["params", *(str(part) for part in first["loc"])])
        raise Invalid(f"{field}: {_in_words(first['type'], first['msg'])}", field) from error
    known.check(asked)
    return asked


def _in_words(kind: str, message: str) -> str:
    match kind:
        case "unexpected_keyword_argument":
            return "There is no such field."
        case "missing_argument" | "missing":
            return "This field is needed."
    return f"{message}."
