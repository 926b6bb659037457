"""The editor of a charging profile: its form, and what would come of it before it is sent."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import Access, operator, page
from dashboard.addresses import client_address
from dashboard.commands import answers, command_fields, command_forms, filled_params
from dashboard.commands.command_fields import Asked
from dashboard.commands.filled_params import Untellable
from dashboard.plots.drawing import Tone
from dashboard.plots.lines import LinePlot
from dashboard.station import schedule_plot, station_page, tabs
from dashboard.station.station_page import Now
from emobi.core import clock, ulid
from emobi.core.errors import Refused
from sessions.models import ChargingSession, InstalledProfile, ProfileSource
from sessions.services import installed_profiles, profile_preparation
from stations.commands import catalogue
from stations.commands.charging_profiles import RateUnit, SetChargingProfile
from stations.services.commanding import commands

ENTRY = catalogue.entry("set_charging_profile")
PAGE = "dashboard/station/profile_editor.html"


@require_http_methods(["GET", "HEAD", "POST"])
@operator
def editor(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The form: empty, or as the profile ``profile`` is; sent by its button "send", and else arranged."""
    now = station_page.find(access, identity, watched=True)
    if request.method != "POST":
        return _shown(request, access, now, _begun(now, request.GET))
    filled = _filled(request)
    add, remove = filled.pop("add", ""), filled.pop("remove", "")
    if add:
        return _shown(request, access, now, answers.added(filled, add), focus=add)
    if remove:
        return _shown(request, access, now, answers.removed(filled, remove))
    if "send" not in filled:
        return _shown(request, access, now, filled)
    try:
        commands.request(
            access.network,
            now.station,
            ENTRY.command,
            filled_params.read(ENTRY.command, now.station.ocpp_version, filled),
            requested_by=access.actor,
            role=access.role,
            **command_forms.waiting(filled),
            idempotency_key=filled.get("idempotency_key") or None,
            address=client_address(request),
            reason=filled.get("reason", "").strip()[: command_forms.LONGEST_REASON],
        )
    except Refused as refusal:
        return _shown(request, access, now, filled, refusal=refusal)
    messages.success(request, "The profile is queued.")
    return redirect(tabs.address(now.station, tabs.PROFILES))


@require_POST
@operator
def what_if(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What would come of the profile as it is filled in."""
    now = station_page.find(access, identity, watched=True)
    context = {"station": now.station, **_preview(now, _filled(request))}
    return page(request, access, "dashboard/station/_what_if.html", context)


def _shown(
    request: HttpRequest,
    access: Access,
    now: Now,
    filled: Mapping[str, str],
    *,
    refusal: Refused | None = None,
    focus: str = "",
) -> HttpResponse:
    asked = Asked(station=now.station, running=now.running, filled=filled, refusal=refusal)
    context = station_page.context(now, access, tabs.PROFILES) | {
        "form": command_forms.form(ENTRY, asked),
        "fields": command_fields.of(ENTRY, asked),
        "waits": command_forms.WAITS,
        "wait_s": command_forms.wait_s(filled),
        "reason": filled.get("reason", ""),
        "idempotency_key": ulid.new(),
        "focus": focus,
        # An empty form's plot comes after the page.
        **(_preview(now, filled) if request.method == "POST" else {"later": True}),
    }
    return page(request, access, PAGE, context, status=422 if refusal else 200)


def _begun(now: Now, asked: Mapping[str, str]) -> dict[str, str]:
    """What the form begins with: a profile that is there, or a limit: for a session, or whoever charges."""
    profile = asked.get("profile", "")
    if profile.isascii() and profile.isdecimal() and len(profile) < 19:
        row = InstalledProfile.objects.filter(station=now.station, pk=int(profile)).first()
        if row is not None:
            params = {"evse_id": row.evse_id or 0, "charging_profile": row.content}
            try:
                return filled_params.write(ENTRY.command, now.station.ocpp_version, _said(params))
            except Untellable:
                pass
    session = next((each for each in now.running if each.pk == asked.get("session")), None)
    if session is not None:
        return _limit_of(session)
    start = clock.now().replace(minute=0, second=0, microsecond=0)
    profile_, schedule = "charging_profile", "charging_profile.charging_schedule.0"
    return {
        "evse_id": "0",
        f"{profile_}.charging_profile_purpose": "TxDefaultProfile",
        f"{profile_}.charging_profile_kind": "Absolute",
        f"{schedule}.charging_rate_unit": RateUnit.AMPERE.value,
        f"{schedule}.start_schedule": f"{start:%Y-%m-%dT%H:%M:%S}",
        f"{schedule}.charging_schedule_period.0.start_period": "0",
        f"{schedule}.charging_schedule_period.0.limit": "16",
    }


def _limit_of(session: ChargingSession) -> dict[str, str]:
    """From the session's beginning on, for it alone."""
    profile, schedule = "charging_profile", "charging_profile.charging_schedule.0"
    return {
        "evse_id": str(session.evse_id),
        f"{profile}.transaction_id": session.transaction_id,
        f"{profile}.charging_profile_purpose": "TxProfile",
        f"{profile}.charging_profile_kind": "Relative",
        f"{schedule}.charging_rate_unit": RateUnit.AMPERE.value,
        f"{schedule}.charging_schedule_period.0.start_period": "0",
        f"{schedule}.charging_schedule_period.0.limit": "16",
    }


def _said(found: Any) -> Any:  # noqa: ANN401 — any JSON
    """Without what says nothing."""
    match found:
        case dict():
            return {name: _said(value) for name, value in found.items() if value not in (None, [], ())}
        case list():
            return [_said(each) for each in found]
    return found


def _preview(now: Now, filled: Mapping[str, str]) -> dict[str, Any]:
    """The plot of what would come of it, or why nothing would."""
    try:
        params = filled_params.read(ENTRY.command, now.station.ocpp_version, filled)
        asked = catalogue.parse(ENTRY.command, params)
        assert isinstance(asked, SetChargingProfile)
        asked = profile_preparation.for_setting(now.station, asked)
    except Refused as refusal:
        return {"plot": None, "unplotted": str(refusal)}
    return {"plot": _plot(now, asked), "unplotted": ""}


def _plot(now: Now, asked: SetChargingProfile) -> LinePlot:
    unit = asked.charging_profile.charging_schedule[0].charging_rate_unit
    evse_id = asked.evse_id
    found = schedule_plot.known(now.station, now.running)
    where = found.place(evse_id, unit)
    after = found.composite(evse_id, unit, [_installed(now, asked)])
    before = schedule_plot.composite_series(
        "As it is now", found.composite(evse_id, unit), where, Tone.SECOND
    )
    measured = schedule_plot.measured(now.station, where, after.since, now.running)
    name = f"EVSE {evse_id}" if evse_id else "the whole station"
    return schedule_plot.plot(
        after,
        where,
        others=[before, measured],
        caption=f"What {name} might draw with this profile",
        name="With this profile",
    )


def _installed(now: Now, asked: SetChargingProfile) -> InstalledProfile:
    """The profile as if the station had taken it; never stored."""
    profile = asked.charging_profile
    return InstalledProfile(
        station=now.station,
        evse_id=asked.evse_id,
        profile_id=profile.id,
        source=ProfileSource.OURS,
        **installed_profiles.columns(profile),
    )


def _filled(request: HttpRequest) -> dict[str, str]:
    sent = request.POST.lists()
    return {name: "\n".join(map(str, texts)).replace("\0", "") for name, texts in sent}
