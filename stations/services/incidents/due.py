"""From conditions that have lasted long enough to incidents: by themselves, or together. Needs the open unit
of work, and the network's reader locked (`passes`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from emobi.core import clock
from emobi.core.models import Network
from stations.models import (
    Connectivity,
    Incident,
    IncidentCondition,
    IncidentKind,
    IncidentRule,
    IncidentState,
    Resolution,
    Severity,
    Station,
)
from stations.services.incidents import grouping, handling, opening, rules, telling, words
from stations.services.incidents.grouping import Attribute, Member
from stations.services.incidents.opening import Affected, Finding

GROUPED = (IncidentKind.OFFLINE, IncidentKind.FAULT)
# Those of a mass loss share nothing but the moment: it takes in others for so many times `within_s` from its
# beginning, lest it swallow every loss of the day. As shipped it is six minutes: heartbeats every five are
# missed within five of each other.
MASS_LASTS = 4


def open_due(network: Network, network_rules: Sequence[IncidentRule]) -> None:
    """Open what is due, and let grow what is larger than it was known to be."""
    waiting: dict[int, list[IncidentCondition]] = {}
    for condition in (
        IncidentCondition.objects.filter(rule__in=[rule.pk for rule in network_rules], opened=False)
        .select_related("station__connection", "incident")
        .order_by("since", "pk")
    ):
        waiting.setdefault(condition.rule_id, []).append(condition)
    for rule in network_rules:
        found = waiting.get(rule.pk, [])
        # Who is being worked on opens none, for as long as it is.
        found = [each for each in found if each.station is None or rules.takes(rule, each.station)]
        if found and rule.kind in GROUPED:
            found = _Together(network, rule).take(found)
        now = clock.now()
        for condition in found:
            if condition.due_at <= now:
                _open_one(network, rule, condition)


def _open_one(network: Network, rule: IncidentRule, condition: IncidentCondition) -> None:
    station = condition.station
    flapping = _flapping(station) if rule.kind == IncidentKind.OFFLINE and station else None
    if flapping is not None:
        _mark([condition], flapping)
        return
    affected = (
        [Affected(station=station, evse_id=condition.evse_id, since=condition.since)] if station else []
    )
    finding = Finding(
        kind=IncidentKind(rule.kind),
        key=condition.key,
        severity=Severity(condition.severity),
        title=condition.title,
        summary=condition.summary,
        evidence=condition.evidence,
        affected=affected,
        since=condition.since,
    )
    merged = condition.incident
    if merged is not None and merged.state != IncidentState.RESOLVED and merged.key != condition.key:
        opening.join(merged, finding)
        _mark([condition], merged)
        return
    # It was over, while something else that its incident is about wasn't.
    is_back = station is None and merged is None and opening.is_open(network, condition.key)
    incident = opening.open_or_join(network, finding, rule=rule)
    if is_back:
        telling.enter(incident, "returned", telling.BY_RULE, {"what": condition.title})
    _mark([condition], incident)
    if rule.kind == IncidentKind.FLAPPING and station is not None:
        _take_in_offline(incident, station)


def _flapping(station: Station) -> Incident | None:
    """What says already that the station loses its connection again and again."""
    return (
        Incident.objects.filter(
            kind=IncidentKind.FLAPPING, affected__station=station, affected__recovered_at=None
        )
        .exclude(state=IncidentState.RESOLVED)
        .first()
    )


def _take_in_offline(flapping: Incident, station: Station) -> None:
    """A station that flaps has one incident, not one for each time that it was lost."""
    alone = list(
        Incident.objects.filter(
            network=flapping.network_id, kind=IncidentKind.OFFLINE, group="", affected__station=station
        ).exclude(state=IncidentState.RESOLVED)
    )
    if alone:
        handling.merge(flapping, alone, by=telling.BY_RULE)


def release_after_flapping(network_rules: Sequence[IncidentRule]) -> None:
    """A station that flaps no more but stays away is offline, and that is an incident."""
    IncidentCondition.objects.filter(
        rule__in=[rule.pk for rule in network_rules if rule.kind == IncidentKind.OFFLINE],
        opened=True,
        incident__kind=IncidentKind.FLAPPING,
        incident__state=IncidentState.RESOLVED,
    ).update(opened=False, incident=None)


def _mark(found: Sequence[IncidentCondition], incident: Incident) -> None:
    IncidentCondition.objects.filter(pk__in=[each.pk for each in found]).update(
        incident=incident, opened=True
    )


class _Together:
    """One rule, whose conditions may belong together."""

    def __init__(self, network: Network, rule: IncidentRule) -> None:
        self._network = network
        self._rule = rule
        self._params = rule.params
        self._within = timedelta(seconds=rule.params["within_s"])

    def take(self, found: list[IncidentCondition]) -> list[IncidentCondition]:
        """Let those that belong together open a group's incident, or join one; the others."""
        left = self._join(found)
        members = {each.key: _member(each) for each in left}
        if grouping.stations(members.values()) < self._params["group_of"]:
            return left
        reachable = counts_of_well(self._network, {each.station_id for each in left if each.station_id})
        groups, bursting = grouping.find(
            list(members.values()),
            reachable,
            group_of=self._params["group_of"],
            mass_of=self._params["mass_of"],
            within=self._within,
            now=clock.now(),
        )
        by_key = {each.key: each for each in left}
        for group in groups:
            self._open(group.by, [by_key.pop(key) for key in group.keys], reachable)
        # A mass loss that isn't over yet takes in all of them in a moment.
        return [each for each in by_key.values() if each.key not in bursting]

    def _join(self, found: list[IncidentCondition]) -> list[IncidentCondition]:
        left = list(found)
        for incident in (
            Incident.objects.filter(network=self._network, rule=self._rule)
            .exclude(group="")
            .exclude(state=IncidentState.RESOLVED)
            .order_by("pk")
        ):
            by = (incident.evidence.get("by", grouping.NETWORK), incident.evidence.get("value", ""))
            known = _recovered_at(incident)
            joins = [
                each
                for each in left
                if (each.station_id in known and _is_the_same(each.since, known[each.station_id]))
                or (
                    self._is_near(each.since, incident, by)
                    and (by[0] == grouping.NETWORK or by in _member(each).attributes)
                )
            ]
            if joins:
                self._open(by, joins, None, incident)
                left = [each for each in left if each not in joins]
        return left

    def _is_near(self, since: datetime, incident: Incident, by: Attribute) -> bool:
        until = incident.last_at + self._within
        if by[0] == grouping.NETWORK:
            until = min(until, (incident.reopened_at or incident.first_at) + MASS_LASTS * self._within)
        return incident.first_at - self._within <= since <= until

    def _open(
        self,
        by: Attribute,
        found: list[IncidentCondition],
        reachable: Mapping[Attribute, int] | None,
        incident: Incident | None = None,
    ) -> None:
        stations = {each.station.pk: each.station for each in found if each.station is not None}
        if incident is not None:
            before = incident.affected.select_related("station__connection")
            stations |= {row.station_id: row.station for row in before}
        if reachable is None:
            reachable = counts_of_well(self._network, stations.keys())
        shared, label = self._label(by, list(stations.values()), reachable)
        well = reachable.get(shared, 0) if shared else 0
        kind = IncidentKind(self._rule.kind)
        of = sum(shared in attributes_of(each, "") for each in stations.values()) if shared else 0
        finding = Finding(
            kind=kind,
            key=incident.key if incident else self._key(by, found),
            severity=group_severity(self._rule, len(stations)),
            title=words.group_title(kind, len(stations), label),
            summary=words.group_summary(kind, label, of, of + well if of else 0),
            group=label,
            evidence={"by": by[0], "value": by[1], "stations": len(stations), "still_well": well},
            affected=[
                Affected(station=each.station, evse_id=each.evse_id, since=each.since)
                for each in found
                if each.station is not None
            ],
        )
        _mark(found, opening.open_or_join(self._network, finding, rule=self._rule))

    def _key(self, by: Attribute, found: Sequence[IncidentCondition]) -> str:
        """What has just ended by itself begins again; beside one that hasn't ended, another one begins."""
        key = f"{self._rule.kind}:{self._rule.pk}:{by[0]}:{by[1]}"
        of_rule = Incident.objects.filter(network=self._network, rule=self._rule)
        ended = of_rule.filter(
            evidence__by=by[0],
            evidence__value=by[1],
            resolution=Resolution.BY_ITSELF,
            resolved_at__gt=clock.now() - opening.REOPENS,
        )
        if again := ended.order_by("-pk").values_list("key", flat=True).first():
            return again
        if of_rule.filter(key=key[:200]).exclude(state=IncidentState.RESOLVED).exists():
            began = min(each.since for each in found)
            return f"{self._rule.kind}:{self._rule.pk}:{by[0]}:{began:%Y%m%dT%H%M%S}:{by[1]}"
        return key

    def _label(
        self, by: Attribute, stations: list[Station], reachable: Mapping[Attribute, int]
    ) -> tuple[Attribute | None, str]:
        """What the stations of a group have in common, and that in words."""
        if by[0] != grouping.NETWORK:
            return by, grouping.label(by)
        members = [
            Member(
                key=each.identity,
                station=each.identity,
                since=each.created_at,
                due_at=each.created_at,
                attributes=attributes_of(each),
            )
            for each in stations
        ]
        shared = grouping.best(members, reachable, group_of=2, least_shared=grouping.LEAST_SHARED)
        return shared, grouping.label(shared)


