"""One look at a network: its new events, its rows, what is due. Any number of processes may look, any time.

A pass locks the network's reader, so that one process at a time works for a network; what it finds, what
follows from it, and how far it has read are committed together. Nothing here depends on beat: gateway
processes stand in while no worker is heard.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from emobi.core import clock, unit_of_work
from emobi.core.models import EventCounter, Network
from emobi.core.walls import apart
from stations.models import IncidentCondition, IncidentKind, IncidentReader, IncidentRule
from stations.services.incidents import conditions, due, findings, handling, reading, rules, signals
from stations.services.incidents.conditions import Found

# How often rows are looked at, whatever events say.
LOOKS_EVERY = timedelta(seconds=30)

# One sweep reads so many portions of a network's events; the next one follows in a second.
MOST_PORTIONS = 10
WITHIN_S = 30.0

COUNTING = (IncidentKind.FLAPPING, IncidentKind.REBOOT_LOOP, IncidentKind.FAILED_STARTS)

type Finder = Callable[[Network, IncidentRule, datetime], Iterable[Found]]

FINDERS: dict[IncidentKind, Finder] = {
    IncidentKind.OFFLINE: findings.offline,
    IncidentKind.FAULT: findings.faults,
    IncidentKind.CLOCK_SKEW: findings.wrong_clocks,
    IncidentKind.CERTIFICATE_EXPIRING: findings.certificates,
    IncidentKind.CERTIFICATE_FAILED: findings.failed_certificates,
    IncidentKind.DEVIATION_RATE: findings.deviations,
}


def sweep(also: Mapping[IncidentKind, Finder] | None = None, *, within_s: float = WITHIN_S) -> None:
    """Look at every network for which there is something to do; ``also``: finders of the apps above.

    Reads no other portion of events after ``within_s``.
    """
    until = time.monotonic() + within_s
    rules.seed_new()
    for network_id in _waiting():
        looked = False
        with apart(network_id, "incidents"):
            for _ in range(MOST_PORTIONS):
                if not look_at(network_id, also or {}) or time.monotonic() >= until:
                    break
            looked = True
        if not looked:
            # Its turn comes after that of the others.
            IncidentReader.objects.filter(pk=network_id).update(swept_at=clock.now())
        if time.monotonic() >= until:
            break
    handling.wake_due()


def _waiting() -> list[int]:
    """Networks with unread events, with conditions that are no incident yet, or not looked at lately."""
    unread = EventCounter.objects.filter(
        value__gt=Coalesce(F("network__incident_reader__sequence"), 0)
    ).values("network")
    pending = IncidentCondition.objects.filter(opened=False).values("rule__network")
    stale = Q(swept_at=None) | Q(swept_at__lte=clock.now() - LOOKS_EVERY)
    readers = IncidentReader.objects.filter(Q(network__in=unread) | Q(network__in=pending) | stale)
    # Who was looked at longest ago first: a sweep that is out of time leaves nobody out for good.
    return list(readers.order_by(F("swept_at").asc(nulls_first=True), "pk").values_list("pk", flat=True))


def look_at(network_id: int, also: Mapping[IncidentKind, Finder]) -> bool:
    """Look at one network; whether there is more to read. Nothing happens while another process looks."""
    with unit_of_work.begin():
        reader = (
            IncidentReader.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("network")
            .filter(pk=network_id)
            .first()
        )
        if reader is None:
            return False
        network = reader.network
        of_network = IncidentRule.objects.filter(network=network).order_by("pk")
        enabled = [rule for rule in of_network if rule.enabled]
        more = reading.read_on(reader, enabled)
        now = clock.now()
        if reader.swept_at is None or reader.swept_at <= now - LOOKS_EVERY:
            _look_at_rows(network, list(of_network), also, now)
            reader.swept_at = now
            reader.save(update_fields=["swept_at"])
        # What is read later may say that it is over.
        if not more:
            due.open_due(network, enabled)
    return more


def _look_at_rows(
    network: Network, network_rules: list[IncidentRule], also: Mapping[IncidentKind, Finder], now: datetime
) -> None:
    finders = {**FINDERS, **also}
    for rule in network_rules:
        kind = IncidentKind(rule.kind)
        if not rule.enabled:
            conditions.hold(rule, [], "its rule is switched off")
        elif kind in finders:
            conditions.hold(rule, finders[kind](network, rule, now))
        elif kind in COUNTING:
            reading.end_what_stopped(rule, now)
        elif kind in signals.MOMENTARY:
            reading.end_what_is_past(rule, now)
    due.release_after_flapping(network_rules)
