"""What can't be written down or read is put aside alone: nothing else of its endpoint waits for it, let alone
other endpoints.

No such case is known. What receivers answer, and what stations send, is cleaned where it comes in; this is
for what somebody forgets there.
"""

import dataclasses
import logging
from collections.abc import Collection, Sequence

from django.db import InterfaceError, OperationalError, transaction

from emobi.core import clock
from webhooks.models import Delivery, DeliveryState, Endpoint
from webhooks.services import queueing
from webhooks.services.queueing import Settled

log = logging.getLogger(__name__)

# Nothing is wrong with a row: the database is away, or wants to be asked again.
AWAY = (OperationalError, InterfaceError)


def settle(endpoint: Endpoint, settled: Sequence[Settled]) -> None:
    """`queueing.settle`; where that fails, one by one: in full, else without what the receiver said.

    One that can't be written down even so is a dead letter.
    """
    before = dict(vars(endpoint))
    try:
        queueing.settle(endpoint, settled)
    except AWAY:
        raise
    except Exception:
        log.exception("webhook %s: %d attempts can't be written down together", endpoint.pk, len(settled))
        vars(endpoint).update(before)
        for one in settled:
            _settle_alone(endpoint, one)


def _settle_alone(endpoint: Endpoint, one: Settled) -> None:
    reason = "what came back can't be written down"
    bare = dataclasses.replace(one.result, headers={}, body="", error="" if one.result.ok else reason)
    before = dict(vars(endpoint))
    for each in (one, dataclasses.replace(one, result=bare)):
        try:
            queueing.settle(endpoint, [each])
        except AWAY:
            raise
        except Exception:
            log.exception("webhook %s: delivery %d can't be written down", endpoint.pk, one.delivery.pk)
            vars(endpoint).update(before)
        else:
            return
    park(one.delivery)


def next_ones(endpoint: Endpoint, *, but: Collection[int], limit: int, early: bool = False) -> list[Delivery]:
    """`queueing.next_ones`; where that fails, one by one, and what can't be read is a dead letter."""
    try:
        return queueing.next_ones(endpoint, but=but, limit=limit, early=early)
    except AWAY:
        raise
    except Exception:
        log.exception("webhook %s: what is next can't be read together", endpoint.pk)
    found: list[Delivery] = []
    for one in queueing.due(endpoint, but=but, early=early)[:limit]:
        try:
            found += Delivery.objects.filter(pk=one.pk).select_related("event")
        except AWAY:
            raise
        except Exception:
            log.exception("webhook %s: delivery %d can't be read", endpoint.pk, one.pk)
            park(one)
    return found


def park(delivery: Delivery) -> None:
    """Give one up, as a dead letter; what waits behind it goes on."""
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DEAD, ended_at=clock.now())
        queueing.release([delivery])
