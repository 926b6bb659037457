"""The overview's plots: power, connections, versions, gateway processes. Each is read alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone

from dashboard import plots
from dashboard.overview import power_limits
from dashboard.overview.lately import lately
from dashboard.plots.drawing import Tone
from emobi.core import clock, ulid
from emobi.core import selectors as core
from emobi.core.events import StationConnected, StationDisconnected
from emobi.core.models import Event, Network
from sessions.models import ChargingSession, SessionState
from stations.models import Connection, GatewayProcess, Station

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
# A session that began longer ago isn't looked for, unless it still runs.
LONGEST_SESSION = timedelta(days=1)
MOST_VERSIONS = 8
# What is the same in every zone is read once for all of them.
KEPT_S = 60.0


def power(network: Network) -> plots.LinePlot:
    """What flowed, by quarter of an hour, what flows now, and what may.

    From the energy of each session over its time: a fleet's meter values are too many to add up for a page.
    """
    now = clock.wall()
    end = _quarter(now) + QUARTER
    begin = end - DAY - QUARTER
    edges = [begin + number * QUARTER for number in range(int((end - begin) / QUARTER))]
    watts = [0.0] * len(edges)
    flowing = 0.0
    for session in _sessions(network, begin):
        if session.state == SessionState.ACTIVE:
            flowing += float(session.power_w or 0)
        _spread(session, begin, now, watts)
    samples: list[tuple[datetime, float | None]] = [
        (edge + QUARTER / 2, watt / 1000)
        for edge, watt in zip(edges, watts, strict=True)
        if edge + QUARTER <= now
    ]
    samples.append((now, flowing / 1000))
    before = next((value for at, value in samples if at >= now - DAY), None)
    finding = f"{flowing / 1000:,.1f} kW now"
    if before is not None:
        finding += f", {before:,.1f} kW at this time yesterday"
    limits = lately("power_limits", network.pk, KEPT_S, lambda: power_limits.known(network))
    series = [plots.Series(name="Power", unit="kW", samples=samples)]
    if limits.whole_kw is not None:
        ends: list[tuple[datetime, float | None]] = [(now - DAY, limits.whole_kw), (now, limits.whole_kw)]
        limit = plots.Series(name="Limit now", unit="kW", samples=ends, step=True, tone=Tone.LIMIT)
        series.append(limit)
    return plots.LinePlot(
        caption="Power",
        window=plots.Window(since=now - DAY, until=now, zone=timezone.get_current_timezone()),
        series=series,
        finding=f"{finding}; {limits.words}",
        height=180,
    )


def _sessions(network: Network, begin: datetime) -> Sequence[ChargingSession]:
    since = ulid.lowest(begin - LONGEST_SESSION)
    found = ChargingSession.objects.filter(Q(pk__gte=since) | Q(state=SessionState.ACTIVE), network=network)
    return list(
        found.exclude(state=SessionState.LOST).only(
            "state", "received_at", "heard_at", "meter_start_wh", "meter_stop_wh", "meter_last_wh", "power_w"
        )
    )


def _spread(session: ChargingSession, begin: datetime, now: datetime, watts: list[float]) -> None:
    """Add a session's mean power to the quarters that it lasted, by our clock."""
    energy = session.energy_wh
    seconds = (session.heard_at - session.received_at).total_seconds()
    if not energy or seconds < 60:
        return
    mean = float(energy) * 3600 / seconds
    first = max(0, int((session.received_at - begin) / QUARTER))
    last = min(len(watts) - 1, int((min(session.heard_at, now) - begin) / QUARTER))
    for number in range(first, last + 1):
        edge = begin + number * QUARTER
        covered = min(session.heard_at, edge + QUARTER) - max(session.received_at, edge)
        watts[number] += mean * max(0.0, covered / QUARTER)


def _quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def churn(network: Network) -> plots.TimeBars:
    """Connections opened and lost, by hour. Two queries."""
    now = clock.wall()
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    told = Event.objects.filter(
        network=network,
        type__in=(StationConnected.type, StationDisconnected.type),
        sequence__gt=core.sequence_at(network, begin),
        time__gte=begin,
    )
    hours: Counter[tuple[datetime, str]] = Counter()
    counted = told.order_by().annotate(hour=TruncHour("time", tzinfo=UTC)).values_list("hour", "type")
    for hour, type_, number in counted.annotate(number=Count("pk")):
        hours[hour, type_] = number
    buckets = []
    for number in range(24):
        hour = begin + timedelta(hours=number)
        opened, lost = hours[hour, StationConnected.type], hours[hour, StationDisconnected.type]
        buckets.append(plots.Bucket(hour, hour + timedelta(hours=1), opened + lost, lost))
    return plots.TimeBars(
        caption="Connections opened and lost",
        window=plots.Window(since=begin, until=begin + DAY, zone=timezone.get_current_timezone()),
        buckets=buckets,
        name="connections opened or lost",
        bad_name="lost",
        height=120,
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How many stations have something; ``query`` finds them."""

    name: str
    count: int
    percent: float
    query: str


def spread(network: Network) -> Mapping[str, Sequence[Share]]:
    """Protocols and firmware, the most frequent first. One query."""
    protocols: Counter[str] = Counter()
    firmware: Counter[tuple[str, str, str]] = Counter()
    kinds = Station.objects.filter(network=network).order_by()
    for version, *model, number in kinds.values_list(
        "ocpp_version", "vendor", "model", "firmware_version"
    ).annotate(number=Count("pk")):
        protocols[version] += number
        firmware[model[0], model[1], model[2]] += number
    total = sum(protocols.values()) or 1
    return {
        "protocols": [
            Share(f"OCPP {name}" if name else "Never connected", number, 100 * number / total,
                  f"proto:{name}" if name else "connection:never")
            for name, number in protocols.most_common()
        ],
        "firmware": [
            Share(" ".join(filter(None, key)) or "Not told", number, 100 * number / total,
                  f'model:"{key[1] or "none"}" fw:"{key[2] or "none"}"')
            for key, number in firmware.most_common(MOST_VERSIONS)
        ],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway process, its sockets, and for how long its lease has not been renewed."""

    process: GatewayProcess
    connections: int
    lag_s: float
    alive: bool


def gateways(network: Network) -> Sequence[Gateway]:
    """Those that run or have just gone. Two queries."""
    now = clock.wall()
    recent = Q(stopped_at=None) | Q(stopped_at__gt=now - timedelta(minutes=10))
    processes = list(
        GatewayProcess.objects.filter(recent, lease_until__gt=now - timedelta(hours=1)).order_by("started_at")
    )
    counted = dict(
        Connection.objects.filter(
            closed_at=None, gateway__in=[each.name for each in processes], station__network=network
        )
        .order_by()
        .values_list("gateway")
        .annotate(number=Count("pk"))
    )
    return [
        Gateway(
            process=each,
            connections=counted.get(each.name, 0),
            lag_s=max(0.0, settings.EMOBI_LEASE_S - (each.lease_until - now).total_seconds()),
            alive=each.stopped_at is None and each.lease_until > now,
        )
        for each in processes
    ]
