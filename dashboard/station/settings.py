"""What may be changed of a station here: where it is, how it gets in, how it is treated, that it goes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page, part, requires, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.station import station_page, tabs
from emobi.core import storable_json
from emobi.core.errors import Conflict, Invalid, Refused
from emobi.core.models import Role
from emobi.core.services import preferences
from sessions.services import removal
from stations import capabilities, network_profiles, quirks, selectors, suggested_quirks
from stations.access_plans import Step
from stations.models import AccessChange, AccessChangeState, Station
from stations.services.registry import registration
from stations.services.trust import access_changes

PAGE = "dashboard/station/settings.html"
CHANGES = 5

# The security profiles that a station may be held to, in words.
PROFILES = (
    ("", "As the network says"),
    *((str(n), f"{n}: {word}") for n, word in station_page.PROFILES.items()),
)
VERSIONS = ("1.6", "2.0.1")
# The names of a form's fields that say what it was shown with begin so.
SHOWN = "shown-"
# The steps of a guided change (`stations.access_plans`).
STEPS = {
    Step.LIST_ROOTS: "Does it trust our server's certificate?",
    Step.INSTALL_ROOT: "It takes the root of our server's certificate",
    Step.SET_PASSWORD: "It takes a new password",
    Step.REQUEST_CERTIFICATE: "It makes a key, and is brought its certificate",
    Step.SET_PROFILE: "It takes the security profile",
    Step.READ_PRIORITY: "Which network profiles does it use?",
    Step.SET_NETWORK_PROFILE: "It takes a network profile",
    Step.SET_PRIORITY: "It puts that first",
    Step.RESET: "It restarts",
    Step.PROVE: "It comes in with the new",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A guided change, in words."""

    row: AccessChange

    @property
    def steps(self) -> list[dict[str, str]]:
        return [
            {
                "word": STEPS.get(Step(step["step"]), step["step"]),
                "state": str(step.get("state", "")),
                "reason": str(step.get("reason") or ""),
            }
            for step in self.row.steps
        ]


@require_safe
@viewer
def settings(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.SETTINGS)
    return _shown(request, access, station, context)


@require_safe
@viewer
def suggested_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Quirks that would help it: asked for beside the form, so that what is typed there stays."""
    station = or_404(selectors.station, access.network, identity)
    context = {"section": "stations", "station": station, "suggested": _suggestions(station)}
    return part(request, access, "dashboard/station/_suggested.html", context, f"{identity}: quirks")


@require_POST
@operator
def save(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Change what somebody changed in the form, all or nothing."""
    station, context = station_page.read(access, identity, tabs.SETTINGS)
    filled = {name: str(text).replace("\0", "") for name, text in request.POST.items()}
    try:
        changes = _differing(filled, request.POST.getlist("allowed_versions"))
        if changes:
            registration.change(station, changes, by=access.actor, address=client_address(request))
    except Refused as refusal:
        return _shown(request, access, station, context, filled=filled, refusal=refusal)
    messages.success(request, "Saved.")
    return redirect(tabs.address(station, tabs.SETTINGS))


