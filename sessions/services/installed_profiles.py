"""Which charging profiles stations have: what they accepted, forgot and reported.

Idempotent: what is said again changes nothing. What stations report is kept as they say it; the database
keeps the rules of uniqueness for what we set (K01.FR.06, .39).
"""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import Exact

from emobi.core import checks, clock, events, unit_of_work
from sessions import held_profiles, limits, stored_profiles
from sessions.models import ChargingSession, InstalledProfile, ProfileSource, SessionState
from sessions.reports import ProfilesReport
from sessions.services import profile_preparation
from stations.commands import catalogue
from stations.commands.charging_profiles import (
    ChargingProfile,
    ClearChargingProfile,
    GetChargingProfiles,
    ProfilePurpose,
    SetChargingProfile,
)
from stations.commands.transactions import RemoteStart
from stations.models import Command, Station
from stations.services.commanding import command_parts
from stations.services.registry import deviations

# What is kept of a station; beyond it reports are only events. The largest hold some hundreds.
MOST_PROFILES = 1000
# A transaction's profile is of no use once it is over; a late message may still be about it.
KEPT_AFTER_END = timedelta(days=1)

_GET = ("get_charging_profiles",)


def accepted(station: Station, asked: SetChargingProfile) -> None:
    """The station took a profile: it is there in place of what had its id, or its place."""
    _install(station, asked.evse_id, asked.charging_profile)


def accepted_start(station: Station, asked: RemoteStart, transaction_id: str | None) -> None:
    """The station took a profile with a remote start, if one came with it; its transaction is to come."""
    if asked.charging_profile is not None:
        # A transaction that the station names runs already, and may have a profile at that level.
        profile = dataclasses.replace(asked.charging_profile, transaction_id=transaction_id or None)
        _install(
            station,
            asked.evse_id,
            profile,
            remote_start_id=asked.remote_start_id,
            id_token=asked.id_token,
        )


def cleared(station: Station, asked: ClearChargingProfile) -> None:
    """The station has none left that fit, be it because there were none (Unknown)."""
    _fitting(
        station,
        ids=() if asked.charging_profile_id is None else (asked.charging_profile_id,),
        evse_id=asked.evse_id,
        purpose=asked.charging_profile_purpose,
        stack_level=asked.stack_level,
    ).exclude(source=ProfileSource.EXTERNAL).delete()


def none_found(station: Station, asked: GetChargingProfiles) -> None:
    """The station has none that fit (NoProfiles)."""
    _asked_for(station, asked).delete()


def report(station: Station, part: ProfilesReport) -> None:
    """Take over a part of a report. With the last one is forgotten what was asked for and isn't there."""
    with unit_of_work.begin():
        for profile in part.profiles:
            if is_possible(station, "ReportChargingProfiles", part.evse_id, profile):
                _take_over(station, part, profile)
        items = [_item(part, profile) for profile in part.profiles]
        command = command_parts.add(
            station, _GET, part.request_id, seq_no=None, more=not part.last, items=items
        )
        if command is not None and part.last and command.report and command.report["complete"]:
            _forget_the_missing(station, command)
        events.record(
            station.subject,
            events.ChargingProfileReported(
                evse_id=limits.place(part.evse_id),
                received_at=clock.now(),
                request_id=part.request_id,
                limit_source=part.limit_source.value,
                charging_profiles=tuple(stored_profiles.written(profile) for profile in part.profiles),
                complete=part.last,
            ),
        )


def forget_the_old() -> None:
    """Forget profiles of transactions that are over. Safe to run any time."""
    running = ChargingSession.objects.filter(station=OuterRef("station"), state=SessionState.ACTIVE)
    # Which transaction a remote start led to is known while it runs; so any that runs may be the one.
    running = running.filter(
        Q(transaction_id=OuterRef("transaction_id")) | Q(Exact(OuterRef("transaction_id"), ""))
    )
    InstalledProfile.objects.filter(
        ~Exists(running), purpose=ProfilePurpose.TX.value, set_at__lt=clock.now() - KEPT_AFTER_END
    ).delete()


def has_room(station: Station) -> bool:
    """Whether more of what the station says is kept."""
    return InstalledProfile.objects.filter(station=station).count() < MOST_PROFILES


def is_possible(station: Station, action: str, evse_id: int, profile: ChargingProfile | None = None) -> bool:
    """Whether there can be what the station says; what can't isn't kept, and that is noted.

    Args:
        station: Whose profile, or limit, it is.
        action: Of the message that says so.
        evse_id: Where it is in force; 0 is the whole station.
        profile: What has an id, and a level among others; None for a limit.
    """
    said = [("evseId", evse_id, 0, checks.LAST_PLACE)]
    if profile is not None:
        said += [
            ("chargingProfile[].id", profile.id or 0, checks.SMALLEST, checks.LARGEST),
            ("chargingProfile[].stackLevel", profile.stack_level, 0, checks.LARGEST),
        ]
    beyond = [
        deviations.Found(path, "range", "no number that there can be: not kept")
        for path, number, low, high in said
        if not low <= number <= high
    ]
    if beyond:
        deviations.note(station, action, beyond)
    return not beyond


def columns(profile: ChargingProfile) -> dict[str, Any]:
    """The columns that follow from a profile's content."""
    backwards = profile.valid_from and profile.valid_to and profile.valid_from >= profile.valid_to
    return {
        "purpose": profile.charging_profile_purpose.value,
        "stack_level": profile.stack_level,
        "transaction_id": limits.key(profile.transaction_id or ""),
        # One that ends before it begins is never valid; its content says so.
        "valid_from": profile.valid_from,
        "valid_to": None if backwards else profile.valid_to,
        "content": stored_profiles.written(profile),
    }


