"""How runs reach people: incidents and notifications."""

from stations.models import PlaybookRun
from stations.playbooks.steps import Severity


def open_incident(run: PlaybookRun, text: str, severity: Severity) -> str | None:
    """Open an incident about the run's station, or join the one that is open; its id."""
    return run.incident_id


def close_incident(run: PlaybookRun, text: str) -> bool:
    """Resolve the incident that the run is about; False if there is none that is open."""
    return False


def notify(run: PlaybookRun, text: str, severity: Severity) -> None:
    """Tell people along the network's routes."""
