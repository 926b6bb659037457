"""The audit log as it is read: narrowed, and each entry with what it changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse

from dashboard import filters
from dashboard.filters import Filter
from emobi.core.models import AuditEntry, Network

PAGE = 100
ABSENT = "–"
# By the noun of an action, the page whose address has its target.
_PAGES = {
    "station": "station",
    "command": "station",
    "outage_exclusion": "report-station",
    "playbook_run": "station",
    "playbook": "playbook",
    "incident": "incident",
    "webhook": "webhook",
}


@dataclass(frozen=True, kw_only=True)
class AuditFilter(Filter):
    """Which entries. Times are UTC."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def labels(cls) -> Mapping[str, str]:
        return {"actor": "Who", "action": "What", "target": "On what", "since": "From", "until": "To"}

    @classmethod
    def _can_be(cls, name: str, text: str) -> bool:
        if name in ("since", "until"):
            return not text or filters.time(text) is not None
        if name == "after":
            return not text or (text.isascii() and text.isdigit() and len(text) < 19)
        return super()._can_be(name, text)


@dataclass(frozen=True)
class Shown:
    """One entry, for people."""

    entry: AuditEntry

    @cached_property
    def failed(self) -> bool:
        return self.entry.action.endswith(("_failed", ".refused"))

    @property
    def url(self) -> str:
        """The page of what it was done to; "" where there is none."""
        page = _PAGES.get(self.entry.action.partition(".")[0])
        if page is None or not self.entry.target or self.entry.action.endswith(".deleted"):
            return ""
        try:
            return reverse(f"dashboard:{page}", args=[self.entry.target])
        except NoReverseMatch:
            return ""

    @property
    def reason(self) -> str:
        return str(self.entry.detail.get("reason") or "")

    @property
    def changes(self) -> Iterator[tuple[str, str, str]]:
        """Each value that was changed: its name, before, after."""
        for name, value in self.entry.detail.items():
            if _is_change(value):
                yield name.replace("_", " "), _text(value["from"]), _text(value["to"])
        before, after = self._sides()
        for name in sorted({*before, *after}):
            was, became = (_text(side[name]) if name in side else ABSENT for side in (before, after))
            if was != became:
                yield name, was, became

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """What else it says."""
        for name, value in self.entry.detail.items():
            told = name in ("before", "after", "reason") or _is_change(value)
            if not told and value not in (None, "", [], {}):
                yield name.replace("_", " "), _text(value)

    def _sides(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        sides = [self.entry.detail.get(name) for name in ("before", "after")]
        before, after = (
            side if isinstance(side, dict) else {} if side is None else {"value": side} for side in sides
        )
        return before, after


def find(network: Network, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The network's entries, and what its members did with their own accounts; the newest first."""
    members = network.memberships.values_list("user__username", flat=True)
    own = Q(network=None, target__in=list(members), action__startswith="user.")
    found = AuditEntry.objects.filter(Q(network=network) | own)
    if wanted.actor:
        found = found.filter(actor__icontains=wanted.actor)
    if wanted.action:
        found = found.filter(action__istartswith=wanted.action)
    if wanted.target:
        found = found.filter(target__icontains=wanted.target)
    if since := filters.time(wanted.since):
        found = found.filter(at__gte=since)
    if until := filters.time(wanted.until):
        found = found.filter(at__lt=until)
    if wanted.after:
        found = found.filter(pk__lt=int(wanted.after))
    return found.order_by("-pk")


def _is_change(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"from", "to"}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(each)}" for name, each in value.items())
    return ABSENT if value is None else str(value)