@require_POST
@requires(Role.ADMIN)
def change_access(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Begin a guided change: a new password, or a higher security profile; or stop the one that runs."""
    station = or_404(selectors.station, access.network, identity)
    who: dict[str, Any] = {"by": access.actor, "address": client_address(request)}
    begin: Mapping[str, Callable[[], AccessChange]] = {
        "password": lambda: access_changes.change_password(station, **who),
        "profile": lambda: _raise_profile(station, request, who),
        "cancel": lambda: access_changes.cancel(station, request.POST.get("change", "")[:26], **who),
    }
    what = begin.get(request.POST.get("what", ""))
    if what is None:
        raise Http404("There is no such change.")
    try:
        what()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Begun." if request.POST.get("what") != "cancel" else "Stopped.")
    return redirect(tabs.address(station, tabs.SETTINGS) + "#access")


@require_POST
@requires(Role.ADMIN)
def decommission(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Delete the station; its identity has to be typed."""
    station, context = station_page.read(access, identity, tabs.SETTINGS)
    try:
        if request.POST.get("confirm", "").strip() != station.identity:
            raise Invalid(f"Type {station.identity} to delete it.", "confirm")
        removal.remove(
            station,
            with_history=request.POST.get("history") == "on",
            by=access.actor,
            address=client_address(request),
        )
    except Conflict as refusal:
        told = Conflict(str(refusal).replace("with history=true", "with its sessions"))
        return _shown(request, access, station, context, refusal=told)
    except Refused as refusal:
        return _shown(request, access, station, context, refusal=refusal)
    messages.success(request, f"{identity} is deleted.")
    return redirect("dashboard:stations")


def _shown(
    request: HttpRequest,
    access: Access,
    station: Station,
    context: Mapping[str, Any],
    *,
    filled: Mapping[str, str] | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    changes = list(AccessChange.objects.filter(station=station).order_by("-pk")[:CHANGES])
    running = next((each for each in changes if each.state == AccessChangeState.RUNNING), None)
    more = {
        "filled": filled or _as_filled(station),
        "versions": station.allowed_versions if filled is None else request.POST.getlist("allowed_versions"),
        "shown": _shown_before(filled) if filled else _as_shown(station),
        "refusal": refusal,
        "field": refusal.field if isinstance(refusal, Invalid) else "",
        "zones": preferences.NAMED,
        "profiles": PROFILES,
        "higher": [number for number in (1, 2, 3) if number > station.profile],
        "changes": [Change(row=each) for each in changes],
        "running_change": running,
        "known_quirks": sorted(quirks.FLAGS),
        "all_versions": VERSIONS,
        "slots": network_profiles.slots(station) if station.ocpp_version == "2.0.1" else None,
        "may_administrate": access.role.includes(Role.ADMIN),
    }
    return page(request, access, PAGE, {**context, **more}, status=422 if refusal else 200)


def _suggestions(station: Station) -> list[dict[str, str]]:
    """Flags that would help it, as they are typed."""
    return [
        {"json": f"{json.dumps(each.quirk)}: {json.dumps(each.value)}", "because": each.because}
        for each in suggested_quirks.of(station, capabilities.of(station))
    ]


def _as_filled(station: Station) -> dict[str, str]:
    return {
        "name": station.name,
        "site": station.site,
        "zone": station.zone,
        "notes": station.notes,
        "tags": ", ".join(station.tags),
        "serial_number": station.serial_number,
        "heartbeat_interval_s": str(station.heartbeat_interval_s or ""),
        "security_profile": "" if station.security_profile is None else str(station.security_profile),
        "registration": station.registration,
        "quirks": json.dumps(station.quirks, indent=2) if station.quirks else "",
    }


def _as_shown(station: Station) -> dict[str, str]:
    """What the form comes with; sent along with what is typed, it tells what somebody has changed."""
    versions = [version for version in VERSIONS if version in station.allowed_versions]
    return {**_as_filled(station), "allowed_versions": " ".join(versions)}


def _shown_before(filled: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(SHOWN): text for name, text in filled.items() if name.startswith(SHOWN)}


def _differing(filled: Mapping[str, str], versions: list[str]) -> dict[str, object]:
    """Of what the form says that which isn't as it was shown: the rest may have changed meanwhile, and stays.

    Raises:
        Invalid: If something can't be read.
    """
    shown = _shown_before(filled)
    before = _changes(shown, shown.get("allowed_versions", "").split())
    now = _changes(filled, versions)
    return {name: value for name, value in now.items() if name not in shown or value != before[name]}


def _changes(filled: Mapping[str, str], versions: list[str]) -> dict[str, object]:
    """What the form asks for, as the service takes it.

    Raises:
        Invalid: If something can't be read.
    """
    return {
        "name": filled.get("name", "").strip(),
        "site": filled.get("site", "").strip(),
        "zone": filled.get("zone", "").strip(),
        "notes": filled.get("notes", "").replace("\r\n", "\n").strip(),
        "tags": [tag.strip() for tag in filled.get("tags", "").split(",") if tag.strip()],
        "serial_number": filled.get("serial_number", "").strip(),
        "heartbeat_interval_s": _number(filled, "heartbeat_interval_s"),
        "security_profile": _number(filled, "security_profile"),
        "registration": filled.get("registration", ""),
        "allowed_versions": versions,
        "quirks": _quirks(filled.get("quirks", "")),
    }


def _number(filled: Mapping[str, str], name: str) -> int | None:
    text = filled.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Invalid("A whole number, please.", name)
    return int(text)


def _quirks(text: str) -> object:
    try:
        found = storable_json.read(text or "{}")
    except ValueError as error:
        raise Invalid('Quirks are a JSON object, such as {"no_trigger": true}.', "quirks") from error
    return found


def _raise_profile(station: Station, request: HttpRequest, who: Mapping[str, Any]) -> AccessChange:
    to = request.POST.get("security_profile", "")
    if to not in ("1", "2", "3"):
        raise Invalid("Name the security profile to reach.", "security_profile")
    root, url = (request.POST.get(name, "").strip() or None for name in ("root", "url"))
    return access_changes.raise_profile(station, int(to), **who, root=root, url=url)
