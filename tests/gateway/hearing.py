"""CALLs of stations, handled by their adapters as the gateway does it; commands, said and answered."""

from datetime import UTC, datetime
from typing import Any

from emobi.core import clock, unit_of_work
from emobi.core.models import Event
from gateway import schemas, tolerance
from gateway.versions import BY_VERSION
from stations.models import Station

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def mended(version: str, action: str, payload: dict[str, Any]) -> Any:
    """``payload`` as its handler gets it."""
    reading = tolerance.mend(version, action, payload)
    assert reading is not None, "the gateway would refuse this payload"
    return reading[0]


def parsed(version: str, module: Any, action: str, payload: dict[str, Any]) -> Any:
    """What ``module`` makes of a payload that was received at noon."""
    with clock.at(NOON):
        return module.parse(mended(version, action, payload))


def hear(station: Station, action: str, payload: dict[str, Any], *, received: datetime = NOON) -> Any:
    """The answer to a CALL of ``station``, in the version that it speaks."""
    adapter = BY_VERSION[station.ocpp_version]
    with unit_of_work.begin(), clock.at(received):
        answer = adapter.handlers[action](station, mended(adapter.version, action, payload))
    assert schemas.validate(adapter.version, action, "result", answer) is None
    return answer


def asked(version: str, command: str, params: object) -> tuple[str, Any]:
    """The CALL that says a command: its action and its payload, which fits its schema."""
    sender = BY_VERSION[version].senders[command]
    action, payload = sender.action_of(params), sender.encode(params)
    assert schemas.validate(version, action, "call", payload) is None
    return action, payload


def answered(version: str, command: str, params: object, answer: dict[str, Any]) -> Any:
    """The outcome of a command that a station answers with ``answer``."""
    sender = BY_VERSION[version].senders[command]
    assert schemas.validate(version, sender.action_of(params), "result", answer) is None
    return sender.decode(answer)


def told(station: Station) -> list[Event]:
    """The events about a station, in their order."""
    return list(Event.objects.filter(station=station.identity).order_by("sequence"))


def kinds(station: Station) -> list[str]:
    """Their types."""
    return [event.type for event in told(station)]
