"""What a run leaves for a person to set right: a place that it took out of service, and not back."""

from collections.abc import Mapping
from typing import Any

from stations.models import Command, CommandState, PlaybookRun

_DONE = (CommandState.ACCEPTED, CommandState.SCHEDULED)
# Nobody knows yet, or ever will, what the station has made of these.
_IN_DOUBT = (CommandState.SENT, CommandState.UNKNOWN)


def out_of_service(run: PlaybookRun, by: str) -> str:
    """What may still be out of service because of the run, in words; empty: nothing.

    ``by`` is who asked for its commands. Who else has put the place back since then counts, too.
    """
    asked = Command.objects.filter(
        station=run.station_id,
        name="set_availability",
        created_at__gte=run.created_at,
        state__in=(*_DONE, *_IN_DOUBT),
    )
    places: dict[tuple[Any, Any], str] = {}
    for command in asked.order_by("pk"):
        params: Mapping[str, Any] = command.params
        place = params.get("evse_id"), params.get("connector_id")
        if params["operational_status"] == "Inoperative":
            if command.requested_by == by:
                places[place] = _name(*place)
        elif command.state in _DONE:
            places.pop(place, None)
    return f"{', '.join(places.values())} may still be out of service" if places else ""


def _name(evse_id: int | None, connector_id: int | None) -> str:
    if evse_id is None:
        return "the station"
    return f"EVSE {evse_id}" if connector_id is None else f"EVSE {evse_id}, connector {connector_id}"
