"""What is read of the uptime ledger."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet, Subquery

from emobi.core import clock
from emobi.core.models import AuditEntry, Event, EventCounter, Network
from stations.models import LedgerCursor, Outage, OutageCause, OutageExclusion, ServiceRecord, Station
from stations.services.ledger.outages import READ
from stations.uptime import FOREVER, History, Interval, Span


def complete_to(network: Network) -> datetime:
    """Until when the ledger knows what happened: now, unless it has yet to be written."""
    cursor = LedgerCursor.objects.filter(network=network).values("sequence")[:1]
    counted = EventCounter.objects.filter(network=network).values_list("value", Subquery(cursor))
    last, written = counted.first() or (0, 0)
    written = written or 0
    if written >= last:
        return clock.now()
    missing = Event.objects.filter(network=network, type__in=READ, sequence__gt=written)
    return missing.order_by("sequence").values_list("time", flat=True).first() or clock.now()


def histories(
    network: Network, stations: Collection[Station], begin: datetime, end: datetime
) -> Mapping[int, History]:
    """What the ledger has of these stations between two moments, by their keys, in four queries."""
    found = {station.pk: History() for station in stations}
    records = ServiceRecord.objects.filter(station__in=found)
    for station_id, evse_id, since in records.values_list("station_id", "evse_id", "since"):
        known = found[station_id].since
        known[evse_id] = since
        # A station is there as soon as something of it is.
        known[0] = min(since, known.get(0, since))
    lasted = list(outages(found, begin, end))
    by_us = {outage.began_event for outage in lasted if outage.cause == OutageCause.OURS}
    for outage in lasted:
        if outage.cause == OutageCause.OFFLINE and not outage.evse_id and outage.began_event not in by_us:
            found[outage.station_id].lost_at.append(outage.began_at)
        interval = Interval(evse_id=outage.evse_id, span=(outage.began_at, outage.ended_at or FOREVER))
        found[outage.station_id].outages.append(interval)
        if outage.cause == OutageCause.OURS:
            found[outage.station_id].excluded.append(interval)
    for exclusion in exclusions(found, begin, end).filter(withdrawn_at=None):
        span = (exclusion.from_at, exclusion.to_at)
        found[exclusion.station_id].excluded.append(Interval(evse_id=exclusion.evse_id, span=span))
    for station_id, spans in maintenance(network, stations).items():
        found[station_id].excluded += [Interval(evse_id=0, span=span) for span in spans]
    return found


def outages(station_ids: Collection[int], begin: datetime, end: datetime) -> QuerySet[Outage]:
    """Outages of these stations that lasted within a time."""
    return Outage.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=begin), station__in=station_ids, began_at__lt=end
    )


def outages_of(network: Network, begin: datetime, end: datetime) -> QuerySet[Outage]:
    """The same for a whole network, and for stations that it had."""
    lasted = Q(ended_at=None) | Q(ended_at__gt=begin)
    return Outage.objects.filter(lasted, network=network, began_at__lt=end)


def exclusions(station_ids: Collection[int], begin: datetime, end: datetime) -> QuerySet[OutageExclusion]:
    """What of a time was excluded by people, what was withdrawn with it."""
    return OutageExclusion.objects.filter(station__in=station_ids, from_at__lt=end, to_at__gt=begin)


def maintenance(network: Network, stations: Collection[Station]) -> Mapping[int, list[Span]]:
    """When these stations were in maintenance, by their keys, as the audit log has it.

    It has changes alone: a station that is in maintenance before the first was registered so.
    """
    of_identity = {station.identity: station for station in stations}
    found: dict[int, list[Span]] = {station.pk: [] for station in stations}
    changes = AuditEntry.objects.filter(
        network=network, action="station.changed", target__in=of_identity, detail__has_key="maintenance"
    ).order_by("id")
    for change in changes:
        station = of_identity[change.target]
        # Another station may have had the identity before.
        if change.at >= station.created_at:
            spans, switch = found[station.pk], change.detail["maintenance"]
            if switch["from"] and not spans:
                _switch(spans, station.created_at, on=True)
            _switch(spans, change.at, on=switch["to"])
    for station in stations:
        if station.maintenance and not found[station.pk]:
            _switch(found[station.pk], station.created_at, on=True)
    return found


def _switch(spans: list[Span], at: datetime, *, on: bool) -> None:
    """Begin a span, or end the one that goes on; twice is once."""
    goes_on = bool(spans) and spans[-1][1] == FOREVER
    if on and not goes_on:
        spans.append((at, FOREVER))
    elif goes_on and not on:
        spans[-1] = (spans[-1][0], at)
