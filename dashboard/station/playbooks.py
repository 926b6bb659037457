"""What playbooks did at a station lately, and one that somebody starts there by hand."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, part
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.station import tabs
from emobi.core.errors import Invalid, Refused
from emobi.core.models import Network
from stations import playbook_selectors, selectors
from stations.models import Playbook, Station
from stations.services.playbooks import guard_rails, interventions, playbooks, readable

RUNS = 5


@require_safe
@operator
def playbooks_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its newest runs, and those that can be started; loaded when the page is there."""
    station = or_404(selectors.station, access.network, identity)
    context = {
        "section": "stations",
        "station": station,
        "offers": offers(access.network, station),
        "evses": _evses(station),
        "why_not": guard_rails.stopped(access.network.pk) or guard_rails.untouchable(station),
        "runs": playbook_selectors.runs(access.network, station=station)[:RUNS],
    }
    title = f"{identity}, its playbooks"
    return part(request, access, "dashboard/station/_playbooks.html", context, title)


@require_POST
@operator
def start(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Start one there, as from an incident: guard rails hold, and what refuses it is said."""
    station = or_404(selectors.station, access.network, identity)
    try:
        playbook = playbooks.get(access.network, request.POST.get("playbook", "").replace("\0", ""))
        run = interventions.start(
            playbook,
            station,
            by=access.actor,
            evse_id=_evse(station, request.POST.get("evse_id", "")),
            address=client_address(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(tabs.address(station, tabs.COMMANDS) + "#playbooks-here")
    messages.success(request, f"{playbook.name} is started by you. What guard rails say is below.")
    return redirect("dashboard:playbook-run", run.pk)


def offers(network: Network, station: Station) -> Sequence[tuple[str, Sequence[Playbook]]]:
    """Playbooks that are meant for it, by what comes of starting one. Two queries."""
    found = list(playbook_selectors.playbooks(network))
    versions = playbook_selectors.current_versions(found)
    meant = []
    for each in found:
        version = versions[each.pk]
        if readable.is_readable(version) and version.definition.scope.includes(
            site=station.site, tags=station.tags, model=station.model
        ):
            meant.append(each)
    groups = (
        ("Acts", [each for each in meant if each.enabled and not each.dry_run]),
        ("Dry run: notes what it would do", [each for each in meant if each.enabled and each.dry_run]),
        ("Off: no event starts it", [each for each in meant if not each.enabled]),
    )
    return [(words, group) for words, group in groups if group]


def _evses(station: Station) -> list[int]:
    return sorted({each.evse_id for each in station.connectors.all() if each.evse_id})


def _evse(station: Station, text: str) -> int | None:
    """The EVSE that somebody chose; None: the whole station.

    Raises:
        Invalid: If it has none of that number.
    """
    if not text:
        return None
    found = next((each for each in _evses(station) if str(each) == text), None)
    if found is None:
        raise Invalid(f"{station.identity} has no such EVSE.", "evse_id")
    return found
