"""Whether the audit log is as it was written.

The database refuses to change or delete an entry. For whoever gets round that there are seals: once a day
an entry of its own, ``audit.sealed``, with a digest over all entries of the network since the seal before,
which it takes in. Who changes an entry later would have to make every seal since anew, also where the log
was exported to.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from django.db import connection
from django.db.models import QuerySet

from emobi.core import clock, unit_of_work
from emobi.core.models import AuditEntry, Network
from emobi.core.services import audit

ACTION = "audit.sealed"
BY = "system:audit"
EVERY = timedelta(hours=23)
# An entry's number is taken before its commit: what is younger may still get one before it.
SETTLED = timedelta(hours=1)

_GUARD = """
SELECT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = 'core_auditentry'::regclass
        AND tgname = 'core_auditentry_append_only' AND tgenabled IN ('O', 'A')
)
"""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a check.

    Attributes:
        seals: How many there are, and over how many ``entries``.
        broken: Those over entries that aren't as they were, the oldest first.
    """

    seals: int
    entries: int
    broken: list[AuditEntry]


def seal_all() -> int:
    """Seal what has settled in each network, at most once a day; how many seals. Safe to run any time."""
    return sum(seal(network) is not None for network in Network.objects.order_by("pk"))


def seal(network: Network) -> AuditEntry | None:
    """The seal over what has settled since the last one; None: it isn't due, or there is nothing."""
    now = clock.now()
    with unit_of_work.begin():
        # Two at once would seal the same twice.
        Network.objects.select_for_update(no_key=True).get(pk=network.pk)
        before = newest(network)
        if before is not None and before.at > now - EVERY:
            return None
        entries = _after(network, before).filter(at__lt=now - SETTLED)
        last = entries.order_by("-pk").values_list("pk", flat=True).first()
        if last is None:
            return None
        covered = _after(network, before).filter(pk__lte=last)
        follows = str(before.detail["digest"]) if before is not None else ""
        digest, count = _digest(follows, covered)
        detail = {"last": last, "entries": count, "digest": digest, "follows": follows}
        audit.record(network.pk, BY, ACTION, network.slug, detail)
    return newest(network)


def newest(network: Network) -> AuditEntry | None:
    """The last seal."""
    return _seals(network).order_by("-pk").first()


def is_guarded() -> bool:
    """Whether the database refuses to change and delete entries."""
    with connection.cursor() as cursor:
        cursor.execute(_GUARD)
        return bool(cursor.fetchone()[0])


def check(network: Network) -> Verdict:
    """Hold every seal of a network against the entries as they are. Reads all of them."""
    before: AuditEntry | None = None
    seals, entries, broken = 0, 0, []
    for each in _seals(network).order_by("pk"):
        follows = str(before.detail["digest"]) if before is not None else ""
        covered = _after(network, before).filter(pk__lte=each.detail["last"])
        digest, count = _digest(follows, covered)
        if (digest, count, follows) != (
            each.detail["digest"], each.detail["entries"], each.detail["follows"],
        ):  # fmt: skip
            broken.append(each)
        seals, entries, before = seals + 1, entries + count, each
    return Verdict(seals=seals, entries=entries, broken=broken)


def _seals(network: Network) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(network=network, action=ACTION, actor=BY)


def _after(network: Network, before: AuditEntry | None) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.filter(network=network)
    return found if before is None else found.filter(pk__gt=before.detail["last"])


def _digest(follows: str, entries: QuerySet[AuditEntry]) -> tuple[str, int]:
    said, count = hashlib.sha256(follows.encode()), 0
    rows: Iterable[tuple[int, datetime, str, str, str, object, str, str | None]] = (
        entries.order_by("pk")
        .values_list("pk", "at", "actor", "action", "target", "detail", "request_id", "address")
        .iterator(chunk_size=1000)
    )
    for row in rows:
        said.update(orjson.dumps([*row], option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
        count += 1
    return said.hexdigest(), count
