"""Every command of OCPP 1.6, answered and acted upon."""

import pytest

from emobi.simulator import ocpp16
from emobi.simulator.ev import ElectricVehicle
from tests.simulator.central_system import eventually
from tests.simulator.pki import make_ca, sign_csr

pytestmark = pytest.mark.asyncio

LATER = "2036-01-15T10:00:00Z"
EARLIER = "2026-01-15T10:00:00Z"


@pytest.fixture
def charging(booted):
    """A station with a transaction under way at connector 1."""

    async def make(**options):
        station = await booted(**options)
        await station.plug_in(1, ElectricVehicle(soc_percent=10))
        await station.start("GOOD")
        return station

    return make


def profile(limit, **changes):
    schedule = {
        "chargingRateUnit": "W",
        "startSchedule": EARLIER,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    given = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    }
    return {**given, **changes}


async def test_all_of_1_6_is_answered():
    documented = {
        "CancelReservation", "CertificateSigned", "ChangeAvailability", "ChangeConfiguration", "ClearCache",
        "ClearChargingProfile", "DataTransfer", "DeleteCertificate", "ExtendedTriggerMessage",
        "GetCompositeSchedule", "GetConfiguration", "GetDiagnostics", "GetInstalledCertificateIds",
        "GetLocalListVersion", "GetLog", "InstallCertificate", "RemoteStartTransaction",
        "RemoteStopTransaction", "ReserveNow", "Reset", "SendLocalList", "SetChargingProfile",
        "SignedUpdateFirmware", "TriggerMessage", "UnlockConnector", "UpdateFirmware",
    }  # fmt: skip
    assert set(ocpp16.DIALECT.answers) == documented


@pytest.mark.parametrize(("kind", "reason"), [("Soft", "SoftReset"), ("Hard", "HardReset")])
async def test_a_reset_ends_transactions_and_boots_again(central, charging, kind, reason):
    await charging()
    central.calls.clear()
    assert await central.command("Reset", {"type": kind}) == {"status": "Accepted"}
    stop = await central.heard("StopTransaction")
    assert stop["reason"] == reason
    await central.heard("BootNotification")
    order = [action for action in central.actions() if action in {"StopTransaction", "BootNotification"}]
    # A hard reset doesn't wait for the end to be told: it is told after the boot.
    expected = ["StopTransaction", "BootNotification"]
    assert order == (expected if kind == "Soft" else expected[::-1])
    assert len(central.handshakes) == 2


