"""Rules that open incidents: what every network starts with, and how they are changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import EventCounter, Network
from emobi.core.services import audit
from stations.models import IncidentCondition, IncidentKind, IncidentReader, IncidentRule, Severity, Station
from stations.services.incidents.parameters import PARAMETERS

LONGEST_FOR_S = 7 * 86_400
SCOPE = ("site", "tag", "vendor", "model")

# A network whose events nobody has read for its rules yet: they begin with so many of the newest.
READS_BACK = 1000


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """A rule that every network starts with."""

    kind: IncidentKind
    name: str
    severity: Severity
    for_s: int = 0
    auto_resolve: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)


SHIPPED = (
    Shipped(kind=IncidentKind.OFFLINE, name="Station offline", severity=Severity.MAJOR, for_s=30),
    Shipped(kind=IncidentKind.FLAPPING, name="Connection flapping", severity=Severity.MINOR),
    Shipped(kind=IncidentKind.FAULT, name="Fault reported", severity=Severity.MAJOR, for_s=10),
    Shipped(kind=IncidentKind.REBOOT_LOOP, name="Reboot loop", severity=Severity.MAJOR),
    Shipped(kind=IncidentKind.FAILED_STARTS, name="Charging fails to start", severity=Severity.MAJOR),
    Shipped(
        kind=IncidentKind.NO_METER_VALUES, name="No meter values while charging", severity=Severity.MINOR
    ),
    Shipped(kind=IncidentKind.ZOMBIE_SESSION, name="Zombie session", severity=Severity.MINOR),
    Shipped(kind=IncidentKind.CLOCK_SKEW, name="Clock is wrong", severity=Severity.MINOR, for_s=600),
    Shipped(kind=IncidentKind.CERTIFICATE_EXPIRING, name="Certificate expires", severity=Severity.MINOR),
    Shipped(kind=IncidentKind.CERTIFICATE_FAILED, name="Certificate doesn't arrive", severity=Severity.MAJOR),
    # It has happened, and doesn't undo itself: somebody has to say that it is all right.
    Shipped(
        kind=IncidentKind.SECURITY_EVENT,
        name="Critical security event",
        severity=Severity.MAJOR,
        auto_resolve=False,
    ),
    Shipped(kind=IncidentKind.DEVIATION_RATE, name="Deviates from OCPP", severity=Severity.INFO),
    Shipped(kind=IncidentKind.WEBHOOK_FAILING, name="Webhook fails", severity=Severity.MAJOR),
)


def seed(network: Network) -> None:
    """Give a network the rules that all have, and a reader of its events. What is there stays as it is."""
    now = clock.now()
    with unit_of_work.begin():
        IncidentRule.objects.bulk_create(
            (
                IncidentRule(
                    network=network,
                    name=each.name,
                    kind=each.kind,
                    severity=each.severity,
                    params={**PARAMETERS[each.kind].defaults(), **each.params},
                    for_s=each.for_s,
                    auto_resolve=each.auto_resolve,
                    shipped=True,
                    changed_at=now,
                    changed_by="system:setup",
                )
                for each in SHIPPED
            ),
            ignore_conflicts=True,
        )
        last = EventCounter.objects.filter(network=network).values_list("value", flat=True).first() or 0
        IncidentReader.objects.get_or_create(
            network=network, defaults={"sequence": max(0, last - READS_BACK)}
        )


def seed_new() -> int:
    """Seed the networks that have no reader yet; how many. Any number may run, at any time."""
    new = list(Network.objects.filter(incident_reader=None).order_by("pk"))
    for network in new:
        seed(network)
    return len(new)


def of_network(network: Network, rule_id: int) -> IncidentRule:
    """A rule of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    found = IncidentRule.objects.filter(network=network, pk=rule_id).first()
    if found is None:
        raise NotFound("There is no such rule.")
    return found


def create(
    network: Network,
    *,
    name: str,
    kind: str,
    by: str,
    address: str | None = None,
    **said: Any,  # noqa: ANN401 - each field has its type, `edited` checks it
) -> IncidentRule:
    """Add a rule of a kind that there is, for instance with a scope of its own.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If there is a rule of that name.
    """
    if kind not in PARAMETERS:
        raise Invalid(f"{kind!r} is no kind of rule; one of {', '.join(PARAMETERS)}.", "kind")
    made = IncidentRule(
        network=network,
        kind=kind,
        severity=Severity.MINOR,
        params=PARAMETERS[IncidentKind(kind)].defaults(),
        changed_at=clock.now(),
        changed_by=by[:200],
    )
    edited(made, {"name": name, **said})
    with unit_of_work.begin():
        _demand_name_is_free(made)
        made.save(force_insert=True)
        audit.record(network.pk, by, "incident_rule.created", made.name, plain(made), address)
    return made


