"""What a station can do: what its version has, what it claims, what it has shown; with safe tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.commands import command_words
from dashboard.found import or_404
from dashboard.station import station_page, tabs
from emobi.core.errors import Refused
from stations import capabilities as station_capabilities
from stations import selectors
from stations.capabilities import Capability
from stations.commands import catalogue
from stations.models import Station
from stations.services.commanding import commands

# Commands that change nothing, with params that ask for little.
SAFE: Mapping[str, Mapping[str, object]] = {
    "get_config": {"variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}]},
    "get_local_list_version": {},
    "get_composite_schedule": {"evse_id": 1, "duration": 3600},
    "trigger_message": {"requested_message": "Heartbeat"},
    "list_certificates": {},
    "get_base_report": {"report_base": "SummaryInventory"},
    "get_charging_profiles": {"charging_profile_purpose": "TxDefaultProfile"},
    "get_display_messages": {},
    "get_monitoring_report": {},
}

OWN_TITLES = {
    "security_events": "Tells security events",
    "monitored_events": "Tells what its monitors notice",
}
OF_ITS_OWN = "Of its own accord"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A row of the matrix; ``versions``: those of OCPP that have it, of what Emobi speaks."""

    name: str
    title: str
    group: str
    versions: tuple[str, ...]
    capability: Capability
    testable: bool

    @property
    def verdict(self) -> str:
        """Names the shape of what is known: works, failed, claimed, not, unknown."""
        found = self.capability
        if found.in_version is False:
            return "absent"
        if found.worked_at and (found.refused_at is None or found.worked_at >= found.refused_at):
            return "works"
        if found.refused_at:
            return "failed"
        return "denied" if found.claimed is False else "unknown"


@require_safe
@viewer
def capabilities(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.CAPABILITIES)
    context["groups"] = _groups(matrix(station))
    return page(request, access, "dashboard/station/capabilities.html", context)


@require_POST
@operator
def try_out(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """Ask for a feature that changes nothing, to see whether it works."""
    station = or_404(selectors.station, access.network, identity)
    if name not in SAFE:
        raise Http404("That isn't tested by itself.")
    try:
        commands.request(
            access.network,
            station,
            name,
            SAFE[name],
            requested_by=access.actor,
            role=access.role,
            address=client_address(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{command_words.title(name)} is asked for; the answer tells.")
    return redirect(tabs.address(station, tabs.CAPABILITIES))


def matrix(station: Station) -> list[Feature]:
    """Every feature, in the order of the commands' headings; four queries."""
    found = station_capabilities.of(station)
    named = [
        Feature(
            name=name,
            title=words.title,
            group=words.group,
            versions=catalogue.ENTRIES[name].versions,
            capability=found[name],
            testable=name in SAFE and found[name].in_version is not False,
        )
        for name, words in command_words.WORDS.items()
    ]
    own = [
        Feature(
            name=name,
            title=title,
            group=OF_ITS_OWN,
            versions=station_capabilities.OWN_ACCORD[name][0],
            capability=found[name],
            testable=False,
        )
        for name, title in OWN_TITLES.items()
    ]
    return [*named, *own]


def _groups(features: list[Feature]) -> list[tuple[str, list[Feature]]]:
    names = (*command_words.GROUPS, OF_ITS_OWN)
    return [(group, [each for each in features if each.group == group]) for group in names]
