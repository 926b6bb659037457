"""What we know and the asker needn't say: filled in right before a command is said.

A function of this table gets the station and the command as it was asked, and returns it whole. It raises
`gateway.errors.CommandUnsupported` for what can't be said to this station at all.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from emobi.core import clock
from gateway import errors
from gateway.ocpp16 import send_local_list
from gateway.ocpp16.fields import LONGEST_ID_TAG
from sessions import selectors as sessions
from sessions.services import local_lists, profile_preparation
from stations import file_addresses, network_profiles, stated_lists
from stations import selectors as stations
from stations.commands.billing import GetSessionStatus, UpdateCost
from stations.commands.certificates import CertificateSigned, InstallCertificate
from stations.commands.configuration import SetConfig, place
from stations.commands.display_messages import SetDisplayMessage
from stations.commands.everyday import Trigger, TriggerMessage
from stations.commands.firmware import PublishFirmware, UnpublishFirmware, UpdateFirmware
from stations.commands.local_lists import LocalListEntry, SendLocalList
from stations.commands.logs import GetLog
from stations.commands.network_profiles import SetNetworkProfile
from stations.commands.reservations import Reserve
from stations.commands.transactions import RemoteStart, RemoteStop
from stations.models import Registration, Station
from stations.services.device_model import configuration
from stations.services.files import firmware_images, station_logs
from stations.services.trust import installed_certificates


def _name_transaction[Asked: (RemoteStop, UpdateCost, GetSessionStatus)](
    station: Station, asked: Asked
) -> Asked:
    """Name the transaction of a session of ours."""
    if asked.session_id is None:
        return asked
    session = sessions.of_station(station, asked.session_id)
    if session is None:
        raise errors.CommandUnsupported("the station has no such session")
    return dataclasses.replace(asked, transaction_id=session.transaction_id)


def _reserve(station: Station, asked: Reserve) -> Reserve:
    """With the type and the group of a token of the network, where they aren't said.

    A group that 1.6 can't say, as it isn't said with an authorization either, is left out.
    """
    token = sessions.id_token(station.network_id, asked.id_token)
    if token is None:
        return asked
    too_long = station.ocpp_version == "1.6" and len(token.group) > LONGEST_ID_TAG
    return dataclasses.replace(
        asked,
        id_token_type=asked.id_token_type or token.type,
        group_id_token=asked.group_id_token or (None if too_long else token.group or None),
    )


def _send_local_list(station: Station, asked: SendLocalList) -> SendLocalList:
    """The tokens of the network, as far as the version can tell them, where none are named."""
    told = send_local_list.told if station.ocpp_version == "1.6" else _all_told
    return local_lists.complete(station, asked, told)


def _all_told(entry: LocalListEntry) -> LocalListEntry:
    return entry


def _fetch_firmware(station: Station, asked: UpdateFirmware) -> UpdateFirmware:
    """Now, unless it says when; an image of our store with its URL and signature."""
    at_once = dataclasses.replace(asked, retrieve_date_time=asked.retrieve_date_time or clock.now())
    if asked.image is None:
        return at_once
    image = firmware_images.for_station(station, asked.image)
    _check_protocol(station, "a location")
    return dataclasses.replace(
        at_once,
        location=file_addresses.firmware_url(image.token, image.filename),
        signature=image.signature or None,
        signing_certificate=image.signing_certificate or None,
    )


def _publish_firmware(station: Station, asked: PublishFirmware) -> PublishFirmware:
    """A local controller isn't one of the stations that an image is for."""
    if asked.image is None:
        return asked
    image = firmware_images.of_network(station.network_id, asked.image)
    _check_protocol(station, "a location")
    url = file_addresses.firmware_url(image.token, image.filename)
    return dataclasses.replace(asked, location=url, checksum=image.md5)


def _unpublish_firmware(station: Station, asked: UnpublishFirmware) -> UnpublishFirmware:
    if asked.image is None:
        return asked
    image = firmware_images.of_network(station.network_id, asked.image)
    return dataclasses.replace(asked, checksum=image.md5)


def _upload_log(station: Station, asked: GetLog) -> GetLog:
    """To us, unless it says where to."""
    if asked.remote_location is None:
        _check_protocol(station, "a remote_location")
    return dataclasses.replace(asked, remote_location=station_logs.open_for(station, asked))


def _check_protocol(station: Station, instead: str) -> None:
    """Whether the station takes the protocol of our URLs, as far as it told (FileTransferProtocols)."""
    ours = file_addresses.scheme().upper()
    known = stated_lists.file_protocols(station)
    if not stated_lists.takes(known, ours):
        told = ", ".join(known or ())
        raise errors.CommandUnsupported(
            f"our files go over {ours}, and the station takes {told} only: name {instead}"
        )


