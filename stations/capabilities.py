"""What a station can do, derived: what its version has words for, what it claims, and what it has shown.

A feature is a command of the catalogue, or what a station does of its own accord (`OWN_ACCORD`). Nothing is
kept for it: all of it stands in commands, variables and what stations reported.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from stations.commands import catalogue
from stations.models import (
    Command,
    CommandState,
    MonitoredEvent,
    SecurityEventEntry,
    Station,
    Variable,
)

TAKEN = (CommandState.ACCEPTED, CommandState.SCHEDULED)
# Not "unsupported", nor what wasn't sent: that is the version's shortcoming or ours, not the station's.
REFUSED = (CommandState.REJECTED, CommandState.FAILED, CommandState.UNKNOWN)

# That a station accepts says that it will try. Where the effect is followed it has to have been seen, if only
# of a command that was never answered; what ends in a status of its own has to have come to the right one.
_BY_STATUS = ("get_log", "publish_firmware")
# UploadLogStatusEnumType and PublishFirmwareStatusEnumType, OCPP 2.0.1 part 2, sections 3.83 and 3.63.
_FAILED_UPLOADS = ("BadMessage", "NotSupportedOperation", "PermissionDenied", "UploadFailure")
_FAILED_PUBLICATIONS = ("DownloadFailed", "InvalidChecksum", "PublishFailed")
WORKED = (
    Q(verified="verified", state__in=(*TAKEN, CommandState.UNKNOWN))
    | Q(verified="", state__in=TAKEN) & ~Q(name__in=_BY_STATUS)
    | Q(log__status="Uploaded")
    | Q(log__stored_at__isnull=False)
    | Q(name="publish_firmware", firmware_steps__status="Published")
)
DIDNT = (
    Q(state__in=REFUSED, sent_at__isnull=False) & ~Q(verified="verified")
    | Q(verified="not_seen")
    | Q(log__status__in=_FAILED_UPLOADS)
    | Q(name="publish_firmware", firmware_steps__status__in=_FAILED_PUBLICATIONS)
)

# The feature profile of OCPP 1.6 (section 3.3) that a command belongs to. Those of the security extension
# belong to none.
PROFILES: Mapping[str, str] = {
    **dict.fromkeys(
        ("remote_start", "remote_stop", "reset", "unlock", "set_availability", "get_config", "set_config"),
        "Core",
    ),
    **dict.fromkeys(("clear_cache", "data_transfer"), "Core"),
    "trigger_message": "RemoteTrigger",
    **dict.fromkeys(("update_firmware", "get_log"), "FirmwareManagement"),
    **dict.fromkeys(("send_local_list", "get_local_list_version"), "LocalAuthListManagement"),
    **dict.fromkeys(("reserve", "cancel_reservation"), "Reservation"),
    **dict.fromkeys(
        ("set_charging_profile", "clear_charging_profile", "get_composite_schedule"), "SmartCharging"
    ),
}

# The component of OCPP 2.0.1 whose variable Available says whether the station can do it (part 2,
# referenced components and variables).
CONTROLLERS: Mapping[str, str] = {
    "clear_cache": "AuthCacheCtrlr",
    **dict.fromkeys(("send_local_list", "get_local_list_version"), "LocalAuthListCtrlr"),
    **dict.fromkeys(("reserve", "cancel_reservation"), "ReservationCtrlr"),
    **dict.fromkeys(
        (
            "set_charging_profile",
            "clear_charging_profile",
            "get_charging_profiles",
            "get_composite_schedule",
        ),
        "SmartChargingCtrlr",
    ),
    **dict.fromkeys(
        ("set_display_message", "get_display_messages", "clear_display_message"), "DisplayMessageCtrlr"
    ),
    **dict.fromkeys(
        (
            "set_monitors",
            "clear_monitors",
            "set_monitoring_base",
            "set_monitoring_level",
            "get_monitoring_report",
        ),
        "MonitoringCtrlr",
    ),
    "update_cost": "TariffCostCtrlr",
}

# What stations do unasked, with the versions that have it and the controller that claims it.
OWN_ACCORD: Mapping[str, tuple[tuple[str, ...], str]] = {
    "security_events": (("1.6", "2.0.1"), ""),
    "monitored_events": (("2.0.1",), "MonitoringCtrlr"),
}


@dataclass(frozen=True, kw_only=True)
class Capability:
    """One feature.

    Attributes:
        in_version: Whether the version that the station spoke last has it; None: it never spoke.
        claimed: Whether the station says that it can do it; None: it hasn't said.
        worked_at: When the station last agreed to what it then did, by our clock.
        refused_at: When it last refused it, gave no proper answer, or agreed to what was never seen.
        failure: How it did: its word, its error, that it never answered, or what was seen instead.
    """

    in_version: bool | None
    claimed: bool | None = None
    worked_at: datetime | None = None
    refused_at: datetime | None = None
    failure: str | None = None


def of(station: Station) -> dict[str, Capability]:
    """By feature; four queries, however much the station has done."""
    claims = _claims(station)
    shown = _shown(station)
    capabilities = {
        name: replace(
            shown.get(name, Capability(in_version=None)),
            in_version=_in_version(station, entry.versions),
            claimed=claims.get(_claim_of(station, name)),
        )
        for name, entry in catalogue.ENTRIES.items()
    }
    seen_at = _told_at(station)
    for name, (versions, controller) in OWN_ACCORD.items():
        capabilities[name] = Capability(
            in_version=_in_version(station, versions),
            claimed=claims.get(controller) if station.ocpp_version == "2.0.1" else None,
            worked_at=seen_at[name],
        )
    return capabilities


def _told_at(station: Station) -> dict[str, datetime | None]:
    """When it last told something of its own accord, by feature; one query."""
    security = SecurityEventEntry.objects.filter(station=OuterRef("pk")).order_by("-received_at")
    monitored = MonitoredEvent.objects.filter(station=OuterRef("pk")).order_by("-pk")
    security_at, monitored_at = (
        Station.objects.filter(pk=station.pk)
        .values_list(
            Subquery(security.values("received_at")[:1]), Subquery(monitored.values("received_at")[:1])
        )
        .get()
    )
    return {"security_events": security_at, "monitored_events": monitored_at}


def _in_version(station: Station, versions: tuple[str, ...]) -> bool | None:
    return station.ocpp_version in versions if station.ocpp_version else None


def _claim_of(station: Station, command: str) -> str:
    claimed_by = PROFILES if station.ocpp_version == "1.6" else CONTROLLERS
    return claimed_by.get(command, "")


def _claims(station: Station) -> dict[str, bool]:
    """By feature profile or controller, whether the station has it, as far as it said. One query."""
    said = Variable.objects.filter(
        Q(component="OCPP16", variable="SupportedFeatureProfiles")
        | Q(component__in={*CONTROLLERS.values()}, variable="Available"),
        station=station,
        attribute="Actual",
        value__isnull=False,
    ).values_list("component", "variable", "value")
    claims: dict[str, bool] = {}
    for component, variable, value in said:
        if variable == "Available":
            # Of several (tariff, cost) one is enough.
            claims[component] = claims.get(component, False) or (value or "").strip().lower() == "true"
        else:
            named = profiles(value or "")
            claims |= {profile: profile in named for profile in PROFILES.values()}
    return claims


def profiles(text: str) -> set[str]:
    """The feature profiles that a station lists, with spaces or misspelt as they may be (quirk 78)."""
    known = {profile.lower(): profile for profile in PROFILES.values()}
    found = set()
    for word in re.split(r"[,;|]", text):
        letters = re.sub(r"[^a-z]", "", word.lower())
        match = difflib.get_close_matches(letters, known, n=1, cutoff=0.8)
        found |= {known[name] for name in match}
    return found


def _shown(station: Station) -> dict[str, Capability]:
    """By command, what came of it. Two queries: one for when, one for how it last failed."""
    asked = with_verified(Command.objects.filter(station=station))
    times = asked.values("name").annotate(
        worked_at=Max("ended_at", filter=WORKED), refused_at=Max("ended_at", filter=DIDNT)
    )
    failures = {
        name: _failure(CommandState(state), outcome or {}, log_status or step)
        for name, state, outcome, log_status, step in asked.filter(DIDNT)
        .order_by("name", "-ended_at", "-firmware_steps__pk")
        .distinct("name")
        .values_list("name", "state", "outcome", "log__status", "firmware_steps__status")
    }
    return {
        row["name"]: Capability(
            in_version=None,
            worked_at=row["worked_at"],
            refused_at=row["refused_at"],
            failure=failures.get(row["name"]),
        )
        for row in times
    }


def with_verified(commands: QuerySet[Command]) -> QuerySet[Command]:
    """Commands that `WORKED` and `DIDNT` can be asked of."""
    verified = Coalesce(KT("outcome__verification__state"), Value(""), output_field=TextField())
    return commands.annotate(verified=verified)


def _failure(state: CommandState, outcome: Mapping[str, Any], came_to: str | None) -> str | None:
    if state not in TAKEN:
        return str(outcome.get("reason") or outcome.get("status") or "") or None
    verification = outcome.get("verification") or {}
    # An update that failed says so; nothing else that is awaited has a word for it.
    came_to = (verification.get("detail") or {}).get("status") or came_to
    if came_to and came_to != "Installed":
        return f"{state}, then {came_to}"
    return f"{state}, not seen in {verification.get('within_s')} s"
