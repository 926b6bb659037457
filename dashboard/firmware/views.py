"""The firmware store and its campaigns: files that stations fetch from us, brought to many in waves."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, page, requires, viewer
from dashboard.addresses import client_address
from dashboard.bulk import actions, selection
from dashboard.bulk.selection import NOTHING_CHOSEN, Selection
from dashboard.commands import command_forms, command_words
from dashboard.firmware import campaign_progress
from dashboard.found import or_404
from emobi.core.errors import Invalid, Refused
from emobi.core.models import Role
from sessions import selectors as charging
from stations import maintenance
from stations.commands import catalogue
from stations.models import FirmwareCampaign, FirmwareImage, Station
from stations.services.files import firmware_campaigns, firmware_images

IMAGES = 100
MOST_IDENTITIES = 400_000

# Whoever may update one station may update many, and says why as for one.
ENTRY = catalogue.entry("update_firmware")
UPDATES = ENTRY.role
WORDS = command_words.WORDS[ENTRY.command]
# So many of its stations are named before it begins.
NAMED = 20

# The fields of a campaign's form.
CARRIED = ("image", "name", "wave", "wave_unit", "max_failure_percent", "hours", "stations")

CHANGES: Mapping[str, Callable[..., FirmwareCampaign]] = {
    "pause": firmware_campaigns.pause,
    "resume": firmware_campaigns.resume,
    "cancel": firmware_campaigns.cancel,
}


@require_safe
@viewer
def store(request: HttpRequest, access: Access) -> HttpResponse:
    """Images and campaigns."""
    return _store(request, access)


@require_POST
@requires(UPDATES)
def upload(request: HttpRequest, access: Access) -> HttpResponse:
    """Put a file into the store."""
    filled = _filled(request)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Invalid("Choose a file.", "file")
        said = firmware_images.Description(
            version=filled.get("version", "").strip(),
            vendor=filled.get("vendor", "").strip(),
            model=filled.get("model", "").strip(),
            signature="".join(filled.get("signature", "").split()),
            signing_certificate=filled.get("signing_certificate", "").strip(),
            note=filled.get("note", "").strip()[:200],
        )
        image = firmware_images.add(
            access.network,
            file.name or "",
            file.chunks(),
            said,
            by=access.actor,
            address=client_address(request),
        )
    except Refused as refusal:
        return _store(request, access, filled=filled, upload_refusal=refusal)
    messages.success(request, f"{image.filename} is in the store.")
    return redirect("dashboard:firmware-store")


@require_POST
@requires(UPDATES)
def delete(request: HttpRequest, access: Access, image_id: str) -> HttpResponse:
    """Take an image out of the store."""
    image = or_404(firmware_images.of_network, access.network.pk, image_id[:26])
    try:
        firmware_images.delete(image, by=access.actor, address=client_address(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{image.filename} is out of the store.")
    return redirect("dashboard:firmware-store")


@require_POST
@requires(UPDATES)
def prepare(request: HttpRequest, access: Access) -> HttpResponse:
    """The form of a campaign with the stations that were selected in their list."""
    chosen = Selection.read(request.POST)
    if chosen.is_empty:
        return _store(request, access, campaign_refusal=Invalid(f"{NOTHING_CHOSEN}.", "stations"))
    stations = chosen.stations(access.network)
    identities = stations.values_list("identity", flat=True)[: firmware_campaigns.MOST_STATIONS]
    return _store(request, access, filled={"stations": "\n".join(identities)}, named=len(identities))


@require_POST
@requires(UPDATES)
def begin(request: HttpRequest, access: Access) -> HttpResponse:
    """Begin a campaign: at first it is said to how many stations it goes, and their number asked for."""
    filled = _filled(request)
    image = or_404(firmware_images.of_network, access.network.pk, filled.get("image", "")[:26])
    if "change" in filled:
        return _store(request, access, filled=filled)
    try:
        plan = _plan(filled)
        stations = firmware_campaigns.chosen(access.network, image, _identities(filled))
    except Refused as refusal:
        return _store(request, access, filled=filled, campaign_refusal=refusal)
    if "typed" not in filled:
        return _review(request, access, image, plan, stations, filled)
    try:
        if not actions.confirmed(len(stations), filled["typed"], risky=True):
            raise Invalid(f"Type {len(stations)} to confirm.", "typed")
        begun = firmware_campaigns.begin(
            access.network,
            image,
            [station.identity for station in stations],
            plan,
            by=access.actor,
            address=client_address(request),
            reason=command_forms.reason(ENTRY, filled),
        )
    except Refused as refusal:
        return _review(request, access, image, plan, stations, filled, refusal)
    messages.success(request, "The campaign has begun.")
    return redirect("dashboard:campaign", begun.pk)


@require_safe
@viewer
def campaign(request: HttpRequest, access: Access, campaign_id: str) -> HttpResponse:
    """One campaign, station by station."""
    context = _campaign(request, access, campaign_id) | {"section": "firmware"}
    return page(request, access, "dashboard/firmware/campaign.html", context)


@require_safe
@viewer
def campaign_fragment(request: HttpRequest, access: Access, campaign_id: str) -> HttpResponse:
    """How far it is, drawn anew."""
    context = _campaign(request, access, campaign_id)
    return page(request, access, "dashboard/firmware/_progress.html", context)


@require_POST
@requires(UPDATES)
def change(request: HttpRequest, access: Access, campaign_id: str) -> HttpResponse:
    """Pause, resume or cancel it."""
    found = or_404(maintenance.campaign, access.network, campaign_id[:26])
    do = CHANGES.get(request.POST.get("what", ""))
    if do is None:
        raise Http404("There is no such change.")
    try:
        do(found, by=access.actor, address=client_address(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:campaign", found.pk)


def _campaign(request: HttpRequest, access: Access, campaign_id: str) -> dict[str, Any]:
    found = or_404(maintenance.campaign, access.network, campaign_id[:26])
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
    targets = campaign_progress.targets(found, after)
    shown = targets[: campaign_progress.TARGETS]
    return {
        "progress": campaign_progress.of(found),
        "targets": shown,
        "next": shown[-1].pk if len(targets) > len(shown) else "",
        "after": text if after is not None else "",
        "may_update": access.role.includes(UPDATES),
    }


def _store(
    request: HttpRequest,
    access: Access,
    *,
    filled: Mapping[str, str] | None = None,
    upload_refusal: Refused | None = None,
    campaign_refusal: Refused | None = None,
    named: int = 0,
) -> HttpResponse:
    refused = upload_refusal or campaign_refusal
    context = {
        "images": list(maintenance.images(access.network)[:IMAGES]),
        "campaigns": campaign_progress.newest(access.network),
        "filled": filled or {},
        "upload_refusal": upload_refusal,
        "campaign_refusal": campaign_refusal,
        "named": named,
        "may_update": access.role.includes(UPDATES),
        "needed": Role(UPDATES).label,
        "section": "firmware",
    }
    return page(request, access, "dashboard/firmware/store.html", context, status=422 if refused else 200)


def _review(
    request: HttpRequest,
    access: Access,
    image: FirmwareImage,
    plan: firmware_campaigns.Plan,
    stations: Sequence[Station],
    filled: Mapping[str, str],
    refusal: Refused | None = None,
) -> HttpResponse:
    """What a campaign will do, to whom, before it begins."""
    meant = Station.objects.filter(pk__in=[station.pk for station in stations])
    size = firmware_campaigns.wave_size(plan, len(stations))
    blamed = refusal.field if isinstance(refusal, Invalid) else ""
    context = {
        "section": "firmware",
        "image": image,
        "plan": plan,
        "hours": plan.station_timeout_s // 3600,
        "total": len(stations),
        "named": _identities(filled) is not None,
        "names": [station.identity for station in stations[:NAMED]],
        "wave_size": min(size, len(stations)),
        "waves": math.ceil(len(stations) / size),
        "eligible": selection.eligibility(meant, ENTRY.versions),
        "running": charging.running_at(meant),
        "carried": {name: filled.get(name, "") for name in CARRIED},
        "reason": filled.get("reason", ""),
        "form": {"words": WORDS, "reason_error": str(refusal) if blamed == "reason" else ""},
        "refusal": "" if blamed == "reason" else refusal,
    }
    return page(request, access, "dashboard/firmware/review.html", context, status=422 if refusal else 200)


def _identities(filled: Mapping[str, str]) -> list[str] | None:
    """The stations that are named, one a line (they may hold spaces); None: all that the image fits."""
    lines = filled.get("stations", "")[:MOST_IDENTITIES].splitlines()
    return [line.strip() for line in lines if line.strip()][: firmware_campaigns.MOST_STATIONS] or None


def _plan(filled: Mapping[str, str]) -> firmware_campaigns.Plan:
    """How a campaign goes about it.

    Raises:
        Invalid: If something isn't a number, or can't be.
    """
    by_percent = filled.get("wave_unit") == "percent"
    size = _number(
        filled, "wave", "How many a wave", 1, 100 if by_percent else firmware_campaigns.MOST_STATIONS
    )
    return firmware_campaigns.Plan(
        wave_size=None if by_percent else size,
        wave_percent=size if by_percent else None,
        max_failure_percent=_number(filled, "max_failure_percent", "Failures", 0, 100),
        station_timeout_s=3600 * _number(filled, "hours", "Hours", 1, 168),
        name=filled.get("name", "").strip()[:120],
    )


def _number(filled: Mapping[str, str], name: str, label: str, low: int, high: int) -> int:
    text = filled.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and low <= int(text) <= high):
        raise Invalid(f"{label}: from {low} to {high}.", name)
    return int(text)


def _filled(request: HttpRequest) -> dict[str, str]:
    return {name: str(text).replace("\0", "") for name, text in request.POST.items()}
