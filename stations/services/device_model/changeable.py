"""What an operator may change of a station, and which values can be taken."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from annotated_types import Ge, Le, MaxLen, Predicate
from pydantic import AfterValidator, TypeAdapter, ValidationError

from emobi.core.errors import Invalid
from stations import quirks
from stations.models import Registration
from stations.services.trust import credentials

type Name = Annotated[str, MaxLen(120), Predicate(str.isprintable)]


def _is_zone(name: str) -> bool:
    return not name or name in available_timezones()


def _is_prose(text: str) -> bool:
    return all(character.isprintable() or character in "\n\t" for character in text)


type Zone = Annotated[str, MaxLen(64), Predicate(_is_zone)]
type Prose = Annotated[str, MaxLen(4000), Predicate(_is_prose)]
type Password = Annotated[str, Predicate(str.isprintable)]

# By field, as the API spells it.
FIELDS: dict[str, TypeAdapter[Any]] = {
    "registration": TypeAdapter(Registration),
    "security_profile": TypeAdapter(Annotated[int, Ge(0), Le(3)] | None),
    "password": TypeAdapter(Password),
    "serial_number": TypeAdapter(Annotated[str, MaxLen(255), Predicate(str.isprintable)]),
    "allowed_versions": TypeAdapter(list[Literal["1.6", "2.0.1"]]),
    "heartbeat_interval_s": TypeAdapter(Annotated[int, Ge(1), Le(86400)] | None),
    "quirks": TypeAdapter(
        Annotated[
            dict[str, str | int | float | bool | None],
            MaxLen(quirks.MOST_FLAGS),
            AfterValidator(quirks.checked),
        ]
    ),
    "tags": TypeAdapter(Annotated[list[Name], MaxLen(50)]),
    "site": TypeAdapter(Name),
    "name": TypeAdapter(Name),
    "zone": TypeAdapter(Zone),
    "notes": TypeAdapter(Prose),
    "maintenance": TypeAdapter(bool),
}


def columns(changes: Mapping[str, object]) -> dict[str, Any]:
    """The station's columns that ``changes`` are about, with their new values.

    Raises:
        Invalid: If a value can't be taken, or there is no such field to change.
    """
    found = {name: _checked(name, value) for name, value in changes.items()}
    if "password" in found:
        found["password_hash"] = credentials.hashed(found.pop("password"))
    return found


def _checked(name: str, value: object) -> Any:  # noqa: ANN401 — each field has its type
    if name not in FIELDS:
        raise Invalid(f"{name} can't be changed.", name)
    if name == "zone" and isinstance(value, str) and not _is_zone(value):
        raise Invalid(f"There is no time zone {value[:64]!r}.", name)
    try:
        taken = FIELDS[name].validate_python(value)
    except ValidationError as error:
        raise Invalid(f"{name}: {error.errors()[0]['msg']}.", name) from error
    if name == "password" and not credentials.SHORTEST <= len(taken) <= credentials.LONGEST:
        raise Invalid(f"A password has {credentials.SHORTEST} to {credentials.LONGEST} characters.", name)
    return taken
