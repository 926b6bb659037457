"""Connecting a station: choose, paste, watch it come in."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard import file_rows
from dashboard.access import Access, operator, page, part, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.onboarding import checklist, credentials_sheet, guidance, reachability, unfinished
from dashboard.onboarding.reachability import Finding
from dashboard.stations import arrivals
from emobi.core import unit_of_work
from emobi.core.errors import Refused
from stations import incidents, selectors
from stations.models import Station
from stations.services.device_model import configuration_templates
from stations.services.incidents import rules
from stations.services.registry import registration, simulated
from stations.services.trust import credentials

# So long what a template wants waits for a station that isn't there yet.
TEMPLATE_WAITS_S = 86_400.0
MOST_TEMPLATES = 50


@require_safe
@viewer
def connect(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose; and below, who wants in."""
    return _start(request, access, {})


@require_POST
@operator
def register(request: HttpRequest, access: Access) -> HttpResponse:
    """Register a station, and show its password this once."""
    filled = {name: str(text).replace("\0", "").strip() for name, text in request.POST.dict().items()}
    version, profile = filled.get("protocol", ""), filled.get("profile", "")
    try:
        station, password = registration.register(
            access.network,
            filled.get("identity", ""),
            security_profile=int(profile) if profile in ("0", "1", "2", "3") else None,
            by=access.actor,
            address=client_address(request),
            allowed_versions=[version] if version in ("1.6", "2.0.1") else [],
            site=filled.get("site", ""),
            serial_number=filled.get("serial_number", ""),
        )
    except Refused as refusal:
        return _start(request, access, filled, refusal)
    return _one(request, access, station, password=password, kind=filled.get("kind", ""))


