"""Who is silent, who is offline. Our own restarts are nobody's outage, and nobody is offline before a probe.

    online ── socket closed ──► silent ── grace ──► offline
    online ── heartbeats missed ──► silent, probe ── unanswered ──► offline, socket dropped
    silent, offline ── any frame, or a new socket ──► online        (`connectivity.come_back`)

A sweep looks at rows and changes each by compare-and-set: any number may run, at any time.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import DurationField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Now

from emobi.core import clock, events, unit_of_work
from emobi.core.models import Role
from stations.models import (
    Command,
    CommandState,
    Connection,
    Connectivity,
    GatewayProcess,
    Registration,
    Station,
)
from stations.services.commanding import commands
from stations.services.presence import connections, gateway_processes

# One sweep takes so many stations; the next one follows in a second.
AT_ONCE = 500

# A process renews as soon as it can after the database was away: nobody gives it up in that moment.
LATE = timedelta(seconds=3)

# Who asks for the probes.
PROBE = "system:liveness"


def sweep() -> None:
    """Do what is due."""
    give_up_dead_processes()
    end_graces()
    probe_silent_stations()
    end_probes()


def give_up_dead_processes() -> int:
    """Close what processes hold whose lease has run out by the database's clock."""
    with unit_of_work.begin():
        GatewayProcess.objects.filter(stopped_at=None, lease_until__lt=Now() - LATE).update(stopped_at=Now())
        alive = GatewayProcess.objects.filter(stopped_at=None).values("name")
        # Also what a process opened while it was being given up.
        abandoned = Connection.objects.filter(closed_at=None).exclude(gateway__in=alive)
        names = set(abandoned.values_list("gateway", flat=True))
        for name in sorted(names):
            gateway_processes.release(name, code=1006, reason="gateway process died")
    return len(names)


def end_graces() -> int:
    """Stations without a socket past the grace are offline."""
    now = clock.now()
    theirs = now - timedelta(seconds=settings.EMOBI_OFFLINE_GRACE_S)
    ours = now - timedelta(seconds=settings.EMOBI_RESTART_GRACE_S)
    with unit_of_work.begin():
        gone = (
            Connection.objects.select_for_update(skip_locked=True, of=("self", "station"), no_key=True)
            .select_related("station")
            .filter(
                Q(by_us=False, closed_at__lte=theirs) | Q(by_us=True, closed_at__lte=ours),
                station__connectivity__in=[Connectivity.ONLINE, Connectivity.SILENT],
            )
            .order_by("pk")[:AT_ONCE]
        )
        for connection in gone:
            _offline(connection, connection.close_reason or f"connection closed ({connection.close_code})")
    return len(gone)


def probe_silent_stations() -> int:
    """Ask those that missed their heartbeats for one, before any alarm."""
    with unit_of_work.begin():
        quiet = _quiet(Connectivity.ONLINE)
        for connection in quiet:
            station = connection.station
            _set(station, Connectivity.SILENT)
            commands.request(
                station.network,
                station,
                "trigger_message",
                {"requested_message": "Heartbeat"},
                requested_by=PROBE,
                role=Role.OPERATOR,
                # A CALL that waits for its answer may be in front.
                expires_in_s=settings.EMOBI_CALL_TIMEOUT_S * 2,
            )
    return len(quiet)


def end_probes() -> int:
    """Stations that were probed and said nothing at all are offline; their sockets are let go."""
    probes = Command.objects.filter(station=OuterRef("station"), requested_by=PROBE)
    with unit_of_work.begin():
        quiet = _quiet(
            Connectivity.SILENT,
            Q(Exists(probes.filter(created_at__gte=OuterRef("station__connectivity_since")))),
            ~Q(Exists(probes.filter(state__in=[CommandState.QUEUED, CommandState.SENT]))),
        )
        for connection in quiet:
            _offline(connection, "missed heartbeats, and no answer to a probe")
            connections.let_go(connection)
    return len(quiet)


def _quiet(connectivity: Connectivity, *conditions: Q) -> list[Connection]:
    """Open connections of accepted stations that have missed their heartbeats, locked."""
    interval = Coalesce("station__negotiated_heartbeat_s", Value(settings.EMOBI_HEARTBEAT_INTERVAL_S))
    patience = ExpressionWrapper(
        interval * settings.EMOBI_MISSED_HEARTBEATS * Value(timedelta(seconds=1)),
        output_field=DurationField(),
    )
    return list(
        Connection.objects.select_for_update(skip_locked=True, of=("self", "station"), no_key=True)
        .select_related("station__network")
        .filter(
            *conditions,
            closed_at=None,
            last_heard_at__lt=clock.now() - patience,
            station__connectivity=connectivity,
            station__registration=Registration.ACCEPTED,
        )
        .exclude(_takes_no_trigger())
        .order_by("pk")[:AT_ONCE]
    )


def _takes_no_trigger() -> Q:
    """Stations that can't be probed. As long as their sockets answer pings they are taken for well."""
    no_trigger = {"no_trigger": True}
    of_model = Q(station__model_quirks__contains=no_trigger) & ~Q(station__quirks__has_key="no_trigger")
    return Q(station__quirks__contains=no_trigger) | of_model


def _offline(connection: Connection, reason: str) -> None:
    _set(connection.station, Connectivity.OFFLINE)
    events.record(
        connection.station.subject,
        events.StationOffline(
            reason=reason,
            last_heard_at=connection.last_heard_at,
            by_us=connection.closed_at is not None and connection.by_us,
        ),
    )


def _set(station: Station, connectivity: Connectivity) -> None:
    Station.objects.filter(pk=station.pk).update(connectivity=connectivity, connectivity_since=clock.now())
    unit_of_work.current().nudge(f"live.{station.network_id}", station.identity)
