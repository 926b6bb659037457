"""Networks begin with the shipped playbooks, switched on as dry runs: they say what they would do, no more.

In the network `demo` they are in earnest (`manage.py up`). What somebody has changed stays as it is.
"""

from datetime import timedelta

from django.db.models import F

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.models import EventCounter, Network
from stations.models import Playbook, PlaybookControl, PlaybookVersion
from stations.playbooks import definition
from stations.playbooks.shipped import SHIPPED, Shipped

BY = "system:setup"
# The events of a younger network are all recent enough to be looked at.
YOUNG = timedelta(hours=1)


def seed_new_networks() -> None:
    """Give their playbooks to networks that have none yet; they are made elsewhere. Safe to run any time."""
    for network in Network.objects.filter(playbook_control=None):
        seed(network)


def seed(network: Network) -> None:
    """Give a network the shipped playbooks that it hasn't, and a place in its events to go on from."""
    with unit_of_work.begin():
        counter = EventCounter.objects.filter(network=network).first()
        is_young = clock.now() - network.created_at < YOUNG
        cursor = 0 if is_young or counter is None else counter.value
        PlaybookControl.objects.get_or_create(network=network, defaults={"cursor": cursor})
        for shipped in SHIPPED:
            if shipped.written["trigger"]["event"] in events.TYPES:
                _make(network, shipped)


def enable_in_earnest(network: Network) -> None:
    """Let the shipped playbooks act that nobody has changed: where things are tried out."""
    untouched = Playbook.objects.filter(
        network=network,
        slug__in=[shipped.slug for shipped in SHIPPED],
        changed_at=F("created_at"),
    )
    untouched.update(enabled=True, dry_run=False)


def _make(network: Network, shipped: Shipped) -> None:
    now = clock.now()
    written = definition.parse(shipped.written)
    playbook, created = Playbook.objects.get_or_create(
        network=network,
        slug=shipped.slug,
        defaults={
            "id": ulid.new(),
            "name": shipped.name,
            "description": shipped.description,
            "enabled": True,
            "dry_run": True,
            "created_at": now,
            "changed_at": now,
        },
    )
    if created:
        PlaybookVersion.objects.create(
            playbook=playbook,
            number=1,
            event=written.trigger.event,
            written=definition.plain(written),
            note="as shipped",
            created_by=BY,
        )
