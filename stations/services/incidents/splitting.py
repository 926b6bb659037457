"""What was taken for one thing and is two: some stations of an incident become an incident of their own."""

from collections.abc import Collection

from django.db.models import Q

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid
from stations import incidents
from stations.models import (
    Incident,
    IncidentCondition,
    IncidentReader,
    IncidentState,
    IncidentStation,
    Station,
)
from stations.services.incidents import opening, telling

MOST_SPLIT = 1000


def split(
    incident: Incident, stations: Collection[Station], *, by: str, address: str | None = None
) -> Incident:
    """Open an incident of these stations, which ``incident`` takes no more.

    What their rules have noticed goes with them: each of the two ends by itself when its own stations are
    well again.

    Raises:
        Conflict: If it is resolved.
        Invalid: If none of the stations is its own, too many are named, or nothing would be left: no
            station, nor a webhook that fails.
    """
    if not 0 < len(stations) <= MOST_SPLIT:
        raise Invalid(f"Name 1 to {MOST_SPLIT} of its stations.", "stations")
    with unit_of_work.begin():
        # Whoever looks at the network's conditions waits: they change hands here.
        IncidentReader.objects.select_for_update(no_key=True).filter(pk=incident.network_id).first()
        found = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        if found.state == IncidentState.RESOLVED:
            raise Conflict("The incident is resolved.")
        rows = list(
            found.affected.filter(station__in=[each.pk for each in stations])
            .select_related("station")
            .order_by("pk")
        )
        named = {row.station_id: row.station.identity for row in rows}
        strangers = [each.identity for each in stations if each.pk not in named]
        if strangers:
            raise Invalid(f"{strangers[0]} is none of its stations.", "stations")
        is_about_more = found.affected.exclude(station__in=named).exists()
        if not is_about_more and not incidents.other_causes(found).exists():
            raise Invalid("Leave it at least one station: all of them are the incident itself.", "stations")
        of_both = Q(incident=found) | Q(incident__merged_into=found)
        noticed = IncidentCondition.objects.filter(of_both, station__in=named)
        made = _made(found, rows, list(noticed.select_related("rule").order_by("since", "pk")), by)
        IncidentStation.objects.filter(pk__in=[row.pk for row in rows]).update(incident=made)
        noticed.update(incident=made)
        count = {"stations": len(named)}
        telling.enter(made, "split_from", by, {"incident_id": found.pk, "title": found.title})
        telling.tell(made, events.IncidentOpened)
        telling.enter(found, "split_off", by, {"incident_id": made.pk, "title": made.title, **count})
        telling.note_action(found, "split", by, {"into": made.pk, **count}, address)
        if found.auto_resolve and opening.is_over(found):
            opening.resolve_by_itself(found, by=by, why="the stations that were left are well again")
    return made


def _made(
    whole: Incident, rows: list[IncidentStation], noticed: list[IncidentCondition], by: str
) -> Incident:
    # What was merged with things of another kind is of its own kind again.
    kinds = {each.rule.kind for each in noticed}
    own = noticed[0] if len(kinds) == 1 and whole.kind not in kinds else None
    title, summary = (own.title, own.summary) if own else (whole.title, whole.summary)
    identities = list(dict.fromkeys(row.station.identity for row in rows))
    named = identities[0] if len(identities) == 1 else f"{len(identities)} stations"
    made_id = ulid.new()
    began_at = min(row.since for row in rows)
    return Incident.objects.create(
        id=made_id,
        network_id=whole.network_id,
        rule=own.rule if own else whole.rule,
        kind=own.rule.kind if own else whole.kind,
        severity=whole.severity,
        # Of its own: nothing that is found joins it.
        key=f"{whole.kind}:split:{made_id}",
        title=f"{named}, split off: {title}"[:200],
        summary=summary,
        evidence={"split_from": whole.pk},
        first_at=began_at,
        last_at=max(began_at, *(row.since for row in rows)),
        opened_at=clock.now(),
        opened_by=by[:200],
        auto_resolve=whole.auto_resolve,
        assignee=whole.assignee,
    )