@require_safe
@viewer
def one(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """A station that is being connected; its password was shown before."""
    return _one(request, access, or_404(selectors.station, access.network, identity))


@require_safe
@viewer
def checklist_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """How far it has come, alone."""
    station = or_404(selectors.station, access.network, identity)
    context = {"station": station, "checklist": checklist.of(station, arrivals.refusals(access))}
    return page(request, access, "dashboard/onboarding/_checklist.html", context)


@require_safe
@operator
def done_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What is left to say when it has come in; read after the page."""
    station = or_404(selectors.station, access.network, identity)
    context = {"section": "stations", "station": station, "finish": _finish(access, station)}
    return part(request, access, "dashboard/onboarding/_finish.html", context, f"{identity}: done?")


def _finish(access: Access, station: Station, filled: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What is left to say: as it is, or as it was ``filled`` in and refused."""
    kept = {"tags": ", ".join(station.tags), "site": station.site, "template": ""}
    return {
        "filled": kept if filled is None else filled,
        "templates": configuration_templates.of_station(station)[:MOST_TEMPLATES],
        "rules": [
            each for each in incidents.rules(access.network) if each.enabled and rules.takes(each, station)
        ],
    }


@require_POST
@operator
def reach(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Whether its URLs can be reached, as far as we can tell."""
    station = or_404(selectors.station, access.network, identity)
    authority = credentials_sheet.authority()
    found = [(url, reachability.of(url, authority)) for url in credentials_sheet.urls(station)]
    return _one(request, access, station, reached=found)


@require_POST
@operator
def renew_password(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Another password, shown this once; the one before holds no longer."""
    station = or_404(selectors.station, access.network, identity)
    password = credentials.generate()
    registration.change(station, {"password": password}, by=access.actor, address=client_address(request))
    return _one(request, access, station, password=password)


@require_POST
@operator
def finish(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its tags, site and a template; then it is a station like any other."""
    station = or_404(selectors.station, access.network, identity)
    filled = {name: request.POST.get(name, "").replace("\0", "") for name in ("tags", "site", "template")}
    tags = [each.strip() for each in filled["tags"].split(",")]
    changes = {"tags": [each for each in tags if each], "site": filled["site"].strip()}
    try:
        with unit_of_work.begin():
            registration.change(station, changes, by=access.actor, address=client_address(request))
            asked = _apply(request, access, station, filled["template"])
    except Refused as refusal:
        said = _finish(access, station, filled)
        return _one(request, access, station, problem=str(refusal), finish=said, status=422)
    messages.success(request, f"{station.identity} is kept.{asked}")
    return redirect("dashboard:station", station.identity)


def _apply(request: HttpRequest, access: Access, station: Station, template_id: str) -> str:
    """Ask it for what a template wants, if one was chosen; what came of that, in words."""
    if not template_id:
        return ""
    template = configuration_templates.get(access.network, template_id)
    asked = configuration_templates.apply(
        station,
        template,
        by=access.actor,
        role=access.role,
        expires_in_s=TEMPLATE_WAITS_S,
        address=client_address(request),
    )
    return (
        f" It is asked for what {template.name} wants."
        if asked
        else f" It has all that {template.name} wants."
    )


@require_POST
@operator
def register_many(request: HttpRequest, access: Access) -> HttpResponse:
    """Many at once: identities in, a file with their passwords out, once."""
    upload = request.FILES.get("file")
    text = upload.read(200_000).decode("utf-8", "replace") if upload else request.POST.get("identities", "")
    lines = text.replace("\0", "").splitlines()
    if not any(line.strip() for line in lines):
        return _start(request, access, {}, problem="Write an identity a line, or choose a file.")
    rows = credentials_sheet.register_many(
        access.network, lines, by=access.actor, address=client_address(request)
    )
    told = io.StringIO()
    csv.writer(told).writerows([file_rows.inert(cell) for cell in row] for row in rows)
    answer = HttpResponse(told.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="stations-{access.network.slug}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@operator
def simulate(request: HttpRequest, access: Access) -> HttpResponse:
    """A simulated station, and how it comes in."""
    try:
        station = simulated.request(
            access.network, request.POST.get("version", ""), by=access.actor, address=client_address(request)
        )
    except Refused as refusal:
        return _start(request, access, {}, simulator_problem=str(refusal))
    return redirect("dashboard:connect-station", station.identity)


@require_POST
@operator
def stop_simulating(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """End a simulated station's life."""
    station = or_404(selectors.station, access.network, identity)
    simulated.stop(station, by=access.actor, address=client_address(request))
    messages.success(request, f"{station.identity} is switched off.")
    return redirect("dashboard:connect-station", station.identity)


@require_safe
@viewer
def authority(request: HttpRequest, access: Access) -> FileResponse:
    """The certificate that a charger has to trust."""
    path = credentials_sheet.authority()
    if path is None:
        raise Http404("The certificates of this installation come from elsewhere.")
    return FileResponse(path.open("rb"), as_attachment=True, filename="emobi-ca.pem")


def _start(
    request: HttpRequest,
    access: Access,
    filled: dict[str, str],
    refusal: Refused | None = None,
    problem: str = "",
    simulator_problem: str = "",
) -> HttpResponse:
    default = "2" if credentials_sheet.offers_tls(access.network) else "1"
    context = {
        "protocols": guidance.PROTOCOLS,
        "profiles": guidance.PROFILES,
        "kinds": guidance.KINDS,
        "filled": {"profile": default, **filled},
        "refusal": refusal,
        "problem": problem,
        "simulator": simulated.is_offered(),
        "simulator_problem": simulator_problem,
        "unfinished": unfinished.of(access.network),
        "listed_for": unfinished.LISTED_FOR,
        "pending": arrivals.pending(access.network.pk),
        "refused": [(each, guidance.advice(each.reason)) for each in arrivals.refused(access)],
        "section": "stations",
    }
    status = 422 if refusal or problem or simulator_problem else 200
    return page(request, access, "dashboard/onboarding/connect.html", context, status=status)


def _one(
    request: HttpRequest,
    access: Access,
    station: Station,
    *,
    password: str | None = None,
    kind: str = "",
    problem: str = "",
    finish: Mapping[str, Any] | None = None,
    reached: Sequence[tuple[str, Sequence[Finding]]] = (),
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "reached": reached,
        "station": station,
        "password": password,
        "kind": next((each for each in guidance.KINDS if each.value == kind), None),
        "sheet": credentials_sheet.sheet(station),
        "checklist": checklist.of(station, arrivals.refusals(access)),
        "problem": problem,
        "finish": finish,
        "is_simulated": simulated.is_wanted(station),
        "section": "stations",
    }
    answer = page(request, access, "dashboard/onboarding/station.html", context, status=status)
    if password is not None:
        answer["Cache-Control"] = "no-store"
    return answer