def _can_be_shown(station: Station, asked: SetDisplayMessage) -> SetDisplayMessage:
    """In a format and with a priority that the station has, as far as it told (DisplayMessageCtrlr)."""
    formats, priorities = stated_lists.of_display(station)
    for known, wanted, name in (
        (formats, asked.format, "formats"),
        (priorities, asked.priority, "priorities"),
    ):
        if not stated_lists.takes(known, wanted.value):
            told = ", ".join(known or ())
            raise errors.CommandUnsupported(f"the station's display knows the {name} {told} only")
    return asked


def _no_lower_profile(station: Station, asked: SetNetworkProfile) -> SetNetworkProfile:
    """A security profile is never lowered over OCPP (2.0.1, A00.FR.005)."""
    if asked.security_profile < station.profile:
        raise errors.CommandUnsupported(
            f"the station has security profile {station.profile}, which is never lowered (A00.FR.005)"
        )
    return asked


def _fits(station: Station, asked: CertificateSigned) -> CertificateSigned:
    """No longer than the station takes (MaxCertificateChainSize; 1.6: CertificateSignedMaxChainSize)."""
    length, limit = len(asked.certificate_chain), stations.longest_chain(station)
    if length > limit:
        raise errors.CommandUnsupported(f"the chain has {length} characters; the station takes {limit}")
    return asked


def _no_second_boot(station: Station, asked: TriggerMessage) -> TriggerMessage:
    """Who was let in isn't asked for a BootNotification (1.6 errata 3.40; 2.0.1, F06.FR.17).

    One whose registration was changed since its boot is: so it hears of it.
    """
    is_in = station.registration == Registration.ACCEPTED and station.booted_at is not None
    if asked.requested_message == Trigger.BOOT_NOTIFICATION and is_in:
        raise errors.CommandUnsupported(
            "the station has booted, and was accepted: it isn't asked for another BootNotification"
        )
    return asked


def _guided_profile(station: Station, asked: SetConfig) -> SetConfig:
    """The security profile is set by the change that makes sure that the station comes back (A05).

    Nor is a slot with a lower one put first: the station would come with that, and not get in (B09.FR.04).
    """
    for setting in asked.variables:
        lower = network_profiles.lower_first(station, *place(setting)[:2], setting.value)
        if lower is not None:
            raise errors.CommandUnsupported(
                f"slot {lower.configuration_slot} has security profile {lower.security_profile}, lower than"
                f" the station's {station.profile}: it would not get in with it"
            )
        if configuration.is_security_profile(setting) and setting.value != str(station.upgrading_to):
            raise errors.CommandUnsupported(
                "a security profile isn't set by hand: a change of access (access-changes) raises it safely"
            )
    return asked


def _room_for_root(station: Station, asked: InstallCertificate) -> InstallCertificate:
    """A root more than a station holds is refused (M05.FR.03; 2.0.1, M05.FR.06): it isn't sent."""
    most = installed_certificates.full_at(station, asked)
    if most is not None:
        raise errors.CommandUnsupported(
            f"the station holds {most} certificates, and has as many: delete one, or list_certificates"
        )
    return asked


def _start(station: Station, asked: RemoteStart) -> RemoteStart:
    """Stations of 1.6 are known that start nothing unless the connector is named, be it their only one."""
    if station.ocpp_version == "1.6" and asked.evse_id is None:
        known = stations.evses(station.connectors.all())
        if len(known) == 1:
            asked = dataclasses.replace(asked, evse_id=known[0].evse_id)
    return profile_preparation.for_start(station, asked)


COMPLETIONS: Mapping[str, Callable[[Station, Any], Any]] = {
    "certificate_signed": _fits,
    "get_charging_profiles": profile_preparation.for_query,
    "get_log": _upload_log,
    "get_session_status": _name_transaction,
    "install_certificate": _room_for_root,
    "publish_firmware": _publish_firmware,
    "remote_start": _start,
    "remote_stop": _name_transaction,
    "reserve": _reserve,
    "send_local_list": _send_local_list,
    "set_charging_profile": profile_preparation.for_setting,
    "unpublish_firmware": _unpublish_firmware,
    "update_cost": _name_transaction,
    "update_firmware": _fetch_firmware,
    "set_config": _guided_profile,
    "set_display_message": _can_be_shown,
    "set_network_profile": _no_lower_profile,
    "trigger_message": _no_second_boot,
}
