"""What a rule would have opened in the last days, stored or edited, without opening anything.

Rules that go by events are held against the events that were recorded; those that go by rows against the rows
as they are now, for nobody remembers how they were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction

from emobi.core import clock, unit_of_work
from emobi.core.models import Event, Network
from stations.models import IncidentKind, IncidentRule, Severity, Station
from stations.services.incidents import counting, due, grouping, passes, rules, signals, words
from stations.services.incidents.counting import Counted
from stations.services.incidents.grouping import Member
from stations.services.incidents.opening import REOPENS
from stations.services.incidents.signals import Act, Signal

DAYS = 7
# The newest of so many events are looked at, and so many incidents are told.
MOST_EVENTS = 200_000
MOST_TOLD = 200
MOST_NAMED = 50

# What each kind goes by.
TYPES: dict[IncidentKind, tuple[str, ...]] = {
    IncidentKind.OFFLINE: ("station.offline", "station.online"),
    IncidentKind.FLAPPING: ("station.offline", "station.online", "station.disconnected"),
    IncidentKind.FAULT: ("station.fault", "station.fault_cleared"),
    IncidentKind.REBOOT_LOOP: ("station.booted",),
    IncidentKind.FAILED_STARTS: ("session.ended",),
    IncidentKind.SECURITY_EVENT: ("security.event",),
    IncidentKind.WEBHOOK_FAILING: ("webhook.failing", "webhook.disabled", "webhook.recovered"),
}


@dataclass(kw_only=True)
class WouldBe:
    """An incident that the rule would have opened.

    Attributes:
        ended_at: None: it would be open still.
    """

    title: str
    severity: str
    began_at: datetime
    opened_at: datetime
    ended_at: datetime | None
    identities: list[str]
    stations: int
    occurrences: int = 1


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a back-test.

    Attributes:
        basis: What it was held against.
        events: How many of them were looked at.
        total: How many incidents there would have been; ``would_be`` are the newest.
    """

    basis: Literal["events", "now"]
    since: datetime
    until: datetime
    events: int
    total: int
    stations: int
    would_be: list[WouldBe]


@dataclass
class _Span:
    """Something was the case, at one place, from a time to another."""

    station: Station | None
    title: str
    since: datetime
    until: datetime | None = None
    last: datetime | None = None
    counted: list[Counted] = field(default_factory=list)

    def lasted(self, now: datetime) -> timedelta:
        return (self.until or now) - self.since


def run(
    rule: IncidentRule, also: Mapping[IncidentKind, passes.Finder] | None = None, *, days: int = DAYS
) -> Result:
    """Hold a rule, which may have changes that aren't saved, against what was. Nothing is written."""
    now = clock.now()
    since = now - timedelta(days=days)
    kind = IncidentKind(rule.kind)
    if kind in TYPES:
        told = _events(rule.network, kind, since)
        would_be = _incidents(rule, _spans(rule, told, now), now)
        count = len(told)
    else:
        would_be = _now(rule, {**passes.FINDERS, **(also or {})}[kind], now)
        count = 0
    would_be.sort(key=lambda each: each.opened_at, reverse=True)
    return Result(
        basis="events" if kind in TYPES else "now",
        since=since,
        until=now,
        events=count,
        total=len(would_be),
        stations=len({identity for each in would_be for identity in each.identities}),
        would_be=[_bounded(each) for each in would_be[:MOST_TOLD]],
    )


def _bounded(would_be: WouldBe) -> WouldBe:
    would_be.identities = would_be.identities[:MOST_NAMED]
    return would_be


def _events(network: Network, kind: IncidentKind, since: datetime) -> list[Event]:
    newest = (
        Event.objects.filter(network=network, type__in=TYPES[kind], time__gte=since)
        .only("type", "station", "time", "data", "sequence")
        .order_by("-sequence")[:MOST_EVENTS]
    )
    return list(reversed(newest))


