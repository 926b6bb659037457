"""A network's events, read for its rules in the order of their commits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from emobi.core.models import Event, EventCounter
from stations.models import (
    IncidentCondition,
    IncidentKind,
    IncidentReader,
    IncidentRule,
    IncidentTally,
    SecurityEventEntry,
    Station,
)
from stations.security_event_types import canonical, spelt
from stations.services.incidents import conditions, counting, rules, signals, words
from stations.services.incidents.conditions import Found
from stations.services.incidents.counting import Counted
from stations.services.incidents.signals import Act, Signal

# Sequence numbers looked at in one pass.
PORTION = 2000


def read_on(reader: IncidentReader, network_rules: Sequence[IncidentRule]) -> bool:
    """Read the next portion of events; whether there is more. The reader's row is locked by the caller."""
    newest = EventCounter.objects.filter(network=reader.network_id).values_list("value", flat=True).first()
    upto = min(newest or 0, reader.sequence + PORTION)
    if upto <= reader.sequence:
        return False
    told = list(
        Event.objects.filter(
            network=reader.network_id,
            sequence__gt=reader.sequence,
            sequence__lte=upto,
            type__in=signals.TYPES,
        ).order_by("sequence")
    )
    _apply(told, reader, network_rules)
    reader.sequence = upto
    reader.save(update_fields=["sequence"])
    return upto < (newest or 0)


def _apply(told: Sequence[Event], reader: IncidentReader, network_rules: Sequence[IncidentRule]) -> None:
    identities = {event.station for event in told if event.station}
    stations = {
        station.identity: station
        for station in Station.objects.filter(network=reader.network_id, identity__in=identities)
    }
    read = [(event, signal) for event in told for signal in signals.read(event.type, event.data)]
    for rule in network_rules:
        of_kind = [(event, signal) for event, signal in read if signal.kind == rule.kind]
        if of_kind:
            _Rule(rule, stations).apply(of_kind)


class _Rule:
    """One rule, and what a portion of events means to it."""

    def __init__(self, rule: IncidentRule, stations: Mapping[str, Station]) -> None:
        self._rule = rule
        self._stations = stations
        # What is the case after the last of the events, and what has ended on the way.
        self._begun: dict[str, Found] = {}
        self._ended: set[str] = set()
        # What was counted before, of each station with the EVSE that it concerns, and what is counted now.
        self._before: defaultdict[int, list[tuple[int | None, Counted]]] = defaultdict(list)
        self._counted: dict[tuple[int, str], list[Counted]] = {}
        self._tallies: list[IncidentTally] = []

    def apply(self, read: Sequence[tuple[Event, Signal]]) -> None:
        self._read_before([event for event, signal in read if signal.act is Act.COUNTS])
        for event, signal in read:
            station = self._stations.get(event.station) if event.station else None
            if event.station and station is None:
                continue  # it was deleted meanwhile
            if signal.act is Act.COUNTS:
                if station is not None:
                    self._count(event.time, station, signal)
            elif signal.act is Act.ENDS:
                key = conditions.key(self._rule, station.pk if station else None, signal.place)
                self._end(key)
            elif signals.concerns(self._rule.params, signal):
                self._begin(event.time, station, signal, signal.evidence)
        IncidentTally.objects.bulk_create(self._tallies)
        conditions.end(self._rule, self._ended)
        conditions.begin(self._rule, self._begun.values())

    def _end(self, key: str) -> None:
        self._begun.pop(key, None)
        self._ended.add(key)

    def _begin(
        self, at: datetime, station: Station | None, signal: Signal, evidence: Mapping[str, Any]
    ) -> None:
        rule, kind = self._rule, IncidentKind(self._rule.kind)
        key = conditions.key(rule, station.pk if station else None, signal.place)
        if key in self._begun:
            return
        name = station.identity if station else ""
        self._begun[key] = Found(
            station=station,
            evse_id=signal.evse_id,
            place=signal.place,
            since=at,
            title=words.title(kind, name, signal.evse_id, evidence),
            summary=words.summary(kind, evidence, rule.params),
            evidence=evidence,
        )

    def _count(self, at: datetime, station: Station, signal: Signal) -> None:
        rule, kind = self._rule, IncidentKind(self._rule.kind)
        if not rules.takes(rule, station):
            return
        what = counting.what(kind, rule.params, signal)
        counted = self._so_far(station, signal, at)
        counted.append(Counted(at, what))
        self._tallies.append(
            IncidentTally(rule=rule, station=station, evse_id=signal.evse_id, at=at, what=what)
        )
        if counting.is_too_much(kind, rule.params, counted):
            self._begin(at, station, signal, {**signal.evidence, **_figures(counted)})
        elif counting.is_over(kind, rule.params, counted, at):
            self._end(conditions.key(rule, station.pk, signal.place))

    def _read_before(self, told: Sequence[Event]) -> None:
        """What was counted of their stations, the oldest first, in one query: a busy fleet's are hundreds."""
        if not told:
            return
        rows = IncidentTally.objects.filter(
            rule=self._rule,
            station__in={station.pk for each in told if (station := self._stations.get(each.station or ""))},
            at__gte=min(event.time for event in told) - self._window(),
        )
        for station_id, evse_id, at, what in rows.order_by("at", "pk").values_list(
            "station", "evse_id", "at", "what"
        ):
            self._before[station_id].append((evse_id, Counted(at, what)))

    def _so_far(self, station: Station, signal: Signal, at: datetime) -> list[Counted]:
        key = (station.pk, signal.place)
        if key not in self._counted:
            since = at - self._window()
            self._counted[key] = [
                counted
                for evse_id, counted in self._before[station.pk]
                if counted.at >= since and signal.evse_id in (None, evse_id)
            ]
        return self._counted[key]

    def _window(self) -> timedelta:
        return counting.window(IncidentKind(self._rule.kind), self._rule.params)


def _figures(counted: Sequence[Counted]) -> dict[str, int]:
    kinds = [each.what for each in counted]
    return {
        "changes": kinds.count(signals.CHANGE),
        "drops": kinds.count(signals.DROP),
        "boots": kinds.count(signals.BOOT),
        "failed": kinds.count(signals.FAILED),
    }


def end_what_stopped(rule: IncidentRule, now: datetime) -> None:
    """End what a counting rule noticed, where it has stopped; forget what it counted too long ago."""
    kind = IncidentKind(rule.kind)
    since = now - counting.window(kind, rule.params)
    over = []
    for condition in IncidentCondition.objects.filter(rule=rule):
        rows = IncidentTally.objects.filter(rule=rule, station=condition.station_id, at__gte=since)
        if condition.evse_id is not None:
            rows = rows.filter(evse_id=condition.evse_id)
        counted = [Counted(row.at, row.what) for row in rows.order_by("at", "pk")]
        if counting.is_over(kind, rule.params, counted, now):
            over.append(condition.key)
    conditions.end(rule, over, "it has been quiet since")
    IncidentTally.objects.filter(rule=rule, at__lt=since).delete()


def end_what_is_past(rule: IncidentRule, now: datetime) -> None:
    """End what a rule noticed that happens at a moment, where it hasn't happened again for long enough."""
    since = now - timedelta(seconds=rule.params["quiet_s"])
    past = []
    for condition in IncidentCondition.objects.filter(rule=rule, since__lt=since):
        said = SecurityEventEntry.objects.filter(
            station=condition.station_id, type__in=spelt(canonical(condition.evidence["event_type"]))
        )
        if not said.filter(received_at__gte=since).exists():
            past.append(condition.key)
    conditions.end(rule, past, "it hasn't happened again")