@pytest.mark.parametrize(
    ("requested", "action"),
    [
        ("BootNotification", "BootNotification"),
        ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
        ("FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("Heartbeat", "Heartbeat"),
        ("MeterValues", "MeterValues"),
        ("StatusNotification", "StatusNotification"),
    ],
)
async def test_a_triggered_message_comes_after_the_answer(central, booted, requested, action):
    station = await booted()
    central.calls.clear()
    answer = await central.command("TriggerMessage", {"requestedMessage": requested, "connectorId": 1})
    assert answer == {"status": "Accepted"}
    await central.heard(action)
    texts = list(station.sent)
    triggered = next(n for n, text in enumerate(texts) if n > 3 and f'"{action}"' in text)
    assert any(text.startswith("[3") for text in texts[:triggered])


async def test_a_trigger_without_a_connector_means_all_of_them(central, booted):
    await booted()
    central.calls.clear()
    await central.command("TriggerMessage", {"requestedMessage": "StatusNotification"})
    await central.heard("StatusNotification", count=3)
    await central.command("TriggerMessage", {"requestedMessage": "MeterValues"})
    await central.heard("MeterValues", count=2)
    assert {payload["connectorId"] for payload in central.said("MeterValues")} == {1, 2}
    answer = await central.command("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 3})
    assert answer == {"status": "Rejected"}


async def test_the_extended_trigger_brings_a_csr_and_keeps_what_is_signed(central, booted):
    station = await booted()
    answer = await central.command(
        "ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}
    )
    assert answer == {"status": "Accepted"}
    csr = (await central.heard("SignCertificate"))["csr"]
    chain = sign_csr(make_ca("Root"), csr)
    assert await central.command("CertificateSigned", {"certificateChain": chain}) == {"status": "Accepted"}
    assert station.certificates.chain_pem == chain
    other = make_ca("Other").pem
    assert await central.command("CertificateSigned", {"certificateChain": other}) == {"status": "Rejected"}


async def test_the_extended_trigger_tells_of_firmware_as_of_a_signed_update(central, booted):
    await booted()
    answer = await central.command(
        "ExtendedTriggerMessage", {"requestedMessage": "FirmwareStatusNotification"}
    )
    assert answer == {"status": "Accepted"}
    assert await central.heard("SignedFirmwareStatusNotification") == {"status": "Idle"}


async def test_configuration_is_read_whole_or_by_key(central, booted):
    await booted()
    everything = await central.command("GetConfiguration")
    keys = {entry["key"]: entry for entry in everything["configurationKey"]}
    assert keys["NumberOfConnectors"] == {"key": "NumberOfConnectors", "readonly": True, "value": "2"}
    assert "value" not in keys["AuthorizationKey"]
    some = await central.command("GetConfiguration", {"key": ["heartbeatinterval", "Nonsense"]})
    assert [entry["key"] for entry in some["configurationKey"]] == ["HeartbeatInterval"]
    assert some["unknownKey"] == ["Nonsense"]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("ConnectionTimeOut", "90", "Accepted"),
        ("ConnectionTimeOut", "soon", "Rejected"),
        ("LocalPreAuthorize", "yes", "Rejected"),
        ("MeterValuesSampledData", "SoC,Temperature", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("Nonsense", "1", "NotSupported"),
    ],
)
async def test_configuration_is_changed_by_its_rules(central, booted, key, value, status):
    await booted()
    before = await central.command("GetConfiguration", {"key": [key]})
    assert await central.command("ChangeConfiguration", {"key": key, "value": value}) == {"status": status}
    after = await central.command("GetConfiguration", {"key": [key]})
    if status == "Accepted":
        assert after["configurationKey"][0]["value"] == value
    else:
        assert after == before


async def test_a_changed_heartbeat_interval_counts_at_once(central, booted):
    await booted()
    await central.command("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "1"})
    await central.heard("Heartbeat")


async def test_a_new_authorization_key_is_used_for_the_next_connection_at_once(central, booted):
    await booted()
    key = "A0" * 20
    assert await central.command("ChangeConfiguration", {"key": "AuthorizationKey", "value": key}) == {
        "status": "Accepted"
    }
    await central.until(lambda: len(central.handshakes) == 2)
    # base64 of "CP001:" and twenty bytes 0xA0
    assert central.handshakes[1][1]["Authorization"] == "Basic Q1AwMDE6" + "oKCg" * 6 + "oKA="
    assert await central.command("ChangeConfiguration", {"key": "AuthorizationKey", "value": "short"}) == {
        "status": "Rejected"
    }


async def test_a_remote_start_uses_the_plugged_connector(central, booted):
    station = await booted()
    await station.plug_in(2)
    answer = await central.command("RemoteStartTransaction", {"idTag": "GOOD"})
    assert answer == {"status": "Accepted"}
    assert (await central.heard("StartTransaction"))["connectorId"] == 2
    assert central.said("Authorize") == []


async def test_a_remote_start_asks_first_if_configured_so(central, booted):
    station = await booted(settings={"AuthorizeRemoteTxRequests": "true"})
    await station.plug_in()
    await central.command("RemoteStartTransaction", {"idTag": "BLOCKED", "connectorId": 1})
    await central.heard("Authorize", idTag="BLOCKED")
    await central.command("RemoteStartTransaction", {"idTag": "GOOD", "connectorId": 1})
    await central.heard("StartTransaction", idTag="GOOD")
    assert central.said("StartTransaction", idTag="BLOCKED") == []


async def test_a_remote_start_waits_for_the_driver(central, booted):
    station = await booted(speed=100)
    station.plugs_in_after_s = 5
    await central.command("RemoteStartTransaction", {"idTag": "GOOD", "connectorId": 1})
    await central.heard("StatusNotification", connectorId=1, status="Charging")
    words = [payload["status"] for payload in central.said("StatusNotification", connectorId=1)]
    assert words == ["Available", "Preparing", "Charging"]


async def test_a_remote_start_with_a_profile_limits_the_transaction(central, booted):
    station = await booted()
    await station.plug_in(1, ElectricVehicle())
    wanted = {"idTag": "GOOD", "connectorId": 1}
    good = profile(5000, chargingProfilePurpose="TxProfile")
    assert await central.command("RemoteStartTransaction", {**wanted, "chargingProfile": profile(5000)}) == {
        "status": "Rejected"
    }
    await central.command("RemoteStartTransaction", {**wanted, "chargingProfile": good})
    await central.heard("StatusNotification", status="Charging")
    assert station.evse(1).draw.power_w == pytest.approx(5000)


async def test_a_remote_start_is_refused_where_nobody_can_charge(central, charging):
    station = await charging()
    assert (await central.command("RemoteStartTransaction", {"idTag": "GOOD", "connectorId": 1})) == {
        "status": "Rejected"
    }
    await station.break_down("OtherError", 2)
    assert (await central.command("RemoteStartTransaction", {"idTag": "GOOD", "connectorId": 2})) == {
        "status": "Rejected"
    }


async def test_a_remote_stop_ends_the_transaction_it_names(central, charging):
    station = await charging()
    assert await central.command("RemoteStopTransaction", {"transactionId": 4711}) == {"status": "Rejected"}
    number = station.evse(1).session.number
    assert await central.command("RemoteStopTransaction", {"transactionId": number}) == {"status": "Accepted"}
    assert (await central.heard("StopTransaction"))["reason"] == "Remote"


async def test_unlocking_ends_the_transaction_and_needs_a_lock(central, charging):
    station = await charging()
    assert await central.command("UnlockConnector", {"connectorId": 2}) == {"status": "NotSupported"}
    assert await central.command("UnlockConnector", {"connectorId": 9}) == {"status": "NotSupported"}
    assert await central.command("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
    assert (await central.heard("StopTransaction"))["reason"] == "UnlockCommand"
    await station.break_down("ConnectorLockFailure")
    assert await central.command("UnlockConnector", {"connectorId": 1}) == {"status": "UnlockFailed"}


async def test_availability_changes_now_or_after_the_transaction(central, charging):
    station = await charging()
    off = {"type": "Inoperative"}
    assert await central.command("ChangeAvailability", {"connectorId": 2, **off}) == {"status": "Accepted"}
    await central.heard("StatusNotification", connectorId=2, status="Unavailable")
    assert await central.command("ChangeAvailability", {"connectorId": 1, **off}) == {"status": "Scheduled"}
    assert station.evse(1).session is not None
    await station.stop()
    await central.heard("StatusNotification", connectorId=1, status="Unavailable")
    assert await central.command("ChangeAvailability", {"connectorId": 0, "type": "Operative"}) == {
        "status": "Accepted"
    }
    await central.heard("StatusNotification", connectorId=1, status="Finishing")
    await central.heard("StatusNotification", count=2, connectorId=2, status="Available")
    assert await central.command("ChangeAvailability", {"connectorId": 7, **off}) == {"status": "Rejected"}


async def test_a_station_out_of_service_stays_so_after_a_reboot(central, booted):
    await booted()
    await central.command("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"})
    await central.heard("StatusNotification", connectorId=2, status="Unavailable")
    await central.command("Reset", {"type": "Soft"})
    for connector_id in range(3):
        await central.heard("StatusNotification", count=2, connectorId=connector_id, status="Unavailable")


async def test_a_cleared_cache_forgets_who_was_accepted(central, booted):
    station = await booted(settings={"LocalPreAuthorize": "true"})
    await station.authorize("GOOD")
    await station.authorize("GOOD")
    assert len(central.said("Authorize")) == 1
    assert await central.command("ClearCache") == {"status": "Accepted"}
    await station.authorize("GOOD")
    assert len(central.said("Authorize")) == 2


async def test_a_vendor_nobody_knows_is_said_so(central, booted):
    await booted()
    assert await central.command("DataTransfer", {"vendorId": "org.example"}) == {"status": "UnknownVendorId"}


async def test_the_local_list_decides_offline(central, booted):
    station = await booted(settings={"AllowOfflineTxForUnknownId": "false"})
    assert await central.command("GetLocalListVersion") == {"listVersion": 0}
    entries = [{"idTag": "Staff", "idTagInfo": {"status": "Accepted"}}, {"idTag": "Gone"}]
    full = {"listVersion": 2, "updateType": "Full", "localAuthorizationList": entries[:1]}
    assert await central.command("SendLocalList", full) == {"status": "Accepted"}
    old = {"listVersion": 2, "updateType": "Differential", "localAuthorizationList": entries}
    assert await central.command("SendLocalList", old) == {"status": "VersionMismatch"}
    assert await central.command("SendLocalList", {**old, "listVersion": 3}) == {"status": "Accepted"}
    assert await central.command("GetLocalListVersion") == {"listVersion": 3}
    await station.cut()
    assert await station.authorize("STAFF") == "Accepted"
    assert await station.authorize("Gone") == "Invalid"


async def test_a_reservation_keeps_the_connector_for_its_driver(central, booted):
    station = await booted()
    wanted = {"connectorId": 1, "expiryDate": LATER, "idTag": "MINE", "reservationId": 8}
    assert await central.command("ReserveNow", wanted) == {"status": "Accepted"}
    await central.heard("StatusNotification", connectorId=1, status="Reserved")
    assert await central.command("ReserveNow", {**wanted, "reservationId": 9}) == {"status": "Occupied"}
    await station.plug_in()
    assert await station.present("OTHER") == "Invalid"
    await station.present("MINE")
    assert central.said("StartTransaction")[0]["reservationId"] == 8
    assert await central.command("CancelReservation", {"reservationId": 8}) == {"status": "Rejected"}


async def test_a_reservation_is_cancelled_or_expires(central, booted):
    await booted()
    wanted = {"connectorId": 2, "expiryDate": LATER, "idTag": "MINE", "reservationId": 8}
    await central.command("ReserveNow", wanted)
    assert await central.command("CancelReservation", {"reservationId": 8}) == {"status": "Accepted"}
    await central.heard("StatusNotification", count=2, connectorId=2, status="Available")
    await central.command("ReserveNow", {**wanted, "expiryDate": EARLIER})
    await central.heard("StatusNotification", count=3, connectorId=2, status="Available")


async def test_profiles_limit_the_power_and_are_cleared(central, charging):
    station = await charging()
    free = station.evse(1).draw.power_w
    wanted = {"connectorId": 1, "csChargingProfiles": profile(6000)}
    assert await central.command("SetChargingProfile", wanted) == {"status": "Accepted"}
    assert station.evse(1).draw.power_w == pytest.approx(6000)
    schedule = await central.command("GetCompositeSchedule", {"connectorId": 1, "duration": 600})
    assert schedule["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6000.0}]
    assert await central.command("ClearChargingProfile", {"id": 2}) == {"status": "Unknown"}
    assert await central.command("ClearChargingProfile", {"id": 1}) == {"status": "Accepted"}
    assert station.evse(1).draw.power_w == free
    assert await central.command("GetCompositeSchedule", {"connectorId": 9, "duration": 60}) == {
        "status": "Rejected"
    }


async def test_a_limit_of_nothing_suspends_and_its_end_goes_on(central, charging):
    await charging()
    await central.command("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(0)})
    await central.heard("StatusNotification", status="SuspendedEVSE")
    await central.command("ClearChargingProfile")
    await central.heard("StatusNotification", count=2, status="Charging")


async def test_a_profile_for_no_transaction_is_rejected(central, booted):
    await booted()
    tx = profile(6000, chargingProfilePurpose="TxProfile", transactionId=1)
    station_max = profile(6000, chargingProfilePurpose="ChargePointMaxProfile")
    for connector_id, wanted in ((1, tx), (0, tx), (1, station_max), (9, profile(6000))):
        payload = {"connectorId": connector_id, "csChargingProfiles": wanted}
        assert await central.command("SetChargingProfile", payload) == {"status": "Rejected"}


async def test_a_firmware_update_ends_with_the_new_version(central, booted):
    await booted(speed=5000)
    update = {"location": "https://files.example.com/fw/duo-22_2.0.1.bin", "retrieveDate": EARLIER}
    assert await central.command("UpdateFirmware", update) == {}
    await central.heard("FirmwareStatusNotification", status="Installed")
    steps = [payload["status"] for payload in central.said("FirmwareStatusNotification")]
    assert steps == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert central.said("BootNotification")[-1]["firmwareVersion"] == "2.0.1"


async def test_a_firmware_that_can_t_be_fetched_fails(central, booted):
    station = await booted(speed=5000)
    update = {"location": "https://files.invalid/fw.bin", "retrieveDate": EARLIER}
    await central.command("UpdateFirmware", update)
    await central.heard("FirmwareStatusNotification", status="DownloadFailed")
    assert station.firmware_version == "1.4.2"


async def test_a_signed_update_reports_under_its_request(central, booted):
    await booted(speed=5000)
    image = {
        "location": "https://files.example.com/fw.bin",
        "retrieveDateTime": EARLIER,
        "signingCertificate": make_ca("Signer").pem,
        "signature": "c2lnbmVk",
    }
    bad = {"requestId": 4, "firmware": {**image, "signingCertificate": "none"}}
    assert await central.command("SignedUpdateFirmware", bad) == {"status": "InvalidCertificate"}
    assert await central.command("SignedUpdateFirmware", {"requestId": 5, "firmware": image}) == {
        "status": "Accepted"
    }
    await central.heard("SignedFirmwareStatusNotification", status="Installed", requestId=5)
    steps = [payload["status"] for payload in central.said("SignedFirmwareStatusNotification")]
    assert steps[2:4] == ["SignatureVerified", "Installing"]
    assert central.said("BootNotification")[-1]["firmwareVersion"] == "1.4.3"
    await central.heard("SecurityEventNotification", type="FirmwareUpdated")


async def test_diagnostics_and_logs_are_uploaded_or_fail(central, booted):
    station = await booted(speed=5000)
    assert (await central.command("GetDiagnostics", {"location": "ftp://files.example.com/"}))["fileName"]
    await central.heard("DiagnosticsStatusNotification", status="Uploaded")
    await central.command("GetDiagnostics", {"location": "gopher://files.example.com/"})
    await central.heard("DiagnosticsStatusNotification", status="UploadFailed")
    await eventually(lambda: not station.log_job.running)
    log = {"logType": "SecurityLog", "requestId": 3, "log": {"remoteLocation": "https://files.invalid/"}}
    assert (await central.command("GetLog", log))["status"] == "Accepted"
    await central.heard("LogStatusNotification", status="UploadFailure", requestId=3)


async def test_roots_are_installed_listed_and_deleted(central, booted):
    await booted()
    root = {"certificateType": "CentralSystemRootCertificate"}
    assert await central.command("GetInstalledCertificateIds", root) == {"status": "NotFound"}
    install = {**root, "certificate": make_ca("Root").pem}
    assert await central.command("InstallCertificate", install) == {"status": "Accepted"}
    assert await central.command("InstallCertificate", {**root, "certificate": "?"}) == {"status": "Rejected"}
    listed = await central.command("GetInstalledCertificateIds", root)
    data = {"certificateHashData": listed["certificateHashData"][0]}
    assert await central.command("DeleteCertificate", data) == {"status": "Accepted"}
    assert await central.command("DeleteCertificate", data) == {"status": "NotFound"}


async def test_a_pending_station_can_t_be_started_remotely_but_configured(central, make_station):
    central.answers["BootNotification"] = {"status": "Pending", "currentTime": EARLIER, "interval": 600}
    station = make_station()
    await station.plug_in()
    station.power_on()
    await eventually(lambda: station.registration is not None)
    assert await central.command("RemoteStartTransaction", {"idTag": "GOOD"}) == {"status": "Rejected"}
    change = {"key": "ConnectionTimeOut", "value": "90"}
    assert await central.command("ChangeConfiguration", change) == {"status": "Accepted"}
    del central.answers["BootNotification"]
    await central.command("TriggerMessage", {"requestedMessage": "BootNotification"})
    await station.until_accepted()
    assert len(central.said("BootNotification")) == 2
