"""What can be done with many stations: commands, and changes of what we keep of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.commands import command_words
from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands import catalogue
from stations.models import Station
from stations.services.registry import registration

# These are about one session, one connector or one certificate: to many stations they make no sense.
_OF_ONE = frozenset(
    {
        "remote_start", "remote_stop", "unlock", "reserve", "cancel_reservation", "get_session_status",
        "update_cost", "delete_certificate", "get_composite_schedule", "customer_information",
    }
)  # fmt: skip

# From so many on, and with whatever is risky, the number is typed before it begins.
TYPED_FROM = 50
# Changes are made while one waits.
MOST_CHANGED = 1000

CHANGES = {
    "site": "Move to a site",
    "add_tag": "Add a tag",
    "remove_tag": "Remove a tag",
    "maintenance_on": "Begin maintenance",
    "maintenance_off": "End maintenance",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One of them, as it is offered; ``reason`` why not to this person."""

    name: str
    title: str
    reason: str


def offered(role: Role) -> Sequence[tuple[str, Sequence[Action]]]:
    """By heading."""
    groups = [
        (
            group,
            [
                Action(name, words.title, _reason(name, role))
                for name, words in command_words.WORDS.items()
                if words.group == group and name not in _OF_ONE
            ],
        )
        for group in command_words.GROUPS
    ]
    changes = [Action(name, title, "") for name, title in CHANGES.items()]
    return [(group, found) for group, found in groups if found] + [("Stations", changes)]


def is_command(name: str) -> bool:
    """Whether stations are asked for it."""
    return name in command_words.WORDS and name not in _OF_ONE


def confirmed(total: int, typed: str, *, risky: bool) -> bool:
    """Whether somebody has said that they mean it."""
    return (total <= TYPED_FROM and not risky) or typed.strip() == str(total)


def change(stations: Iterable[Station], name: str, value: str, *, by: str, address: str | None) -> int:
    """Change them one after the other; how many were.

    Raises:
        Invalid: If the value can't be taken; those before were changed.
    """
    if name in ("add_tag", "remove_tag") and not value:
        raise Invalid("Which tag?", "value")
    changed = 0
    for station in stations:
        changes = _changes(station, name, value)
        if any(getattr(station, column) != new for column, new in changes.items()):
            registration.change(station, changes, by=by, address=address)
            changed += 1
    return changed


def _changes(station: Station, name: str, value: str) -> Mapping[str, object]:
    match name:
        case "site":
            return {"site": value}
        case "add_tag":
            return {"tags": [*station.tags, *({value} - set(station.tags))]}
        case "remove_tag":
            return {"tags": [tag for tag in station.tags if tag != value]}
        case "maintenance_on" | "maintenance_off":
            return {"maintenance": name == "maintenance_on"}
        case other:
            raise Invalid(f"{other[:40]} is nothing that can be done.", "action")


def _reason(name: str, role: Role) -> str:
    needed = catalogue.entry(name).role
    return "" if role.includes(needed) else f"Needs the role {needed.value}"
