"""What needs somebody now: incidents, then stations that none of them is about, the worst first."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from dashboard.incidents import incident_rows, incident_words
from dashboard.stations import station_rows, status_bars
from dashboard.stations.station_rows import StationRow
from dashboard.statuses import Shown
from emobi.core import clock
from emobi.core.models import Network
from sessions.models import ChargingSession, SessionState
from stations import incidents, selectors
from stations.models import (
    Availability,
    Connectivity,
    Connector,
    Incident,
    IncidentState,
    IncidentStation,
    InstalledCertificate,
    Severity,
    SigningRequest,
    SigningState,
    Station,
)

MOST_INCIDENTS = 8
MOST_STATIONS = 15

OFFLINE_FOR = timedelta(minutes=5)
SILENT_METER = timedelta(minutes=15)
DRIFT_S = 10.0
CERTIFICATE_ENDS_WITHIN = timedelta(days=30)

# What can be wrong with a station, what matters most first.
REASONS = {
    "offline": Shown("offline", "Offline for more than 5 minutes"),
    "faulted": Shown("faulted", "Faulted"),
    "no_meter": Shown("suspended", "Charges, but sends no meter values"),
    "drift": Shown("silent", "Its clock is wrong"),
    "certificate": Shown("scheduled", "Its certificate ends soon"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A station, and what is wrong with it, since when as far as that is known."""

    row: StationRow
    reason: Shown
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What there is.

    Attributes:
        incidents: Each with its severity, and where it stands.
        more_incidents: Whether there are others than those that are shown.
        more: The same of stations.
        last_resolved_at: When the last incident ended, where there is nothing else to tell.
    """

    incidents: Sequence[tuple[Incident, Shown, str]]
    troubles: Sequence[Trouble]
    more_incidents: bool
    more: bool
    last_resolved_at: datetime | None = None

    @property
    def keys(self) -> list[str]:
        """What live pages call its rows."""
        return _keys(
            (incident.pk for incident, *_ in self.incidents),
            (each.row.station.identity for each in self.troubles),
        )


def read(network: Network) -> Attention:
    """Seven queries."""
    now = clock.wall()
    unresolved = list(_incidents(network, now).select_related("assignee")[: MOST_INCIDENTS + 1])
    stations = list(_stations(network, now)[: MOST_STATIONS + 1])
    rows = station_rows.of(stations[:MOST_STATIONS], status_bars.of(network, stations[:MOST_STATIONS]))
    return Attention(
        incidents=[
            (each, incident_words.SEVERITIES[Severity(each.severity)], incident_rows.said(each))
            for each in unresolved[:MOST_INCIDENTS]
        ],
        troubles=[_trouble(row) for row in rows],
        more_incidents=len(unresolved) > MOST_INCIDENTS,
        more=len(stations) > MOST_STATIONS,
        last_resolved_at=None if unresolved or stations else incidents.last_resolved_at(network),
    )


def keys(network: Network) -> list[str]:
    """As `Attention.keys`, of what `read` would find: two queries."""
    now = clock.wall()
    return _keys(
        _incidents(network, now).values_list("pk", flat=True)[:MOST_INCIDENTS],
        _stations(network, now).values_list("identity", flat=True)[:MOST_STATIONS],
    )


def fitting(network: Network, wanted: Collection[str]) -> list[str]:
    """Those of these keys whose incident or station needs somebody, among the worst or not: two queries."""
    now = clock.wall()
    names = [key.partition(":")[2] for key in wanted]
    found = _keys(
        _incidents(network, now).filter(pk__in=names).values_list("pk", flat=True),
        _stations(network, now).filter(identity__in=names).values_list("identity", flat=True),
    )
    return [key for key in found if key in wanted]


def _keys(incidents: Iterable[str], stations: Iterable[str]) -> list[str]:
    return [*(f"incident:{pk}" for pk in incidents), *(f"station:{identity}" for identity in stations)]


def _incidents(network: Network, now: datetime) -> QuerySet[Incident]:
    """Those that nobody has resolved or put off, the worst first."""
    rank = Case(*[When(severity=each, then=Value(number)) for number, each in enumerate(Severity)])
    awake = Q(snoozed_until=None) | Q(snoozed_until__lt=now)
    unresolved = Incident.objects.filter(awake, network=network).exclude(state=IncidentState.RESOLVED)
    return unresolved.annotate(rank=rank).order_by("rank", "-pk")


def _trouble(row: StationRow) -> Trouble:
    reason = str(vars(row.station)["reason"])
    faults = [each.changed_at for each in row.station.connectors.all() if each.status == Availability.FAULTED]
    since = {"offline": row.station.connectivity_since, "faulted": min(faults, default=None)}
    return Trouble(row, REASONS[reason], since.get(reason))


def _stations(network: Network, now: datetime) -> QuerySet[Station]:
    """Those in trouble that no unresolved incident is about; nobody works on them."""
    known = IncidentStation.objects.filter(
        station=OuterRef("pk"), recovered_at=None, incident__state__in=("open", "acknowledged")
    )
    faulted = Connector.objects.filter(station=OuterRef("pk"), status=Availability.FAULTED)
    silent = ChargingSession.objects.filter(
        station=OuterRef("pk"),
        state=SessionState.ACTIVE,
        charging_state="Charging",
        heard_at__lt=now - SILENT_METER,
    )
    ends = now + CERTIFICATE_ENDS_WITHIN
    listed = InstalledCertificate.objects.filter(station=OuterRef("pk"), not_after__lt=ends)
    installed = SigningRequest.objects.filter(station=OuterRef("station"), state=SigningState.INSTALLED)
    newer = installed.filter(use=OuterRef("use"), pk__gt=OuterRef("pk"))
    signed = SigningRequest.objects.filter(
        ~Exists(newer), station=OuterRef("pk"), state=SigningState.INSTALLED, not_after__lt=ends
    )
    conditions = {
        "offline": Q(connectivity=Connectivity.OFFLINE, connectivity_since__lt=now - OFFLINE_FOR),
        "faulted": Q(Exists(faulted)),
        "no_meter": Q(connectivity=Connectivity.ONLINE) & Q(Exists(silent)),
        "drift": Q(clock_skew_s__gt=DRIFT_S) | Q(clock_skew_s__lt=-DRIFT_S),
        "certificate": Q(Exists(listed)) | Q(Exists(signed)),
    }
    order = Case(
        *[When(met, then=Value(number)) for number, met in enumerate(conditions.values())], default=99
    )
    reason = Case(
        *[When(met, then=Value(name)) for name, met in conditions.items()],
        default=Value(""),
        output_field=CharField(),
    )
    found = selectors.stations(network).filter(~Exists(known), maintenance=False)
    found = found.annotate(order=order, reason=reason).filter(order__lt=99)
    return found.annotate(sort_key=Lower("identity")).order_by("order", "-connectivity_since", "sort_key")
