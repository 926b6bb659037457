"""The events of a charging session."""

from datetime import datetime

from emobi.core import clock, events
from sessions.models import ChargingSession
from sessions.reports import TransactionStart
from stations.models import Station


def started(station: Station, session: ChargingSession, report: TransactionStart) -> None:
    """Tell that a session began."""
    events.record(
        station.subject,
        events.SessionStarted(
            evse_id=session.evse_id,
            connector_id=session.connector_id,
            station_time=report.started_at,
            received_at=clock.now(),
            session_id=session.id,
            transaction_id=session.transaction_id,
            id_token=session.id_token or None,
            id_token_type=session.id_token_type or None,
            authorization=session.authorization or None,
            meter_start_wh=session.meter_start_wh,
            reservation_id=session.reservation_id,
            remote_start_id=session.remote_start_id,
            offline=report.offline,
        ),
    )


def updated(
    station: Station,
    session: ChargingSession,
    *,
    trigger: str | None,
    station_time: datetime | None,
    offline: bool = False,
) -> None:
    """Tell how far a session has come."""
    events.record(
        station.subject,
        events.SessionUpdated(
            evse_id=session.evse_id,
            connector_id=session.connector_id,
            station_time=station_time,
            received_at=clock.now(),
            session_id=session.id,
            transaction_id=session.transaction_id,
            charging_state=session.charging_state or None,
            trigger=trigger,
            energy_wh=session.energy_wh,
            power_w=session.power_w,
            soc_percent=session.soc_percent,
            offline=offline,
        ),
    )


def ended(
    station: Station,
    session: ChargingSession,
    *,
    station_time: datetime | None = None,
    offline: bool = False,
) -> None:
    """Tell that a session is over, with what is known of it by now."""
    events.record(
        station.subject,
        events.SessionEnded(
            evse_id=session.evse_id,
            connector_id=session.connector_id,
            station_time=station_time,
            received_at=clock.now(),
            session_id=session.id,
            transaction_id=session.transaction_id,
            id_token=session.id_token or None,
            meter_start_wh=session.meter_start_wh,
            meter_stop_wh=session.meter_stop_wh,
            energy_wh=session.energy_wh,
            duration_s=session.duration_s,
            reason=session.reason or None,
            suspect=bool(session.suspect),
            offline=offline,
        ),
    )