def _recovered_at(incident: Incident) -> dict[int, datetime | None]:
    """By station, when the last of it was well again; None: it still is affected."""
    found: dict[int, datetime | None] = {}
    for station_id, at in incident.affected.values_list("station", "recovered_at"):
        before = found.get(station_id, at)
        found[station_id] = max(before, at) if before and at else None
    return found


def _is_the_same(since: datetime, recovered_at: datetime | None) -> bool:
    """Whether who is lost since then never was well, or has only just been."""
    return recovered_at is None or since <= recovered_at + opening.REOPENS


def group_severity(rule: IncidentRule, count: int) -> Severity:
    """How bad it is when so many stations are affected: never less than the rule says."""
    least = Severity.CRITICAL if count >= rule.params["critical_from"] else Severity.MAJOR
    return min(least, Severity(rule.severity), key=lambda each: each.rank)


def _member(condition: IncidentCondition) -> Member:
    code = str(condition.evidence.get("error_code") or "")
    station = condition.station
    return Member(
        key=condition.key,
        station=station.identity if station else "",
        since=condition.since,
        due_at=condition.due_at,
        attributes=attributes_of(station, code) if station else frozenset(),
    )


def attributes_of(station: Station, code: str = "") -> frozenset[Attribute]:
    connection = getattr(station, "connection", None)
    return grouping.attributes(
        site=station.site,
        remote_address=connection.remote_address if connection else "",
        gateway=connection.gateway if connection else "",
        firmware=_firmware(station.vendor, station.model, station.firmware_version),
        code=code,
    )


def _firmware(vendor: str, model: str, version: str) -> str:
    return f"{vendor} {model} {version}".strip() if version else ""


def counts_of_well(network: Network, but: Collection[int]) -> dict[Attribute, int]:
    """How many stations with each attribute are well."""
    rows = (
        Station.objects.filter(network=network, connectivity__in=[Connectivity.ONLINE, Connectivity.SILENT])
        .exclude(pk__in=but)
        .values_list(
            "site",
            "connection__remote_address",
            "connection__gateway",
            "vendor",
            "model",
            "firmware_version",
        )
    )
    return grouping.count(
        grouping.attributes(
            site=site,
            remote_address=address or "",
            gateway=gateway or "",
            firmware=_firmware(vendor, model, version),
        )
        for site, address, gateway, vendor, model, version in rows
    )
