"""Where a token may charge: as an operator says it, and what it means at a station.

``[{"station": identity, "evse_ids": [1, 2]}, …]``; without EVSEs all of the station's, an empty list:
everywhere.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from emobi.core.checks import LAST_PLACE
from emobi.core.errors import Invalid

FIELD = "allowed_evses"
MOST = 1000


class Place(TypedDict):
    """A station, and those of its EVSEs that count; none: all."""

    station: str
    evse_ids: list[int]


def at(places: Sequence[Place], identity: str) -> tuple[int, ...] | None:
    """The EVSEs of this station where it may charge: () for all of them, None for none."""
    if not places:
        return ()
    here = [place["evse_ids"] for place in places if place["station"].casefold() == identity.casefold()]
    if not here:
        return None
    return () if [] in here else tuple(sorted({evse_id for evse_ids in here for evse_id in evse_ids}))


def read(said: Any) -> list[Place]:  # noqa: ANN401 — whatever was sent
    """What was said, in its form.

    Raises:
        Invalid: If it has no such form.
    """
    if not isinstance(said, list) or len(said) > MOST:
        raise Invalid(f"a list of up to {MOST} stations", FIELD)
    return [_place(place) for place in said]


def _place(said: Any) -> Place:  # noqa: ANN401 — whatever was sent
    match said:
        # jsonb holds no NUL.
        case {"station": str(station), **others} if (
            station and "\0" not in station and others.keys() <= {"evse_ids"}
        ):
            evse_ids = others.get("evse_ids", [])
            if isinstance(evse_ids, list) and all(_is_evse(evse_id) for evse_id in evse_ids):
                return {"station": station, "evse_ids": [*evse_ids]}
    raise Invalid('each {"station": identity, "evse_ids": [1, 2]}', FIELD)


def _is_evse(said: object) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 < said <= LAST_PLACE
