"""Versions that this code can't read: stored by other code, say. Their runs end, and all others go on."""

import logging

from stations.models import PlaybookVersion

log = logging.getLogger(__name__)

WHY_NOT = "a fault of ours: its version can't be read"


def is_readable(version: PlaybookVersion) -> bool:
    """Whether its definition can be read; if not, the log says why."""
    try:
        return version.definition is not None
    except Exception:
        log.exception("version %d of playbook %s can't be read", version.number, version.playbook_id)
        return False
