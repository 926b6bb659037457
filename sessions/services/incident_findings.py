"""What rules find in charging sessions; the rest of the look is `stations.services.incidents.passes`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from emobi.core.models import Network
from sessions.models import ChargingSession, MeterValue, SessionState
from stations.models import Availability, Connectivity, Connector, IncidentKind, IncidentRule
from stations.services.incidents import passes
from stations.services.incidents.conditions import Found


def sweep(within_s: float = passes.WITHIN_S) -> None:
    """Look at every network for which there is something to do, its sessions included."""
    passes.sweep(FINDERS, within_s=within_s)


def without_meter_values(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Sessions that charge, at stations that are here, and have told no reading for too long."""
    quiet = timedelta(seconds=rule.params["quiet_s"])
    recent = MeterValue.objects.filter(session=OuterRef("pk"), received_at__gte=now - quiet)
    # 1.6 says it by the connector's status.
    plugs = Connector.objects.filter(station=OuterRef("station"), evse_id=OuterRef("evse_id"))
    charging = Q(charging_state="Charging") | Q(Exists(plugs.filter(detail="Charging")))
    for session in _active(network).filter(
        charging,
        ~Exists(recent),
        received_at__lt=now - quiet,
        station__connectivity=Connectivity.ONLINE,
    ):
        yield Found(
            station=session.station,
            evse_id=session.evse_id,
            place=session.pk,
            since=now,
            title=f"{_where(session)}: no meter values while charging",
            summary=f"Session {session.transaction_id} charges, and hasn't told a reading for "
            f"{rule.params['quiet_s'] // 60} min: its energy isn't known.",
            evidence={"session_id": session.pk, "transaction_id": session.transaction_id},
        )


def zombies(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Sessions that go on though nobody charges: their connector is free, or they never end."""
    free_since = now - timedelta(seconds=rule.params["free_s"])
    plugs = Connector.objects.filter(station=OuterRef("station"), evse_id=OuterRef("evse_id"))
    free = Q(
        Exists(plugs.filter(status=Availability.AVAILABLE, changed_at__lt=free_since)),
        ~Q(Exists(plugs.exclude(status=Availability.AVAILABLE))),
        heard_at__lt=free_since,
        station__connectivity=Connectivity.ONLINE,
    )
    endless = Q(received_at__lt=now - timedelta(hours=rule.params["longest_h"]))
    for session in _active(network).filter(free | endless):
        is_endless = session.received_at < now - timedelta(hours=rule.params["longest_h"])
        why = (
            f"goes on for more than {rule.params['longest_h']} h"
            if is_endless
            else "goes on though its connector is free"
        )
        yield Found(
            station=session.station,
            evse_id=session.evse_id,
            place=session.pk,
            since=now,
            title=f"{_where(session)}: zombie session",
            summary=f"Session {session.transaction_id} {why}.",
            evidence={"session_id": session.pk, "transaction_id": session.transaction_id},
        )


FINDERS: dict[IncidentKind, passes.Finder] = {
    IncidentKind.NO_METER_VALUES: without_meter_values,
    IncidentKind.ZOMBIE_SESSION: zombies,
}


def _active(network: Network) -> QuerySet[ChargingSession]:
    return ChargingSession.objects.filter(network=network, state=SessionState.ACTIVE).select_related(
        "station"
    )


def _where(session: ChargingSession) -> str:
    name = session.station.identity
    return f"{name}, EVSE {session.evse_id}" if session.evse_id else name
