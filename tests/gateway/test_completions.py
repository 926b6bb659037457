"""What we know and the asker needn't say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from emobi.core import clock
from emobi.core.models import Network
from gateway.completions import COMPLETIONS
from gateway.errors import CommandUnsupported
from sessions.models import IdToken
from sessions.services import charging_sessions
from stations.commands.billing import GetSessionStatus, UpdateCost
from stations.commands.certificates import EXAMPLE, CertificateSigned, InstallCertificate
from stations.commands.configuration import SetConfig, VariableSetting
from stations.commands.display_messages import MessageFormat, MessagePriority, SetDisplayMessage
from stations.commands.everyday import Trigger, TriggerMessage
from stations.commands.firmware import PublishFirmware, UpdateFirmware
from stations.commands.local_lists import SendLocalList
from stations.commands.logs import GetLog
from stations.commands.reservations import Reserve
from stations.commands.transactions import RemoteStart
from stations.models import (
    Connector,
    InstalledCertificate,
    NetworkProfile,
    Registration,
    Station,
    Variable,
)
from stations.reports import VariableReport
from stations.services.device_model import variables
from stations.services.files import firmware_images
from stations.services.files.firmware_images import Description
from tests.sessions.said import started, tell

NEW_YEAR = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def bravo(db) -> Station:
    network = Network.objects.create(slug="grid", name="Grid")
    IdToken.objects.create(network=network, id_token="GOOD", type="eMAID", group="FAMILY", language1="de")
    return Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")


def test_a_chain_is_no_longer_than_the_station_takes(bravo):
    asked = CertificateSigned(certificate_chain=EXAMPLE)
    assert COMPLETIONS["certificate_signed"](bravo, asked) == asked
    said = VariableReport(component="securityCtrlr", variable="MaxCertificateChainSize", value="100")
    tell(variables.store, bravo, [said])
    with pytest.raises(CommandUnsupported, match=f"has {len(EXAMPLE)} characters; the station takes 100"):
        COMPLETIONS["certificate_signed"](bravo, asked)


def reserved(station, **said):
    whole = COMPLETIONS["reserve"](station, Reserve(expires_at=NEW_YEAR, **said))
    return whole.id_token_type, whole.group_id_token


def test_a_reservation_is_for_the_tokens_own_type_and_group(bravo):
    assert reserved(bravo, id_token="good") == ("eMAID", "FAMILY")
    assert reserved(bravo, id_token="GOOD", id_token_type="Local", group_id_token="G") == ("Local", "G")
    assert reserved(bravo, id_token="NOBODY") == (None, None)


def test_a_slot_with_a_lower_security_profile_isnt_put_first(bravo):
    bravo.security_profile = 2
    for slot, profile in ((1, 1), (2, 2)):
        NetworkProfile.objects.create(
            station=bravo, configuration_slot=slot, ocpp_csms_url="wss://csms.example",
            ocpp_interface="Wired0", security_profile=profile, ocpp_version="OCPP20",
            ocpp_transport="JSON", message_timeout_s=30, accepted_at=NEW_YEAR.replace(year=2026),
        )  # fmt: skip
    for order in ("2", "2,1", "3,1", "", "x"):
        whole = first(order)
        assert COMPLETIONS["set_config"](bravo, whole) == whole
    for order in ("1", " 1 ,2"):
        with pytest.raises(CommandUnsupported, match="slot 1 has security profile 1, lower"):
            COMPLETIONS["set_config"](bravo, first(order))


def first(order):
    setting = VariableSetting(component="ocppcommctrlr", variable="NetworkConfigurationPriority", value=order)
    return SetConfig(variables=(setting,))


def test_a_group_that_1_6_cant_say_is_only_said_by_who_asks_for_it(bravo):
    IdToken.objects.update(group="A GROUP OF TWENTY-ONE")
    assert reserved(bravo, id_token="GOOD") == ("eMAID", "A GROUP OF TWENTY-ONE")
    bravo.ocpp_version = "1.6"
    assert reserved(bravo, id_token="GOOD") == ("eMAID", None)
    assert reserved(bravo, id_token="GOOD", group_id_token="G") == ("eMAID", "G")


@pytest.mark.parametrize(
    "asked", [GetSessionStatus(session_id="?"), UpdateCost(total_cost=Decimal(1), session_id="?")]
)
def test_a_transaction_is_found_by_our_session(bravo, asked):
    name = "update_cost" if isinstance(asked, UpdateCost) else "get_session_status"
    with pytest.raises(CommandUnsupported, match="no such session"):
        COMPLETIONS[name](bravo, asked)
    session = tell(charging_sessions.start, bravo, started()).session
    known = type(asked)(**{**vars(asked), "session_id": session.pk})
    assert COMPLETIONS[name](bravo, known).transaction_id == "tx-1"


def test_no_transaction_is_any(bravo):
    assert COMPLETIONS["get_session_status"](bravo, GetSessionStatus()) == GetSessionStatus()


@pytest.mark.parametrize(("version", "language"), [("2.0.1", "de"), ("1.6", None)])
def test_a_list_tells_of_a_token_what_its_version_can(bravo, version, language):
    bravo.ocpp_version = version
    IdToken.objects.create(
        network=bravo.network, id_token="HERE", allowed_evses=[{"station": "bravo", "evse_ids": [1]}]
    )
    IdToken.objects.create(network=bravo.network, id_token="x" * 21)
    entries = COMPLETIONS["send_local_list"](bravo, SendLocalList()).entries
    named = [(entry.id_token[:4], entry.language1) for entry in entries]
    assert named == [("GOOD", language), *([("HERE", None), ("xxxx", None)] if language else [])]


def test_who_was_let_in_is_not_asked_to_boot_again(bravo):
    asked = TriggerMessage(requested_message=Trigger.BOOT_NOTIFICATION)
    assert COMPLETIONS["trigger_message"](bravo, asked) == asked
    bravo.booted_at = NEW_YEAR
    with pytest.raises(CommandUnsupported, match="was accepted"):
        COMPLETIONS["trigger_message"](bravo, asked)
    heartbeat = TriggerMessage(requested_message=Trigger.HEARTBEAT)
    assert COMPLETIONS["trigger_message"](bravo, heartbeat) == heartbeat
    bravo.registration = Registration.PENDING
    assert COMPLETIONS["trigger_message"](bravo, asked) == asked


@pytest.mark.parametrize(
    "named", [{"key": "securityprofile"}, {"component": "SecurityCtrlr", "variable": "SecurityProfile"}]
)
def test_a_security_profile_is_set_by_its_own_change_alone(bravo, named):
    asked = SetConfig(variables=(VariableSetting(**named, value="2"),))
    with pytest.raises(CommandUnsupported, match="access-changes"):
        COMPLETIONS["set_config"](bravo, asked)
    bravo.upgrading_to = 2
    assert COMPLETIONS["set_config"](bravo, asked) == asked


def told(station, component, variable, value):
    report = VariableReport(component=component, variable=variable, value=value)
    tell(variables.store, station, [report])


def test_a_station_without_our_protocol_is_given_no_url_of_ours(bravo, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    image = firmware_images.add(bravo.network, "fw.bin", [b"image"], Description(version="2"), by="user:a")
    assert COMPLETIONS["publish_firmware"](bravo, PublishFirmware(image=image.pk)).checksum == image.md5
    told(bravo, "OCPPCommCtrlr", "FileTransferProtocols", "FTP, SFTP")
    with pytest.raises(CommandUnsupported, match="FTP, SFTP only: name a remote_location"):
        COMPLETIONS["get_log"](bravo, GetLog())
    for name, asked in (("update_firmware", UpdateFirmware), ("publish_firmware", PublishFirmware)):
        with pytest.raises(CommandUnsupported, match="SFTP only: name a location"):
            COMPLETIONS[name](bravo, asked(image=image.pk))
    elsewhere = UpdateFirmware(location="ftp://files.example.com/1.bin")
    assert COMPLETIONS["update_firmware"](bravo, elsewhere).location == elsewhere.location


def test_a_display_is_sent_what_it_can_show(bravo):
    plain = SetDisplayMessage(message_id=1, priority=MessagePriority.NORMAL_CYCLE, content="Hi")
    assert COMPLETIONS["set_display_message"](bravo, plain) == plain
    told(bravo, "DisplayMessageCtrlr", "SupportedFormats", "ascii,utf8")
    told(bravo, "DisplayMessageCtrlr", "SupportedPriorities", "NormalCycle")
    assert COMPLETIONS["set_display_message"](bravo, plain) == plain
    for more in ({"format": MessageFormat.URI}, {"priority": MessagePriority.IN_FRONT}):
        with pytest.raises(CommandUnsupported, match="display knows the"):
            COMPLETIONS["set_display_message"](bravo, SetDisplayMessage(**{**vars(plain), **more}))


def test_a_root_more_than_a_station_holds_is_not_sent(bravo):
    root = InstallCertificate(certificate_type="CSMSRootCertificate", certificate=EXAMPLE)
    assert COMPLETIONS["install_certificate"](bravo, root) == root
    Variable.objects.create(
        station=bravo, component="SecurityCtrlr", variable="CertificateEntries",
        characteristics={"maxLimit": 1}, reported_at=clock.now(),
    )  # fmt: skip
    InstalledCertificate.objects.create(
        station=bravo, use="ManufacturerRootCertificate", hash_algorithm="SHA256", issuer_name_hash="a",
        issuer_key_hash="b", serial_number="1", digest="d", listed_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(CommandUnsupported, match="holds 1 certificates"):
        COMPLETIONS["install_certificate"](bravo, root)


@pytest.mark.parametrize(("evses", "named"), [([1], 1), ([1, 2], None), ([], None)])
def test_a_start_names_the_only_connector_of_a_station_that_speaks_1_6(bravo, evses, named):
    for number in [0, *evses]:
        Connector.objects.create(
            station=bravo,
            evse_id=number,
            connector_id=1 if number else 0,
            changed_at=clock.now(),
            reported_at=clock.now(),
        )
    complete = COMPLETIONS["remote_start"]
    assert complete(bravo, RemoteStart(id_token="GOOD")).evse_id is None
    bravo.ocpp_version = "1.6"
    assert complete(bravo, RemoteStart(id_token="GOOD")).evse_id == named
