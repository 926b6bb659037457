"""The command model's list: what can be asked of a station, by whom, and in which versions."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from emobi.core.errors import Invalid
from stations.commands import (
    billing,
    certificates,
    charging_profiles,
    configuration,
    custom_data,
    customers,
    device_model,
    display_messages,
    everyday,
    firmware,
    local_lists,
    logs,
    monitoring,
    network_profiles,
    reservations,
    transactions,
    vendor,
)
from stations.commands.entry import Entry

ENTRIES: Mapping[str, Entry] = {
    entry.command: entry
    for entry in (
        *transactions.ENTRIES,
        *reservations.ENTRIES,
        *local_lists.ENTRIES,
        *billing.ENTRIES,
        *charging_profiles.ENTRIES,
        *everyday.ENTRIES,
        *configuration.ENTRIES,
        *device_model.ENTRIES,
        *monitoring.ENTRIES,
        *display_messages.ENTRIES,
        *customers.ENTRIES,
        *firmware.ENTRIES,
        *logs.ENTRIES,
        *vendor.ENTRIES,
        *certificates.ENTRIES,
        *network_profiles.ENTRIES,
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
        asked: object = known.adapter.validate_python(custom_data.without(params))
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
