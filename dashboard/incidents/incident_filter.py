"""Which incidents a page shows: its tab, and what that is narrowed to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.filters import Choices, Filter
from dashboard.incidents.incident_words import KINDS, SEVERITIES

TABS = (
    ("open", "Open"),
    ("mine", "Mine"),
    ("unassigned", "Unassigned"),
    ("snoozed", "Snoozed"),
    ("resolved", "Resolved"),
)


@dataclass(frozen=True, kw_only=True)
class IncidentFilter(Filter):
    """Which incidents; no tab is the one of those that are open."""

    tab: str = ""
    severity: str = ""
    kind: str = ""
    station: str = ""
    q: str = ""

    @classmethod
    def choices(cls) -> Mapping[str, Choices]:
        return {
            "severity": (("", "Any"), *((each.value, shown.word) for each, shown in SEVERITIES.items())),
            "kind": (("", "Any"), *((each.value, word) for each, word in KINDS.items())),
        }

    @classmethod
    def labels(cls) -> Mapping[str, str]:
        return {"severity": "Severity", "kind": "Kind", "station": "Station", "q": "Text"}

    @classmethod
    def _can_be(cls, name: str, text: str) -> bool:
        if name == "tab":
            return not text or text in dict(TABS)
        if name == "after":
            return not text or (text.isascii() and text.isalnum() and len(text) <= 26)
        return super()._can_be(name, text)

    @property
    def shown_tab(self) -> str:
        return self.tab or TABS[0][0]

    def to_tab(self, tab: str) -> str:
        """The query of another tab, narrowed alike."""
        return replace(self, tab="" if tab == TABS[0][0] else tab, after="").query

    def wanted(self, login: str) -> dict[str, Any]:
        """As `stations.incidents.incidents` takes it; ``login`` is that of who is looking."""
        narrowed = {
            "severity": self.severity or None,
            "kind": self.kind or None,
            "station": self.station or None,
            "q": self.q or None,
            "before": self.after or None,
        }
        of_tab: dict[str, dict[str, Any]] = {
            "open": {"state": "unresolved", "snoozed": False},
            "mine": {"state": "unresolved", "assignee": login},
            "unassigned": {"state": "unresolved", "assignee": "", "snoozed": False},
            "snoozed": {"state": "unresolved", "snoozed": True},
            "resolved": {"state": "resolved"},
        }
        return narrowed | of_tab[self.shown_tab]
