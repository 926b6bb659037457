"""What is read of incidents and of the rules that open them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from emobi.core import clock
from emobi.core.errors import NotFound
from emobi.core.models import Network
from stations.models import (
    Incident,
    IncidentCondition,
    IncidentEntry,
    IncidentRule,
    IncidentState,
    IncidentStation,
    Station,
)


def incidents(
    network: Network,
    *,
    state: str | None = None,
    severity: str | None = None,
    kind: str | None = None,
    station: str | None = None,
    assignee: str | None = None,
    snoozed: bool | None = None,
    q: str | None = None,
    before: str | None = None,
) -> QuerySet[Incident]:
    """Incidents of a network, the newest first.

    Args:
        network: The network.
        state: open, acknowledged, resolved; ``unresolved`` for the first two.
        severity: As `Severity`.
        kind: As `IncidentKind`.
        station: Identity of a station that it takes or took, in whatever case.
        assignee: Login of who is to look after it; "" for nobody.
        snoozed: Whether it is hidden for a while.
        q: Part of the title, the summary, or a station's identity.
        before: Older than the incident of this id.
    """
    found = Incident.objects.filter(network=network).select_related("assignee", "rule")
    if state == "unresolved":
        found = found.exclude(state=IncidentState.RESOLVED)
    exact = {
        "state": None if state == "unresolved" else state,
        "severity": severity,
        "kind": kind,
        "pk__lt": before,
    }
    found = found.filter(**{field: value for field, value in exact.items() if value is not None})
    if assignee is not None:
        found = found.filter(assignee__username=assignee) if assignee else found.filter(assignee=None)
    if snoozed is not None:
        asleep = Q(snoozed_until__gt=clock.now())
        found = found.filter(asleep if snoozed else ~asleep)
    takes = IncidentStation.objects.filter(incident=OuterRef("pk"))
    if station is not None:
        found = found.filter(Exists(takes.filter(station__identity__iexact=station)))
    if q:
        found = found.filter(
            Q(title__icontains=q)
            | Q(summary__icontains=q)
            | Q(Exists(takes.filter(station__identity__icontains=q)))
        )
    return found.order_by("-pk")


def incident(network: Network, incident_id: str) -> Incident:
    """One of them.

    Raises:
        NotFound: If the network has none of that id.
    """
    of_network = Incident.objects.filter(network=network).select_related("assignee", "rule", "merged_into")
    found = of_network.filter(pk=incident_id).first()
    if found is None:
        raise NotFound("There is no such incident.")
    return found


def entries(found: Incident) -> QuerySet[IncidentEntry]:
    """Its timeline, the oldest first."""
    return found.entries.order_by("pk")


def affected(found: Incident, *, after: int | None = None) -> QuerySet[IncidentStation]:
    """The stations that it takes or took, in the order in which they became known."""
    rows = found.affected.select_related("station")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.order_by("pk")


def other_causes(found: Incident) -> QuerySet[IncidentCondition]:
    """What it is about that is no station's, a webhook that fails, and isn't over; the oldest first."""
    return IncidentCondition.objects.filter(incident=found, station=None).order_by("since", "pk")


def station_counts(found: list[Incident]) -> dict[str, tuple[int, int]]:
    """By incident, how many stations it takes or took, and how many of them are still affected. One query."""
    counted = (
        IncidentStation.objects.filter(incident__in=[each.pk for each in found])
        .values("incident")
        .annotate(
            total=Count("station", distinct=True),
            left=Count("station", distinct=True, filter=Q(recovered_at=None)),
        )
    )
    return {row["incident"]: (row["total"], row["left"]) for row in counted}


def first_stations(found: list[Incident]) -> dict[str, Station]:
    """By incident, the first station that it takes. One query."""
    rows = (
        IncidentStation.objects.filter(incident__in=[each.pk for each in found])
        .select_related("station")
        .order_by("incident", "pk")
        .distinct("incident")
    )
    return {row.incident_id: row.station for row in rows}


def similar(found: Incident, *, limit: int = 5) -> list[Incident]:
    """Those of the past that were like it: of the same key, else of the same kind and station."""
    past = Incident.objects.filter(network=found.network_id, state=IncidentState.RESOLVED).exclude(
        pk=found.pk
    )
    stations = found.affected.values("station")[:200]
    alike = IncidentStation.objects.filter(incident=OuterRef("pk"), station__in=stations)
    return list(past.filter(Q(key=found.key) | Q(Exists(alike), kind=found.kind)).order_by("-pk")[:limit])


def unresolved_of(station: Station) -> QuerySet[Incident]:
    """What is wrong with a station now, the newest first."""
    rows = IncidentStation.objects.filter(station=station, recovered_at=None)
    return (
        Incident.objects.filter(pk__in=rows.values("incident"))
        .exclude(state=IncidentState.RESOLVED)
        .order_by("-pk")
    )


def open_counts(network: Network, user: User | None = None) -> dict[str, int]:
    """How many there are of each: open, unassigned, mine, acknowledged, snoozed, critical. One query."""
    asleep = Q(snoozed_until__gt=clock.now())
    return (
        Incident.objects.filter(network=network)
        .exclude(state=IncidentState.RESOLVED)
        .aggregate(
            open=Count("pk", filter=~asleep),
            unacknowledged=Count("pk", filter=Q(state=IncidentState.OPEN) & ~asleep),
            unassigned=Count("pk", filter=Q(assignee=None) & ~asleep),
            mine=Count("pk", filter=Q(assignee=user) & ~asleep if user else Q(pk__in=[])),
            snoozed=Count("pk", filter=asleep),
            critical=Count("pk", filter=Q(severity="critical") & ~asleep),
        )
    )


def open_by_rule(network: Network) -> dict[int, int]:
    """By rule, how many unresolved incidents it has opened. One query."""
    counted = Incident.objects.filter(network=network, rule__isnull=False).exclude(
        state=IncidentState.RESOLVED
    )
    rows = counted.values_list("rule").annotate(count=Count("pk")).order_by()
    return {rule_id: count for rule_id, count in rows if rule_id is not None}


def last_resolved_at(network: Network) -> datetime | None:
    """When the last one ended."""
    newest = Incident.objects.filter(network=network, state=IncidentState.RESOLVED)
    return newest.order_by("-pk").values_list("resolved_at", flat=True).first()


def times(found: Incident) -> tuple[timedelta | None, timedelta | None]:
    """From its opening, the last one if it was opened again, until somebody acknowledged it, and until it
    was over.
    """
    acknowledged, resolved = found.acknowledged_at, found.resolved_at
    return (
        acknowledged - found.begun_at if acknowledged else None,
        resolved - found.begun_at if resolved else None,
    )


def mean_times(found: QuerySet[Incident]) -> dict[str, Any]:
    """How many they are, as ``count``, and the means of their times, as ``acknowledged`` and ``resolved``.

    One query.
    """
    begun_at = Coalesce("reopened_at", "opened_at")
    return found.aggregate(
        count=Count("pk"),
        acknowledged=Avg(F("acknowledged_at") - begun_at),
        resolved=Avg(F("resolved_at") - begun_at),
    )


def rules(network: Network) -> QuerySet[IncidentRule]:
    """The network's rules, by kind."""
    return IncidentRule.objects.filter(network=network).order_by("pk")
