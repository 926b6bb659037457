"""Stations are sent what their sessions have cost so far, as often as the tariff says.

Source: OCPP 2.0.1 part 2, use case I02. Safe to run any time and anywhere: who notes first that a session is
told is the one who tells it.
"""

import logging
from datetime import datetime
from decimal import Decimal

from django.db.models import DurationField, F, Func, Q, QuerySet, Value

from emobi.core import clock, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from sessions import costs
from sessions.models import ChargingSession, SessionState
from stations.commands import catalogue
from stations.models import Connectivity, Registration
from stations.services.commanding import commands

log = logging.getLogger(__name__)

COMMAND = "update_cost"
TOLD_BY = "system:tariffs"
# One look takes so many; the next follows in some seconds.
AT_ONCE = 200


def tell_due() -> int:
    """Send the running cost of the sessions whose time has come; return how many."""
    return sum(_tell(session) for session in _due(clock.now()))


def _due(now: datetime) -> QuerySet[ChargingSession]:
    """Those that were told longest ago first; only where there is a station that can be told now."""
    every = Func(
        F("tariff__update_every_s"),
        template="make_interval(secs => %(expressions)s)",
        output_field=DurationField(),
    )
    told = ChargingSession.objects.filter(
        state=SessionState.ACTIVE,
        tariff__update_every_s__isnull=False,
        station__connectivity=Connectivity.ONLINE,
        station__ocpp_version__in=catalogue.entry(COMMAND).versions,
    ).exclude(station__registration=Registration.REJECTED)
    due = told.filter(Q(cost_told_at=None) | Q(cost_told_at__lte=Value(now) - every))
    in_order = due.order_by(F("cost_told_at").asc(nulls_first=True))
    return in_order.select_related("station__network", "tariff")[:AT_ONCE]


def _tell(session: ChargingSession) -> bool:
    """Queue the command, unless somebody else was first or nobody knows the cost."""
    tariff, now = session.tariff, clock.now()
    assert tariff is not None
    assert tariff.update_every_s is not None
    # The station's own clock is not asked what time it is: ours tells how long ago we heard of the start.
    seconds = (now - session.received_at).total_seconds() if session.start_key is not None else None
    cost = costs.total(tariff, session.energy_wh, seconds)
    with unit_of_work.begin():
        mine = ChargingSession.objects.filter(
            pk=session.pk, state=SessionState.ACTIVE, cost_told_at=session.cost_told_at
        ).update(cost_told_at=now)
        if not mine or cost is None:
            return False
        try:
            commands.request(
                session.station.network,
                session.station,
                COMMAND,
                _params(session, cost),
                requested_by=TOLD_BY,
                role=Role.OPERATOR,
                expires_in_s=tariff.update_every_s,
            )
        except Refused as refusal:
            # It has had its turn all the same: else it would come first for ever, and nobody after it.
            log.warning("session %s isn't told its cost: %s", session.pk, refusal)
            return False
    return True


def _params(session: ChargingSession, cost: Decimal) -> dict[str, object]:
    return {"total_cost": float(cost), "transaction_id": session.transaction_id}
