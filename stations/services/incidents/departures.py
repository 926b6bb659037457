"""A station or a rule goes for good: what was the case because of it ends before its rows are gone."""

from emobi.core import unit_of_work
from emobi.core.errors import Conflict
from emobi.core.services import audit
from stations.models import (
    IncidentCondition,
    IncidentReader,
    IncidentRule,
    IncidentState,
    IncidentStation,
    Station,
)
from stations.services.incidents import conditions, opening, rules


def station_leaves(station: Station) -> None:
    """A station is about to be deleted. Needs the open unit of work.

    What takes no other ends; of what takes others too the station isn't a part any more.
    """
    _keep_others_out(station.network_id)
    rows = IncidentStation.objects.filter(station=station, recovered_at=None)
    opening.recover(
        rows.exclude(incident__state=IncidentState.RESOLVED), why=f"{station.identity} is deleted"
    )


def delete_rule(rule: IncidentRule, *, by: str, address: str | None = None) -> None:
    """Delete a rule that somebody added. What it looked out for is nobody's concern any more, and ends.

    Raises:
        Conflict: If it is one that every network has: those are switched off.
    """
    if rule.shipped:
        raise Conflict("This rule came with Emobi: switch it off instead.")
    with unit_of_work.begin():
        _keep_others_out(rule.network_id)
        keys = IncidentCondition.objects.filter(rule=rule).values_list("key", flat=True)
        conditions.end(rule, list(keys), "its rule is deleted")
        audit.record(rule.network_id, by, "incident_rule.deleted", rule.name, rules.plain(rule), address)
        rule.delete()


def _keep_others_out(network_id: int) -> None:
    """Whoever looks at the network's conditions waits."""
    IncidentReader.objects.select_for_update(no_key=True).filter(pk=network_id).first()