def change(
    rule: IncidentRule, changes: Mapping[str, Any], *, by: str, address: str | None = None
) -> IncidentRule:
    """Change a rule. What it has noticed, and is no incident yet, has to last as long as it says now.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If another rule has that name.
    """
    with unit_of_work.begin():
        # Whoever looks at the network's conditions goes by the rule as it was, and ends before.
        IncidentReader.objects.select_for_update(no_key=True).filter(pk=rule.network_id).first()
        found = IncidentRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        before, lasted = plain(found), found.for_s
        edited(found, changes)
        after = plain(found)
        if before != after:
            _demand_name_is_free(found)
            found.changed_at, found.changed_by = clock.now(), by[:200]
            found.save()
            if found.for_s != lasted:
                _wait_anew(found)
            detail = {"before": before, "after": after}
            audit.record(found.network_id, by, "incident_rule.changed", found.name, detail, address)
    return found


def _wait_anew(rule: IncidentRule) -> None:
    """What waits is due by the rule as it is now; what was an incident already, and got worse, at once."""
    waiting = IncidentCondition.objects.filter(rule=rule, opened=False, incident=None)
    waiting.update(due_at=F("since") + timedelta(seconds=rule.for_s))


def edited(rule: IncidentRule, changes: Mapping[str, Any]) -> IncidentRule:
    """The rule with changes that are checked, unsaved.

    Raises:
        Invalid: If a value can't be taken.
    """
    for name, value in changes.items():
        match name:
            case "name":
                if not isinstance(value, str) or not 1 <= len(value.strip()) <= 80 or not value.isprintable():
                    raise Invalid("A name has 1 to 80 characters.", "name")
                rule.name = value.strip()
            case "severity":
                if value not in Severity.values:
                    raise Invalid(f"One of {', '.join(Severity.values)}.", "severity")
                rule.severity = value
            case "for_s":
                if not isinstance(value, int) or not 0 <= value <= LONGEST_FOR_S:
                    raise Invalid(f"0 to {LONGEST_FOR_S} seconds.", "for_s")
                rule.for_s = value
            case "scope":
                rule.scope = _scope(value)
            case "params":
                parameters = PARAMETERS[IncidentKind(rule.kind)]
                rule.params = {**parameters.defaults(), **rule.params, **parameters.checked(value)}
            case "enabled" | "auto_resolve":
                setattr(rule, name, bool(value))
            case _:
                raise Invalid(f"A rule has no {name}.", name)
    return rule


def takes(rule: IncidentRule, station: Station) -> bool:
    """Whether a station is in the rule's scope; one that is being worked on is in none."""
    scope = rule.scope
    return (
        not station.maintenance
        and scope.get("site", station.site) == station.site
        and ("tag" not in scope or scope["tag"] in station.tags)
        and scope.get("vendor", station.vendor).lower() == station.vendor.lower()
        and scope.get("model", station.model).lower() == station.model.lower()
    )


def noticed(rule: IncidentRule) -> int:
    """How many things are the case, of those that the rule looks out for."""
    return IncidentCondition.objects.filter(rule=rule).count()


def _scope(said: object) -> dict[str, str]:
    if not isinstance(said, Mapping) or not set(said) <= set(SCOPE):
        raise Invalid(f"A scope has {', '.join(SCOPE)}.", "scope")
    scope = {name: value for name, value in said.items() if value not in (None, "")}
    if not all(isinstance(value, str) and len(value) <= 255 for value in scope.values()):
        raise Invalid("A scope has texts of at most 255 characters.", "scope")
    return scope


def _demand_name_is_free(rule: IncidentRule) -> None:
    others = IncidentRule.objects.filter(network=rule.network_id, name=rule.name).exclude(pk=rule.pk)
    if others.exists():
        raise Conflict(f"There is a rule {rule.name} already.")


def plain(rule: IncidentRule) -> dict[str, Any]:
    """What people may change of it, as JSON."""
    names = ("name", "severity", "params", "for_s", "scope", "auto_resolve", "enabled")
    said: dict[str, Any] = events.plain({name: getattr(rule, name) for name in names})
    return said