def _install(station: Station, evse_id: int | None, profile: ChargingProfile, **more: object) -> None:
    with unit_of_work.begin():
        running = held_profiles.active(station)
        replaced = [
            row.pk
            for row in held_profiles.held(held_profiles.rows(station), running)
            if row.source != ProfileSource.EXTERNAL and _gives_way(station, row, evse_id, profile)
        ]
        gone = Q(pk__in=replaced) | Q(profile_id=profile.id) & ~Q(source=ProfileSource.EXTERNAL)
        if profile.transaction_id:
            gone |= Q(transaction_id=profile.transaction_id, stack_level=profile.stack_level)
        InstalledProfile.objects.filter(gone, station=station).delete()
        row = {"source": ProfileSource.OURS, "set_at": clock.now(), **columns(profile), **more}
        InstalledProfile.objects.create(station=station, evse_id=evse_id, profile_id=profile.id, **row)


def _gives_way(
    station: Station, row: InstalledProfile, evse_id: int | None, profile: ChargingProfile
) -> bool:
    """Whether the station no longer has a profile, now that it took a new one with another id."""
    if evse_id is None or row.evse_id != evse_id:
        return False
    if station.ocpp_version != "1.6":
        return profile_preparation.in_place(row, evse_id, profile)
    # Whatever the time that either is valid (OCPP 1.6 section 3.13.2).
    own = (row.purpose, row.stack_level) == (profile.charging_profile_purpose, profile.stack_level)
    return own and row.transaction_id == (profile.transaction_id or "")


def _take_over(station: Station, part: ProfilesReport, profile: ChargingProfile) -> None:
    now, found = clock.now(), InstalledProfile.objects.filter(station=station)
    told = {"evse_id": part.evse_id, "limit_source": part.limit_source.value, **columns(profile)}
    if profile.charging_profile_purpose == ProfilePurpose.EXTERNAL_CONSTRAINTS:
        place = {
            "evse_id": part.evse_id,
            "limit_source": part.limit_source.value,
            "source": ProfileSource.EXTERNAL,
        }
        # What we were notified of without an id is this.
        found.filter(**place, profile_id=None).delete()
        known = found.filter(**place, profile_id=profile.id).first()
        source = ProfileSource.EXTERNAL
    else:
        known = found.filter(profile_id=profile.id).exclude(source=ProfileSource.EXTERNAL).first()
        source = ProfileSource.REPORTED
    if known is None:
        if has_room(station):
            found.create(
                station=station,
                profile_id=profile.id,
                source=source,
                set_at=now,
                reported_at=now,
                **told,
            )
        return
    if known.source == ProfileSource.OURS:
        if _is_in_place(known, told):
            # Which transaction ours is for we know better: the station may leave it out.
            told = {"content": told["content"]}
        else:
            known.source = ProfileSource.REPORTED
    for name, value in told.items():
        setattr(known, name, value)
    known.reported_at = now
    known.save()


def _is_in_place(known: InstalledProfile, told: Mapping[str, Any]) -> bool:
    """Whether the station has it where we set it, so that the rules for ours still hold."""
    columns_agree = all(getattr(known, name) == told[name] for name in ("evse_id", "purpose", "stack_level"))
    # As they were said: with milliseconds, whatever we were asked for.
    times_agree = all(known.content[name] == told["content"][name] for name in ("valid_from", "valid_to"))
    return columns_agree and times_agree


def _item(part: ProfilesReport, profile: ChargingProfile) -> dict[str, Any]:
    return {
        "evse_id": part.evse_id,
        "charging_limit_source": part.limit_source.value,
        "charging_profile": stored_profiles.written(profile),
    }


def _forget_the_missing(station: Station, command: Command) -> None:
    asked = catalogue.parse(command.name, command.params)
    assert isinstance(asked, GetChargingProfiles)
    stale = Q(reported_at=None) | Q(reported_at__lt=command.sent_at)
    # What was only notified of has no id to be reported by.
    missing = _asked_for(station, asked).filter(stale, set_at__lt=command.sent_at, profile_id__isnull=False)
    missing.delete()


def _asked_for(station: Station, asked: GetChargingProfiles) -> QuerySet[InstalledProfile]:
    found = _fitting(
        station,
        ids=asked.charging_profile_id,
        evse_id=asked.evse_id,
        purpose=asked.charging_profile_purpose,
        stack_level=asked.stack_level,
    )
    if asked.charging_limit_source:
        found = found.filter(limit_source__in=[source.value for source in asked.charging_limit_source])
    return found


def _fitting(
    station: Station,
    *,
    ids: tuple[int, ...],
    evse_id: int | None,
    purpose: ProfilePurpose | None,
    stack_level: int | None,
) -> QuerySet[InstalledProfile]:
    """Those that fit all that is given (K10.FR.04; OCPP 1.6 errata 3.25)."""
    found = InstalledProfile.objects.filter(station=station)
    if ids:
        found = found.filter(profile_id__in=ids)
    if evse_id is not None:
        found = found.filter(Q(evse_id=evse_id) | Q(pk__in=_started_at(station, evse_id)))
    if purpose is not None:
        found = found.filter(purpose=purpose.value)
    if stack_level is not None:
        found = found.filter(stack_level=stack_level)
    return found


def _started_at(station: Station, evse_id: int) -> list[int]:
    """Profiles that came with a remote start which named no EVSE, and whose transaction is at this one."""
    placeless = held_profiles.rows(station).filter(evse_id=None)
    if not placeless:
        return []
    running = held_profiles.active(station)
    return [row.pk for row in held_profiles.held(placeless, running) if row.evse_id == evse_id]
