"""Doors to services of the core, for Celery."""

from celery import shared_task

from emobi.core.services import audit_seals


@shared_task(ignore_result=True)
def seal_audit_logs() -> None:
    """Seal what was written into the audit logs."""
    audit_seals.seal_all()
