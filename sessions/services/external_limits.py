"""Limits that somebody else sets at a station: an energy management system, the grid's operator.

Each is an external constraint like those that stations report as profiles (K11.FR.06, K12.FR.05), so they are
kept in one place. Idempotent: a limit that is told again replaces itself.
"""

from django.db.models import QuerySet

from emobi.core import clock, events, unit_of_work
from sessions import limits
from sessions.models import InstalledProfile, ProfileSource
from sessions.reports import LimitClearedReport, LimitReport
from sessions.services import installed_profiles
from stations.commands.charging_profiles import ChargingProfile, LimitSource, ProfileKind, ProfilePurpose
from stations.models import Station


def set_limit(station: Station, report: LimitReport) -> None:
    """Keep the limit in place of what this source had set there."""
    profile = ChargingProfile(
        charging_profile_purpose=ProfilePurpose.EXTERNAL_CONSTRAINTS,
        charging_profile_kind=ProfileKind.ABSOLUTE,
        charging_schedule=report.schedules,
    )
    with unit_of_work.begin():
        _of(station, report.limit_source, report.evse_id).delete()
        possible = installed_profiles.is_possible(station, "NotifyChargingLimit", report.evse_id)
        if possible and installed_profiles.has_room(station):
            InstalledProfile.objects.create(
                station=station,
                evse_id=report.evse_id,
                source=ProfileSource.EXTERNAL,
                limit_source=report.limit_source.value,
                grid_critical=report.grid_critical,
                set_at=clock.now(),
                **installed_profiles.columns(profile),
            )
        events.record(
            station.subject,
            events.LimitSet(
                evse_id=limits.place(report.evse_id),
                received_at=clock.now(),
                limit_source=report.limit_source.value,
                grid_critical=report.grid_critical,
                charging_schedules=tuple(events.plain(schedule) for schedule in report.schedules),
            ),
        )


def clear_limit(station: Station, report: LimitClearedReport) -> None:
    """Drop what this source had set there; whether we knew of it or not, the station says that it is gone."""
    with unit_of_work.begin():
        _of(station, report.limit_source, report.evse_id).delete()
        events.record(
            station.subject,
            events.LimitCleared(
                evse_id=limits.place(report.evse_id),
                received_at=clock.now(),
                limit_source=report.limit_source.value,
            ),
        )


def _of(station: Station, source: LimitSource, evse_id: int | None) -> QuerySet[InstalledProfile]:
    found = InstalledProfile.objects.filter(
        station=station, source=ProfileSource.EXTERNAL, limit_source=source.value
    )
    return found if evse_id is None else found.filter(evse_id=evse_id)
