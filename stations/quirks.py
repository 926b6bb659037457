"""Quirk flags: what is done differently for a station, or for all stations of a model.

`docs/ocpp/quirks.md` has them for people; a test holds it to this list.
"""

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Gt, Le, MaxLen, MinLen, Predicate
from pydantic import TypeAdapter, ValidationError

from emobi.core.errors import Invalid

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
MOST_FLAGS = 50


def zone(name: str) -> tzinfo | None:
    """The time zone of a name such as ``Europe/Berlin``, or of an offset such as ``+02:00``."""
    if name == "UTC":
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset[1], int(offset[2]), int(offset[3])
        east = timedelta(hours=hours, minutes=minutes)
        return timezone(-east if sign == "-" else east) if east < timedelta(hours=24) else None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _known_zone(name: str) -> bool:
    return zone(name) is not None


type Seconds = Annotated[int | float, Ge(0), Le(300)]
type Factor = Annotated[int | float, Gt(0), Le(1_000_000)]

# By flag, the values that it takes.
FLAGS: Mapping[str, TypeAdapter[Any]] = {
    "assume_subprotocol": TypeAdapter(Literal["ocpp1.6", "ocpp2.0.1"]),
    "no_compression": TypeAdapter(bool),
    "ping_interval_s": TypeAdapter(Annotated[int | float, Ge(0), Le(3600)]),
    "boot_wait_s": TypeAdapter(Seconds),
    "call_pause_s": TypeAdapter(Seconds),
    "match_lone_answer": TypeAdapter(bool),
    "no_trigger": TypeAdapter(bool),
    "local_time_zone": TypeAdapter(Annotated[str, MaxLen(64), Predicate(_known_zone)]),
    "free_vend_token": TypeAdapter(Annotated[str, MinLen(1), MaxLen(20), Predicate(str.isprintable)]),
    "session_energy_meter": TypeAdapter(bool),
    "energy_factor": TypeAdapter(Factor),
    "power_factor": TypeAdapter(Factor),
}


def checked(flags: Mapping[str, object], field: str = "quirks") -> dict[str, Any]:
    """``flags``, if each that is known has a value that it can have; null turns off what the model's says.

    Flags that nobody knows are kept: they may be a newer version's.

    Raises:
        Invalid: If not.
    """
    for name, value in flags.items():
        if name in FLAGS and value is not None:
            try:
                FLAGS[name].validate_python(value, strict=True)
            except ValidationError as error:
                raise Invalid(f"{name}: {error.errors()[0]['msg']}.", field) from error
    return dict(flags)


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Flags of several layers, the later ones over the earlier ones; null is off."""
    together: dict[str, Any] = {}
    for layer in layers:
        together |= layer
    return {name: value for name, value in together.items() if value is not None}