def _spans(rule: IncidentRule, told: Iterable[Event], now: datetime) -> list[_Span]:
    """When and where what the rule looks out for was the case."""
    stations = {each.identity: each for each in Station.objects.filter(network=rule.network_id)}
    counts = rule.kind in passes.COUNTING
    running: dict[str, _Span] = {}
    counted: dict[str, list[Counted]] = {}
    spans: list[_Span] = []
    for event in told:
        station = stations.get(event.station) if event.station else None
        if event.station and (station is None or not rules.takes(rule, station)):
            continue
        for signal in signals.read(event.type, event.data):
            if signal.kind != rule.kind:
                continue
            place = f"{event.station or ''}:{signal.place}"
            if counts:
                _count(rule, event, signal, station, place, counted, running, spans)
            elif signal.act is Act.ENDS:
                if place in running:
                    running.pop(place).until = event.time
            elif rule.kind in signals.MOMENTARY:
                _happen(rule, event, signal, station, place, running, spans)
            elif place not in running and signals.concerns(rule.params, signal):
                running[place] = _begin(rule, event, signal, station, spans)
    if rule.kind in signals.MOMENTARY:
        for span in running.values():
            _end_past(rule, span, now)
    if counts:
        for place, span in running.items():
            _end_quiet(rule, span, counted[place], now)
    return spans


def _begin(
    rule: IncidentRule, event: Event, signal: Signal, station: Station | None, spans: list[_Span]
) -> _Span:
    title = words.title(IncidentKind(rule.kind), event.station or "", signal.evse_id, signal.evidence)
    spans.append(_Span(station=station, title=title, since=event.time))
    return spans[-1]


def _happen(
    rule: IncidentRule,
    event: Event,
    signal: Signal,
    station: Station | None,
    place: str,
    running: dict[str, _Span],
    spans: list[_Span],
) -> None:
    """What happens at a moment lasts until it hasn't happened again for long enough."""
    if not signals.concerns(rule.params, signal):
        return
    if place not in running or _end_past(rule, running[place], event.time):
        running[place] = _begin(rule, event, signal, station, spans)
    running[place].last = event.time


def _end_past(rule: IncidentRule, span: _Span, now: datetime) -> bool:
    over_at = (span.last or span.since) + timedelta(seconds=rule.params["quiet_s"])
    if over_at < now:
        span.until = over_at
    return over_at < now


def _count(
    rule: IncidentRule,
    event: Event,
    signal: Signal,
    station: Station | None,
    place: str,
    counted: dict[str, list[Counted]],
    running: dict[str, _Span],
    spans: list[_Span],
) -> None:
    kind = IncidentKind(rule.kind)
    so_far = counted.setdefault(place, [])
    if place in running and _end_quiet(rule, running[place], so_far, event.time):
        del running[place]
    so_far.append(Counted(event.time, counting.what(kind, rule.params, signal)))
    del so_far[: -max(1000, 2 * rule.params["count"])]
    if counting.is_too_much(kind, rule.params, so_far):
        if place not in running:
            running[place] = _begin(rule, event, signal, station, spans)
    elif place in running and counting.is_over(kind, rule.params, so_far, event.time):
        running.pop(place).until = event.time


def _end_quiet(rule: IncidentRule, span: _Span, counted: list[Counted], now: datetime) -> bool:
    """End what had been quiet for long enough by then; whether it was."""
    kind = IncidentKind(rule.kind)
    if not counting.is_over(kind, rule.params, counted, now):
        return False
    quiet_s = rule.params.get("quiet_s", rule.params["window_s"])
    span.until = counted[-1].at + timedelta(seconds=quiet_s)
    return True


def _incidents(rule: IncidentRule, spans: list[_Span], now: datetime) -> list[WouldBe]:
    if rule.kind in due.GROUPED:
        return _grouped(rule, spans, now)
    return _alone(rule, spans, now)


