"""Networks begin with the shipped playbooks, switched on as dry runs: they say what they would do, no more.

In the network `demo` they are in earnest (`manage.py up`). One that a release ships anew gets a version more,
unless somebody has written one of their own: what somebody has changed stays as it is.
"""

import hashlib
import logging
from datetime import timedelta

import orjson
from django.db.models import F

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import EventCounter, Network
from stations.models import Playbook, PlaybookControl, PlaybookVersion
from stations.playbooks import definition
from stations.playbooks.shipped import SHIPPED, Shipped
from stations.services.playbooks import playbooks

log = logging.getLogger(__name__)

BY = "system:setup"
# Of all that is shipped: a network that has followed this one has nothing to follow.
DIGEST = hashlib.sha256(
    orjson.dumps([shipped.written for shipped in SHIPPED], option=orjson.OPT_SORT_KEYS)
).hexdigest()[:32]
# The events of a younger network are all recent enough to be looked at.
YOUNG = timedelta(hours=1)


def seed_new_networks() -> None:
    """Give their playbooks to networks that have none yet; they are made elsewhere. Safe to run any time."""
    for network in Network.objects.filter(playbook_control=None):
        seed(network)


def follow_releases() -> None:
    """Bring shipped playbooks up to date that nobody has changed. Safe to run any time.

    One that was shipped before is never gone back to: processes of the release before may still run.
    """
    for control in PlaybookControl.objects.exclude(shipped=DIGEST).select_related("network"):
        try:
            for shipped in SHIPPED:
                _follow(control.network, shipped)
        except Refused as refusal:
            # Somebody writes a version just now: the next look sees it.
            log.info("%s follows the shipped playbooks later: %s", control.network.slug, refusal)
        else:
            PlaybookControl.objects.filter(pk=control.pk).update(shipped=DIGEST)


def _follow(network: Network, shipped: Shipped) -> None:
    playbook = Playbook.objects.filter(network=network, slug=shipped.slug).first()
    if playbook is None:
        return
    written = definition.plain(definition.parse(shipped.written))
    versions = list(playbook.versions.all())
    ours = any(each.number == playbook.current and each.created_by == BY for each in versions)
    if ours and all(each.written != written for each in versions):
        note = "as a newer release ships it"
        playbooks.add_version(playbook, shipped.written, expected=playbook.current, note=note, by=BY)


def seed(network: Network) -> None:
    """Give a network the shipped playbooks that it hasn't, and a place in its events to go on from."""
    with unit_of_work.begin():
        counter = EventCounter.objects.filter(network=network).first()
        is_young = clock.now() - network.created_at < YOUNG
        cursor = 0 if is_young or counter is None else counter.value
        PlaybookControl.objects.get_or_create(network=network, defaults={"cursor": cursor, "shipped": DIGEST})
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
