"""What a station's settings were to be changed to, by whom and when, and what it said of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, part, viewer
from dashboard.commands.command_lives import Life
from dashboard.found import or_404
from stations import selectors
from stations.commands.configuration import Named, VariableName, named
from stations.models import Command, Station

PAGE = 10
# Of one change set no more is listed, and not all at once where there are more than a few.
MOST, FEW = 100, 6
COMMAND = "set_config"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A setting of a change set.

    Attributes:
        place: Of which EVSE or attribute it is, if not of the station and what is in force.
        status: What the station said of it; "" while it has said nothing.
    """

    name: str
    place: str
    value: str
    status: str

    @property
    def tone(self) -> str:
        """How bad that is."""
        return {"": "", "Accepted": "", "RebootRequired": "wait"}.get(self.status, "fault")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change set."""

    life: Life
    settings: Sequence[Asked]
    more: int

    @property
    def folded(self) -> bool:
        return len(self.settings) > FEW


@require_safe
@viewer
def changes_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """A page of them, the newest first; loaded when the tab is there, and as one goes on."""
    station = or_404(selectors.bare_station, access.network, identity)
    before = request.GET.get("before", "")[:26].replace("\0", "")
    found = changes(station, before)
    context = {
        "section": "stations",
        "station": station,
        "changes": found[:PAGE],
        "before": before,
        "older": found[PAGE - 1].life.command.pk if len(found) > PAGE else "",
        "boxed": True,
    }
    title = f"{identity}, changes of its settings"
    return part(request, access, "dashboard/station/_changes.html", context, title)


def changes(station: Station, before: str = "") -> list[Change]:
    """A page of its change sets and one more; ``before``: older than the command of this id. One query."""
    found = selectors.commands(station, before=before or None).filter(name=COMMAND)
    return [_change(command) for command in found[: PAGE + 1]]


def _change(command: Command) -> Change:
    asked = command.shown_params.get("variables") or []
    said = _said(command)
    settings = [
        Asked(
            name=_name(each),
            place=_place(each),
            value=str(each.get("value", "")),
            status=said.get(named(_variable(each)), ""),
        )
        for each in asked[:MOST]
    ]
    return Change(life=Life(command=command), settings=settings, more=max(0, len(asked) - MOST))


def _said(command: Command) -> dict[Named, str]:
    """What was said of each setting."""
    detail = (command.outcome or {}).get("detail") or {}
    return {named(_variable(each)): str(each.get("status", "")) for each in detail.get("variables") or []}


def _variable(told: Mapping[str, Any]) -> VariableName:
    known = {name: told[name] for name in VariableName.__dataclass_fields__ if told.get(name) is not None}
    return VariableName(**known)


def _name(asked: Mapping[str, Any]) -> str:
    if asked.get("key"):
        return str(asked["key"])
    return ".".join(
        _instanced(str(asked.get(each, "")), str(asked.get(f"{each}_instance") or ""))
        for each in ("component", "variable")
    )


def _instanced(name: str, instance: str) -> str:
    return f"{name}[{instance}]" if instance else name


def _place(asked: Mapping[str, Any]) -> str:
    told = [
        f"EVSE {asked['evse_id']}" if asked.get("evse_id") else "",
        f"connector {asked['connector_id']}" if asked.get("connector_id") else "",
        str(asked["attribute"]) if asked.get("attribute", "Actual") != "Actual" else "",
    ]
    return ", ".join(filter(None, told))
