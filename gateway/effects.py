"""What a station's answer to a command changes here, by command.

A function of this table gets the station, the command as it was said, and what came of it; it runs in the
transaction that ends the command, for answers only: accepted, scheduled or rejected.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sessions.services import customers, installed_profiles, local_lists, station_answers
from stations.commands.charging_profiles import ClearChargingProfile, GetChargingProfiles, SetChargingProfile
from stations.commands.everyday import SetAvailability
from stations.commands.firmware import UpdateFirmware
from stations.commands.local_lists import GetLocalListVersion, SendLocalList
from stations.commands.logs import GetLog
from stations.commands.outcome import Outcome
from stations.commands.reservations import CancelReservation, Reserve
from stations.commands.transactions import RemoteStart
from stations.models import CommandState, ReservationEnd, Station
from stations.services.commanding import progress
from stations.services.device_model import (
    connectors,
    display_messages,
    gone_keys,
    monitors,
    network_profiles,
    reservations,
)
from stations.services.files import station_logs
from stations.services.trust import installed_certificates, signing_requests


def _updating(station: Station, asked: UpdateFirmware, outcome: Outcome) -> None:
    if outcome.status == progress.CANCELED:
        progress.update_replaced(station, asked.request_id)


def _uploading(station: Station, asked: GetLog, outcome: Outcome) -> None:
    if outcome.status == progress.CANCELED:
        progress.upload_replaced(station, asked.request_id)
    if "filename" in outcome.detail:
        station_logs.named(station, asked, outcome.detail["filename"])


def _reserved(station: Station, asked: Reserve, outcome: Outcome) -> None:
    if outcome.state == CommandState.ACCEPTED:
        reservations.create(station, asked)


def _cancelled(station: Station, asked: CancelReservation, outcome: Outcome) -> None:
    if outcome.state == CommandState.ACCEPTED:
        reservations.cancel(station, asked)
    elif outcome.state == CommandState.REJECTED:
        # It knows no such reservation (1.6 section 5.2; 2.0.1, H02.FR.01): we needn't keep it either.
        reservations.update(station, asked.reservation_id, ReservationEnd.REMOVED)


def _availability(station: Station, _asked: SetAvailability, _outcome: Outcome) -> None:
    """Of connectors that are as asked already no status will come."""
    connectors.tell_availability(station)


def _profile_set(station: Station, asked: SetChargingProfile, outcome: Outcome) -> None:
    if outcome.state == CommandState.ACCEPTED:
        installed_profiles.accepted(station, asked)


def _started(station: Station, asked: RemoteStart, outcome: Outcome) -> None:
    if outcome.state == CommandState.ACCEPTED:
        installed_profiles.accepted_start(station, asked, outcome.detail.get("transaction_id"))


def _profiles_cleared(station: Station, asked: ClearChargingProfile, outcome: Outcome) -> None:
    # Unknown: there is none that fits, so there is none left either.
    if outcome.status in ("Accepted", "Unknown"):
        installed_profiles.cleared(station, asked)


def _profiles_told(station: Station, asked: GetChargingProfiles, outcome: Outcome) -> None:
    if outcome.status == "NoProfiles":
        installed_profiles.none_found(station, asked)


def _list_sent(station: Station, asked: SendLocalList, outcome: Outcome) -> None:
    local_lists.answered(station, asked, outcome)


def _list_version_told(station: Station, asked: GetLocalListVersion, outcome: Outcome) -> None:
    local_lists.told_version(station, outcome.detail["version"])


def _list_sent_in_part(station: Station, asked: SendLocalList, so_far: Outcome) -> None:
    local_lists.partly_answered(station, asked, so_far)


EFFECTS: Mapping[str, Callable[[Station, Any, Outcome], None]] = {
    "cancel_reservation": _cancelled,
    "certificate_signed": signing_requests.taken,
    "clear_charging_profile": _profiles_cleared,
    "clear_display_message": display_messages.was_cleared,
    "clear_monitors": monitors.were_cleared,
    "customer_information": customers.forget,
    "delete_certificate": installed_certificates.deleted,
    "get_charging_profiles": _profiles_told,
    "get_config": gone_keys.forget,
    "get_display_messages": display_messages.none_reported,
    "get_log": _uploading,
    "get_monitoring_report": monitors.none_reported,
    "get_session_status": station_answers.told,
    "install_certificate": installed_certificates.installed,
    "list_certificates": installed_certificates.listed,
    "remote_start": _started,
    "get_local_list_version": _list_version_told,
    "reserve": _reserved,
    "send_local_list": _list_sent,
    "set_charging_profile": _profile_set,
    "set_availability": _availability,
    "set_display_message": display_messages.was_set,
    "set_monitoring_base": monitors.base_was_set,
    "set_monitors": monitors.were_set,
    "set_network_profile": network_profiles.was_set,
    "update_firmware": _updating,
}

# The same for a command that is said in several CALLs, with each answer but the last.
SO_FAR: Mapping[str, Callable[[Station, Any, Outcome], None]] = {"send_local_list": _list_sent_in_part}

# What it changes that the station has no such message: its answer was NotImplemented or NotSupported.
NOT_KNOWN: Mapping[str, Callable[[Station], None]] = {"send_local_list": local_lists.not_known}
