"""Signing in, in the audit log: above all networks, since a person may be in several."""

from emobi.core import unit_of_work
from emobi.core.services import audit


def note(name: str, action: str, address: str | None) -> None:
    """Write what somebody did with their own account."""
    with unit_of_work.begin():
        audit.record(None, f"user:{name}", action, name, address=address)
