"""Who did what: written with the change itself, so that neither is there without the other."""

from collections.abc import Iterable, Mapping

import structlog

from emobi.core import clock, events, unit_of_work
from emobi.core.models import AuditEntry


def record(
    network_id: int | None,
    actor: str,
    action: str,
    target: str,
    detail: Mapping[str, object] | None = None,
    address: str | None = None,
) -> None:
    """Add an entry to the audit log in the open unit of work; the arguments are those of `entry`.

    Raises:
        emobi.core.unit_of_work.NoUnitOfWork: If none is open.
    """
    record_all([entry(network_id, actor, action, target, detail, address)])


def record_all(entries: Iterable[AuditEntry]) -> None:
    """Add entries in one statement, as `record` does one."""
    unit_of_work.current()
    AuditEntry.objects.bulk_create(list(entries))


def entry(
    network_id: int | None,
    actor: str,
    action: str,
    target: str,
    detail: Mapping[str, object] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """An entry of the audit log, not in it yet.

    Args:
        network_id: The network it happened in; None for what is above all networks.
        actor: "user:alice", "key:ek_abc", "system:liveness".
        action: noun.verb, e.g. "station.created".
        target: What it was done to, e.g. a station's identity.
        detail: Before and after, the reason; never a secret.
        address: Where the request came from.
    """
    return AuditEntry(
        network_id=network_id,
        at=clock.now(),
        actor=actor[:200],
        action=action,
        target=target[:255],
        detail=events.plain(detail or {}),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:26],
        address=address,
    )
