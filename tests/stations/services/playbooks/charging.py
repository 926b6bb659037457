"""Charging sessions that run while playbooks are at work."""

from sessions.models import ChargingSession
from stations.models import Station
from tests.stations.telling import NOON


def charge(station: Station, evse_id: int, session_id: str) -> ChargingSession:
    """One that runs since noon."""
    return ChargingSession.objects.create(
        id=session_id, network=station.network, station=station, evse_id=evse_id, transaction_id=session_id,
        started_at=NOON, received_at=NOON, heard_at=NOON,
    )  # fmt: skip