def _alone(rule: IncidentRule, spans: list[_Span], now: datetime) -> list[WouldBe]:
    """Incidents of one station each. What comes back soon is the same one again."""
    wait = timedelta(seconds=rule.for_s)
    found: list[WouldBe] = []
    last: dict[str, WouldBe] = {}
    for span in sorted(spans, key=lambda each: each.since):
        if span.lasted(now) < wait:
            continue
        before = last.get(span.title)
        if before is not None and before.ended_at is not None and span.since - before.ended_at < REOPENS:
            before.occurrences += 1
            before.ended_at = span.until
            continue
        last[span.title] = WouldBe(
            title=span.title,
            severity=rule.severity,
            began_at=span.since,
            opened_at=span.since + wait,
            ended_at=span.until,
            identities=[span.station.identity] if span.station else [],
            stations=1 if span.station else 0,
        )
        found.append(last[span.title])
    return found


def _grouped(rule: IncidentRule, spans: list[_Span], now: datetime) -> list[WouldBe]:
    """The same, where many at once are one."""
    within = timedelta(seconds=rule.params["within_s"])
    left = [span for span in sorted(spans, key=lambda each: each.since) if span.lasted(now) >= grouping.QUIET]
    reachable = due.counts_of_well(rule.network, ())
    found: list[WouldBe] = []
    alone: list[_Span] = []
    while left:
        first = left[0].since
        together = [span for span in left if span.since <= first + within]
        left = left[len(together) :]
        if len({span.station for span in together}) < rule.params["mass_of"]:
            lasting = [span for span in together if span.lasted(now) >= timedelta(seconds=rule.for_s)]
        else:
            lasting = together
        members = {str(number): (span, _member(str(number), span)) for number, span in enumerate(lasting)}
        lost = grouping.count(member.attributes for _, member in members.values())
        groups, _ = grouping.find(
            [member for _, member in members.values()],
            {attribute: count - lost.get(attribute, 0) for attribute, count in reachable.items()},
            group_of=rule.params["group_of"],
            mass_of=rule.params["mass_of"],
            within=within,
            now=first + within,
        )
        for group in groups:
            of_group = [members.pop(key)[0] for key in group.keys]
            found.append(_group(rule, grouping.label(group.by), of_group))
        alone += [span for span, _ in members.values()]
    return [*found, *_alone(rule, alone, now)]


def _member(key: str, span: _Span) -> Member:
    return Member(
        key=key,
        station=span.station.identity if span.station else "",
        since=span.since,
        due_at=span.since,
        attributes=due.attributes_of(span.station) if span.station else frozenset(),
    )


def _group(rule: IncidentRule, label: str, spans: list[_Span]) -> WouldBe:
    identities = list(dict.fromkeys(span.station.identity for span in spans if span.station))
    ends = [span.until for span in spans]
    return WouldBe(
        title=words.group_title(IncidentKind(rule.kind), len(identities), label),
        severity=due.group_severity(rule, len(identities)),
        began_at=spans[0].since,
        opened_at=spans[0].since + grouping.QUIET,
        ended_at=max((end for end in ends if end), default=None) if None not in ends else None,
        identities=identities,
        stations=len(identities),
    )


def _now(rule: IncidentRule, finder: passes.Finder, now: datetime) -> list[WouldBe]:
    """What the rule finds in the rows as they are. What finding writes is taken back."""
    with unit_of_work.begin(), transaction.atomic():
        found = list(finder(rule.network, rule, now))
        transaction.set_rollback(True)
    return [
        WouldBe(
            title=each.title,
            severity=each.severity or Severity(rule.severity),
            began_at=each.since,
            opened_at=each.since + timedelta(seconds=rule.for_s),
            ended_at=None,
            identities=[each.station.identity] if each.station else [],
            stations=1 if each.station else 0,
        )
        for each in found
        if each.station is None or rules.takes(rule, each.station)
    ]
