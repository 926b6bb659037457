"""Every command of OCPP 2.0.1, answered and acted upon."""

import pytest

from emobi.simulator import ocpp201
from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.moments import Registration
from tests.simulator.central_system import SCHEMAS, eventually
from tests.simulator.pki import make_ca, sign_csr

pytestmark = pytest.mark.asyncio

EARLIER, LATER = "2026-01-15T10:00:00Z", "2036-01-15T10:00:00Z"
GOOD = {"idToken": "GOOD", "type": "ISO14443"}
BLOCKED = {"idToken": "BLOCKED", "type": "ISO14443"}

# What only stations say.
SAID = {
    "Authorize", "BootNotification", "ClearedChargingLimit", "FirmwareStatusNotification",
    "Get15118EVCertificate", "GetCertificateStatus", "Heartbeat", "LogStatusNotification", "MeterValues",
    "NotifyChargingLimit", "NotifyCustomerInformation", "NotifyDisplayMessages", "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule", "NotifyEvent", "NotifyMonitoringReport", "NotifyReport",
    "PublishFirmwareStatusNotification", "ReportChargingProfiles", "ReservationStatusUpdate",
    "SecurityEventNotification", "SignCertificate", "StatusNotification", "TransactionEvent",
}  # fmt: skip


@pytest.fixture
def booted(booted):
    async def boot(**options):
        return await booted("2.0.1", **options)

    return boot


@pytest.fixture
def charging(booted):
    """A station with a transaction under way at EVSE 1."""

    async def make(**options):
        station = await booted(**options)
        await station.plug_in(1, ElectricVehicle(soc_percent=10))
        await station.start("GOOD")
        return station

    return make


def variable(component, name, **options):
    evse_id, instance = options.get("evse_id"), options.get("instance")
    place = {"name": component} if evse_id is None else {"name": component, "evse": {"id": evse_id}}
    named = {"name": name} if instance is None else {"name": name, "instance": instance}
    return {"component": place, "variable": named}


def profile(limit, **changes):
    schedule = {
        "id": 1,
        "chargingRateUnit": "W",
        "startSchedule": EARLIER,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    given = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }
    return {**given, **changes}


async def test_all_of_2_0_1_is_answered():
    actions = {
        path.name.removesuffix("Request.json") for path in (SCHEMAS / "v201/schemas").glob("*Request.json")
    }
    assert set(ocpp201.DIALECT.answers) == actions - SAID


@pytest.mark.parametrize(
    ("asked", "status", "value"),
    [
        (variable("TxCtrlr", "EVConnectionTimeOut"), "Accepted", "60"),
        (variable("txctrlr", "evconnectiontimeout"), "Accepted", "60"),
        (variable("OCPPCommCtrlr", "MessageAttempts", instance="TransactionEvent"), "Accepted", "3"),
        (variable("OCPPCommCtrlr", "MessageAttempts"), "UnknownVariable", None),
        (variable("EVSE", "AvailabilityState", evse_id=2), "Accepted", "Available"),
        (variable("EVSE", "AvailabilityState", evse_id=9), "UnknownComponent", None),
        (variable("Nonsense", "Interval"), "UnknownComponent", None),
        (variable("SecurityCtrlr", "BasicAuthPassword"), "Rejected", None),
        (
            {**variable("TxCtrlr", "EVConnectionTimeOut"), "attributeType": "MaxSet"},
            "NotSupportedAttributeType",
            None,
        ),
    ],
)
async def test_a_variable_is_read_by_its_rules(central, booted, asked, status, value):
    await booted()
    [result] = (await central.command("GetVariables", {"getVariableData": [asked]}))["getVariableResult"]
    assert result["attributeStatus"] == status
    assert result.get("attributeValue") == value
    assert (result["component"], result["variable"]) == (asked["component"], asked["variable"])


@pytest.mark.parametrize(
    ("asked", "value", "status"),
    [
        (variable("TxCtrlr", "EVConnectionTimeOut"), "90", "Accepted"),
        (variable("TxCtrlr", "EVConnectionTimeOut"), "0", "Rejected"),
        (variable("TxCtrlr", "EVConnectionTimeOut"), "soon", "Rejected"),
        (variable("AuthCtrlr", "LocalPreAuthorize"), "yes", "Rejected"),
        (variable("SampledDataCtrlr", "TxUpdatedMeasurands"), "SoC,Humidity", "Rejected"),
        (variable("ChargingStation", "Model"), "Trio", "Rejected"),
        (variable("OCPPCommCtrlr", "NetworkConfigurationPriority"), "2", "Rejected"),
        (variable("OCPPCommCtrlr", "NetworkConfigurationPriority"), "1", "RebootRequired"),
        (variable("TxCtrlr", "Nonsense"), "1", "UnknownVariable"),
    ],
)
async def test_a_variable_is_set_by_its_rules(central, booted, asked, value, status):
    await booted()
    wanted = {"setVariableData": [{**asked, "attributeValue": value}]}
    [result] = (await central.command("SetVariables", wanted))["setVariableResult"]
    assert result["attributeStatus"] == status
    if status == "Accepted":
        [read] = (await central.command("GetVariables", {"getVariableData": [asked]}))["getVariableResult"]
        assert read["attributeValue"] == value


async def test_a_changed_heartbeat_interval_counts_at_once(central, booted):
    await booted()
    wanted = {**variable("OCPPCommCtrlr", "HeartbeatInterval"), "attributeValue": "1"}
    await central.command("SetVariables", {"setVariableData": [wanted]})
    await central.heard("Heartbeat")


async def test_a_new_password_is_used_at_once(central, booted):
    await booted()
    wanted = {**variable("SecurityCtrlr", "BasicAuthPassword"), "attributeValue": "0123456789abcdef"}
    await central.command("SetVariables", {"setVariableData": [wanted]})
    await central.until(lambda: len(central.handshakes) == 2)
    assert central.handshakes[1][1]["Authorization"] == "Basic Q1AwMDE6MDEyMzQ1Njc4OWFiY2RlZg=="
    assert len(central.said("BootNotification")) == 1


async def test_a_full_report_comes_in_numbered_parts(central, booted):
    await booted()
    asked = {"requestId": 12, "reportBase": "FullInventory"}
    assert await central.command("GetBaseReport", asked) == {"status": "Accepted"}
    await central.heard("NotifyReport", tbc=False)
    parts = central.said("NotifyReport", requestId=12)
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False]
    entries = {
        (
            entry["component"]["name"],
            entry["component"].get("evse", {}).get("id"),
            entry["variable"]["name"],
        ): entry
        for part in parts
        for entry in part["reportData"]
    }
    power = entries["EVSE", 2, "Power"]["variableCharacteristics"]
    assert (power["maxLimit"], power["unit"]) == (60_000, "W")
    assert "value" not in entries["SecurityCtrlr", None, "BasicAuthPassword"]["variableAttribute"][0]
    assert ("Connector", 1, "ConnectorType") in entries


async def test_smaller_reports_have_less(central, booted):
    station = await booted()
    await station.break_down("OtherError", 2)
    await central.command("GetBaseReport", {"requestId": 1, "reportBase": "SummaryInventory"})
    summary = (await central.heard("NotifyReport", requestId=1))["reportData"]
    assert {entry["variable"]["name"] for entry in summary} == {"AvailabilityState", "Problem"}
    await central.command("GetBaseReport", {"requestId": 2, "reportBase": "ConfigurationInventory"})
    configuration = (await central.heard("NotifyReport", requestId=2))["reportData"]
    assert {entry["variableAttribute"][0]["mutability"] for entry in configuration} == {
        "ReadWrite",
        "WriteOnly",
    }
    await central.command("GetReport", {"requestId": 3, "componentCriteria": ["Problem"]})
    problems = (await central.heard("NotifyReport", requestId=3))["reportData"]
    assert {entry["component"]["evse"]["id"] for entry in problems} == {2}


async def test_a_report_on_named_components_has_only_these(central, booted):
    await booted()
    named = [{"component": {"name": "EVSE"}, "variable": {"name": "Power"}}]
    await central.command("GetReport", {"requestId": 4, "componentVariable": named})
    told = (await central.heard("NotifyReport"))["reportData"]
    assert [entry["component"]["evse"]["id"] for entry in told] == [1, 2]
    nothing = [{"component": {"name": "Nonsense"}}]
    answer = await central.command("GetReport", {"requestId": 5, "componentVariable": nothing})
    assert answer == {"status": "EmptyResultSet"}


async def test_an_immediate_reset_ends_transactions_and_boots_with_its_reason(central, charging):
    await charging()
    assert await central.command("Reset", {"type": "Immediate"}) == {"status": "Accepted"}
    ended = await central.heard("TransactionEvent", eventType="Ended")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == (
        "ResetCommand",
        "ImmediateReset",
    )
    await central.heard("BootNotification", reason="RemoteReset")
    await central.heard("SecurityEventNotification", type="ResetOrReboot")


async def test_a_reset_on_idle_waits_for_the_transaction(central, charging):
    station = await charging()
    assert await central.command("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
    await station.meter()
    assert len(central.handshakes) == 1
    await station.stop()
    await central.heard("BootNotification", reason="ScheduledReset")


async def test_one_evse_is_reset_without_a_boot(central, charging):
    await charging(speed=1000)
    assert await central.command("Reset", {"type": "Immediate", "evseId": 1}) == {"status": "Accepted"}
    await central.heard("TransactionEvent", eventType="Ended")
    await central.heard("StatusNotification", evseId=1, connectorStatus="Unavailable")
    await central.heard("StatusNotification", count=2, evseId=1, connectorStatus="Occupied")
    assert len(central.said("BootNotification")) == 1
    assert await central.command("Reset", {"type": "Immediate", "evseId": 9}) == {"status": "Rejected"}


async def test_a_network_profile_is_used_after_priority_and_reset(central, booted):
    await booted()
    connection = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": f"ws://127.0.0.1:{central.port}/moved",
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
    }
    weaker = {"configurationSlot": 2, "connectionData": {**connection, "securityProfile": 0}}
    assert await central.command("SetNetworkProfile", weaker) == {"status": "Rejected"}
    wanted = {"configurationSlot": 2, "connectionData": connection}
    assert await central.command("SetNetworkProfile", wanted) == {"status": "Accepted"}
    priority = {**variable("OCPPCommCtrlr", "NetworkConfigurationPriority"), "attributeValue": "2,1"}
    await central.command("SetVariables", {"setVariableData": [priority]})
    await central.command("Reset", {"type": "Immediate"})
    await central.heard("BootNotification", count=2)
    assert [path for path, _ in central.handshakes] == ["/ocpp/demo/CP001", "/moved/CP001"]


@pytest.mark.parametrize(
    ("requested", "action"),
    [
        ("LogStatusNotification", "LogStatusNotification"),
        ("FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("Heartbeat", "Heartbeat"),
        ("MeterValues", "MeterValues"),
        ("SignChargingStationCertificate", "SignCertificate"),
        ("StatusNotification", "StatusNotification"),
        ("TransactionEvent", "TransactionEvent"),
    ],
)
async def test_a_triggered_message_comes_after_the_answer(central, charging, requested, action):
    station = await charging()
    station.sent.clear()
    central.calls.clear()
    asked = {"requestedMessage": requested, "evse": {"id": 1, "connectorId": 1}}
    assert await central.command("TriggerMessage", asked) == {"status": "Accepted"}
    told = await central.heard(action)
    assert station.sent[0].startswith("[3")
    if action == "TransactionEvent":
        assert told["triggerReason"] == "Trigger"
        assert told["transactionInfo"]["chargingState"] == "Charging"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"requestedMessage": "BootNotification"}, "Rejected"),
        ({"requestedMessage": "StatusNotification"}, "Rejected"),
        ({"requestedMessage": "StatusNotification", "evse": {"id": 1}}, "Rejected"),
        ({"requestedMessage": "MeterValues", "evse": {"id": 9}}, "Rejected"),
        ({"requestedMessage": "TransactionEvent"}, "Rejected"),
        ({"requestedMessage": "SignV2GCertificate"}, "NotImplemented"),
        ({"requestedMessage": "PublishFirmwareStatusNotification"}, "NotImplemented"),
    ],
)
async def test_triggers_that_can_t_be_followed_are_refused(central, booted, asked, status):
    await booted()
    assert (await central.command("TriggerMessage", asked))["status"] == status


async def test_a_pending_station_follows_triggers_and_reports_but_no_remote_start(central, make_station):
    central.answers["BootNotification"] = {"status": "Pending", "currentTime": EARLIER, "interval": 600}
    station = make_station("2.0.1")
    await station.plug_in()
    station.power_on()
    await eventually(lambda: station.registration is Registration.PENDING)
    start = {"idToken": GOOD, "remoteStartId": 1}
    assert await central.command("RequestStartTransaction", start) == {"status": "Rejected"}
    await central.command("TriggerMessage", {"requestedMessage": "Heartbeat"})
    await central.heard("Heartbeat")
    await central.command("GetBaseReport", {"requestId": 1, "reportBase": "SummaryInventory"})
    await central.heard("NotifyReport")
    del central.answers["BootNotification"]
    await central.command("TriggerMessage", {"requestedMessage": "BootNotification"})
    await central.heard("BootNotification", reason="Triggered")
    await station.until_accepted()


async def test_a_remote_start_is_told_with_its_id(central, booted):
    station = await booted()
    await station.plug_in(2)
    start = {"idToken": GOOD, "remoteStartId": 77}
    assert await central.command("RequestStartTransaction", start) == {"status": "Accepted"}
    started = await central.heard("TransactionEvent", eventType="Started")
    assert started["transactionInfo"]["remoteStartId"] == 77
    assert (started["triggerReason"], started["evse"]["id"]) == ("RemoteStart", 2)


async def test_a_remote_start_waits_for_the_plug(central, booted):
    station = await booted()
    await central.command("RequestStartTransaction", {"idToken": GOOD, "remoteStartId": 78, "evseId": 1})
    await eventually(lambda: station.evse(1).awaited is not None)
    await station.plug_in()
    started = await central.heard("TransactionEvent", eventType="Started")
    assert (started["transactionInfo"]["remoteStartId"], started["triggerReason"]) == (78, "RemoteStart")


async def test_a_remote_start_asks_first_if_configured_so(central, booted):
    station = await booted(settings={"AuthCtrlr.AuthorizeRemoteStart": "true"})
    await station.plug_in()
    await central.command("RequestStartTransaction", {"idToken": BLOCKED, "remoteStartId": 1})
    await central.heard("Authorize")
    await central.command("RequestStartTransaction", {"idToken": GOOD, "remoteStartId": 2})
    started = await central.heard("TransactionEvent", eventType="Started")
    assert started["idToken"] == GOOD


async def test_a_remote_start_may_bring_a_profile_that_is_one(central, booted):
    station = await booted()
    await station.plug_in(1, ElectricVehicle())
    start = {"idToken": GOOD, "remoteStartId": 1, "evseId": 1}
    bad = {**start, "chargingProfile": profile(5000)}
    assert (await central.command("RequestStartTransaction", bad))["status"] == "Rejected"
    good = {**start, "chargingProfile": profile(5000, chargingProfilePurpose="TxProfile")}
    assert (await central.command("RequestStartTransaction", good))["status"] == "Accepted"
    await central.heard("TransactionEvent", triggerReason="ChargingStateChanged")
    assert station.evse(1).draw.power_w == pytest.approx(5000)


async def test_a_remote_stop_ends_the_transaction_it_names(central, charging):
    station = await charging()
    assert await central.command("RequestStopTransaction", {"transactionId": "none"}) == {
        "status": "Rejected"
    }
    mine = {"transactionId": station.evse(1).session.transaction_id}
    assert await central.command("RequestStopTransaction", mine) == {"status": "Accepted"}
    ended = await central.heard("TransactionEvent", eventType="Ended")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")


async def test_unlocking_leaves_a_transaction_alone(central, charging):
    station = await charging()
    for evse_id, connector_id, status in (
        (1, 1, "OngoingAuthorizedTransaction"),
        (2, 1, "Unlocked"),
        (2, 2, "UnknownConnector"),
        (9, 1, "UnknownConnector"),
    ):
        asked = {"evseId": evse_id, "connectorId": connector_id}
        assert (await central.command("UnlockConnector", asked))["status"] == status
    await station.break_down("ConnectorLockFailure", 2)
    assert await central.command("UnlockConnector", {"evseId": 2, "connectorId": 1}) == {
        "status": "UnlockFailed"
    }


async def test_availability_of_an_evse_changes_after_its_transaction(central, charging):
    station = await charging()
    off = {"operationalStatus": "Inoperative"}
    assert await central.command("ChangeAvailability", {**off, "evse": {"id": 1}}) == {"status": "Scheduled"}
    assert await central.command("ChangeAvailability", {**off, "evse": {"id": 9}}) == {"status": "Rejected"}
    assert central.said("StatusNotification", connectorStatus="Unavailable") == []
    await station.stop()
    await central.heard("StatusNotification", evseId=1, connectorStatus="Unavailable")
    on = {"operationalStatus": "Operative", "evse": {"id": 1, "connectorId": 1}}
    assert await central.command("ChangeAvailability", on) == {"status": "Accepted"}
    await central.heard("StatusNotification", count=2, evseId=1, connectorStatus="Occupied")


async def test_a_station_back_in_service_keeps_what_was_set_for_an_evse(central, booted):
    await booted()
    off = {"operationalStatus": "Inoperative"}
    await central.command("ChangeAvailability", {**off, "evse": {"id": 2}})
    await central.command("ChangeAvailability", off)
    await central.heard("StatusNotification", evseId=1, connectorStatus="Unavailable")
    await central.command("ChangeAvailability", {"operationalStatus": "Operative"})
    await central.heard("StatusNotification", count=2, evseId=1, connectorStatus="Available")
    assert central.said("StatusNotification", evseId=2)[-1]["connectorStatus"] == "Unavailable"


async def test_the_status_of_a_transaction_tells_what_waits(central, charging):
    station = await charging()
    mine = {"transactionId": station.evse(1).session.transaction_id}
    assert await central.command("GetTransactionStatus", mine) == {
        "ongoingIndicator": True,
        "messagesInQueue": False,
    }
    central.answers["TransactionEvent"] = None
    station.spawn(station.stop())
    await central.heard("TransactionEvent", eventType="Ended")
    assert await central.command("GetTransactionStatus", mine) == {
        "ongoingIndicator": False,
        "messagesInQueue": True,
    }
    assert await central.command("GetTransactionStatus") == {"messagesInQueue": True}


async def test_a_cleared_cache_forgets_who_was_accepted(central, booted):
    station = await booted(settings={"AuthCtrlr.LocalPreAuthorize": "true"})
    await station.authorize("GOOD")
    await station.authorize("GOOD")
    assert len(central.said("Authorize")) == 1
    assert await central.command("ClearCache") == {"status": "Accepted"}
    await station.authorize("GOOD")
    assert len(central.said("Authorize")) == 2


async def test_the_local_list_is_replaced_changed_and_versioned(central, booted):
    station = await booted(settings={"AuthCtrlr.OfflineTxForUnknownIdEnabled": "false"})
    assert await central.command("GetLocalListVersion") == {"versionNumber": 0}
    entry = {"idToken": GOOD, "idTokenInfo": {"status": "Accepted"}}
    full = {"versionNumber": 4, "updateType": "Full", "localAuthorizationList": [entry]}
    assert await central.command("SendLocalList", full) == {"status": "Accepted"}
    older = {"versionNumber": 4, "updateType": "Differential", "localAuthorizationList": [{"idToken": GOOD}]}
    assert await central.command("SendLocalList", older) == {"status": "VersionMismatch"}
    await station.cut()
    assert await station.authorize("good") == "Accepted"
    station.mend()
    await station.connect()
    assert await central.command("SendLocalList", {**older, "versionNumber": 5}) == {"status": "Accepted"}
    assert await central.command("GetLocalListVersion") == {"versionNumber": 5}
    await station.cut()
    assert await station.authorize("GOOD") == "Invalid"


async def test_a_reservation_is_used_up_by_its_driver(central, booted):
    station = await booted()
    wanted = {"id": 5, "expiryDateTime": LATER, "idToken": GOOD, "connectorType": "cCCS2"}
    assert await central.command("ReserveNow", wanted) == {"status": "Accepted"}
    await central.heard("StatusNotification", evseId=2, connectorStatus="Reserved")
    assert await central.command("ReserveNow", {**wanted, "id": 6}) == {"status": "Occupied"}
    assert await central.command("ReserveNow", {**wanted, "evseId": 9}) == {"status": "Rejected"}
    await station.plug_in(2)
    assert await station.present("OTHER", 2) == "Invalid"
    await station.present("GOOD", 2)
    assert central.said("TransactionEvent", eventType="Started")[0]["reservationId"] == 5


async def test_a_reservation_ends_by_cancel_expiry_or_fault(central, booted):
    station = await booted()
    wanted = {"id": 5, "evseId": 1, "expiryDateTime": LATER, "idToken": GOOD}
    await central.command("ReserveNow", wanted)
    assert await central.command("CancelReservation", {"reservationId": 5}) == {"status": "Accepted"}
    assert await central.command("CancelReservation", {"reservationId": 5}) == {"status": "Rejected"}
    await central.command("ReserveNow", {**wanted, "expiryDateTime": EARLIER})
    await central.heard("ReservationStatusUpdate", reservationUpdateStatus="Expired")
    await central.command("ReserveNow", wanted)
    await station.break_down("OtherError")
    await central.heard("ReservationStatusUpdate", reservationUpdateStatus="Removed")


async def test_profiles_limit_the_power_and_are_told_and_cleared(central, charging):
    station = await charging()
    free = station.evse(1).draw.power_w
    wanted = {"evseId": 1, "chargingProfile": profile(6000)}
    assert await central.command("SetChargingProfile", wanted) == {"status": "Accepted"}
    assert station.evse(1).draw.power_w == pytest.approx(6000)
    composite = await central.command("GetCompositeSchedule", {"evseId": 1, "duration": 60})
    assert composite["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6000.0}]
    asked = {"requestId": 9, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}}
    assert await central.command("GetChargingProfiles", asked) == {"status": "Accepted"}
    assert (await central.heard("ReportChargingProfiles"))["chargingProfile"] == [profile(6000)]
    criteria = {"chargingProfileCriteria": {"evseId": 1}}
    assert await central.command("ClearChargingProfile", criteria) == {"status": "Accepted"}
    assert await central.command("ClearChargingProfile", criteria) == {"status": "Unknown"}
    assert await central.command("GetChargingProfiles", asked) == {"status": "NoProfiles"}
    assert station.evse(1).draw.power_w == free


async def test_the_station_limit_is_shared(central, charging):
    station = await charging()
    station_max = profile(22_000, chargingProfilePurpose="ChargingStationMaxProfile")
    await central.command("SetChargingProfile", {"evseId": 0, "chargingProfile": station_max})
    await station.plug_in(2, ElectricVehicle())
    await station.start("GOOD", 2)
    assert station.evse(2).draw.power_w == pytest.approx(11_000)
    schedule = await central.command(
        "GetCompositeSchedule", {"evseId": 0, "duration": 60, "chargingRateUnit": "A"}
    )
    assert schedule["schedule"]["chargingSchedulePeriod"][0]["limit"] == pytest.approx(31.9)


async def test_a_limit_of_nothing_suspends(central, charging):
    await charging()
    await central.command("SetChargingProfile", {"evseId": 1, "chargingProfile": profile(0)})
    await eventually(
        lambda: central.said("TransactionEvent")[-1]["transactionInfo"]["chargingState"] == "SuspendedEVSE"
    )


async def test_profiles_that_break_the_rules_are_rejected(central, charging):
    station = await charging()
    tx = profile(6000, chargingProfilePurpose="TxProfile")
    mine = {**tx, "transactionId": station.evse(1).session.transaction_id}
    external = profile(6000, chargingProfilePurpose="ChargingStationExternalConstraints")
    for evse_id, wanted in (
        (1, tx),
        (2, mine),
        (0, mine),
        (1, external),
        (9, profile(6000)),
        (1, profile(6000, chargingProfileKind="Relative")),
    ):
        payload = {"evseId": evse_id, "chargingProfile": wanted}
        assert (await central.command("SetChargingProfile", payload))["status"] == "Rejected"
    payload = {"evseId": 1, "chargingProfile": mine}
    assert (await central.command("SetChargingProfile", payload))["status"] == "Accepted"


async def test_a_firmware_update_waits_for_transactions_and_boots_with_the_new_version(central, charging):
    station = await charging(speed=5000)
    image = {
        "location": "https://files.example.com/fw-3.1.0.bin",
        "retrieveDateTime": EARLIER,
        "signingCertificate": make_ca("Signer").pem,
        "signature": "c2lnbmVk",
    }
    assert await central.command("UpdateFirmware", {"requestId": 6, "firmware": image}) == {
        "status": "Accepted"
    }
    await central.heard("FirmwareStatusNotification", status="SignatureVerified")
    assert central.said("FirmwareStatusNotification", status="Installing") == []
    await station.stop()
    await central.heard("FirmwareStatusNotification", status="Installed")
    steps = central.said("FirmwareStatusNotification", requestId=6)
    assert [step["status"] for step in steps] == [
        "Downloading",
        "Downloaded",
        "SignatureVerified",
        "Installing",
        "InstallRebooting",
        "Installed",
    ]
    boot = central.said("BootNotification")[-1]
    assert (boot["reason"], boot["chargingStation"]["firmwareVersion"]) == ("FirmwareUpdate", "3.1.0")
    await central.heard("SecurityEventNotification", type="FirmwareUpdated")


async def test_an_update_gives_way_to_a_newer_one(central, booted):
    station = await booted(speed=5000)
    image = {"location": "https://files.example.com/fw-3.1.0.bin", "retrieveDateTime": LATER}
    await central.command("UpdateFirmware", {"requestId": 1, "firmware": image})
    await central.heard("FirmwareStatusNotification", status="DownloadScheduled")
    image = {"location": "https://files.invalid/fw.bin", "retrieveDateTime": EARLIER}
    answer = await central.command("UpdateFirmware", {"requestId": 2, "firmware": image})
    assert answer == {"status": "AcceptedCanceled"}
    await central.heard("FirmwareStatusNotification", status="DownloadFailed", requestId=2)
    broken = {
        "location": "https://files.example.com/f",
        "retrieveDateTime": EARLIER,
        "signingCertificate": "?",
    }
    answer = await central.command("UpdateFirmware", {"requestId": 3, "firmware": broken})
    assert answer == {"status": "InvalidCertificate"}
    assert station.firmware_version == "1.4.2"


async def test_a_log_goes_out_and_gives_way_to_a_newer_one(central, booted):
    station = await booted()
    log = {"logType": "DiagnosticsLog", "log": {"remoteLocation": "https://files.example.com/"}}
    assert (await central.command("GetLog", {**log, "requestId": 1}))["status"] == "Accepted"
    await central.heard("LogStatusNotification", status="Uploading", requestId=1)
    station.speed = 5000
    assert (await central.command("GetLog", {**log, "requestId": 2}))["status"] == "AcceptedCanceled"
    await central.heard("LogStatusNotification", status="AcceptedCanceled", requestId=1)
    await central.heard("LogStatusNotification", status="Uploaded", requestId=2)


async def test_only_a_local_controller_publishes_firmware(central, booted):
    await booted()
    publish = {"location": "https://files.example.com/fw", "checksum": "0" * 32, "requestId": 1}
    assert (await central.command("PublishFirmware", publish)).code == "NotSupported"
    assert await central.command("UnpublishFirmware", {"checksum": "0" * 32}) == {"status": "NoFirmware"}


async def test_certificates_are_installed_listed_deleted_and_renewed(central, booted):
    await booted()
    root = make_ca("Root")
    install = {"certificateType": "CSMSRootCertificate", "certificate": root.pem}
    assert await central.command("GetInstalledCertificateIds") == {"status": "NotFound"}
    assert await central.command("InstallCertificate", install) == {"status": "Accepted"}
    [listed] = (await central.command("GetInstalledCertificateIds"))["certificateHashDataChain"]
    assert listed["certificateType"] == "CSMSRootCertificate"
    data = {"certificateHashData": listed["certificateHashData"]}
    assert await central.command("DeleteCertificate", data) == {"status": "Accepted"}
    await central.command("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
    chain = sign_csr(root, (await central.heard("SignCertificate"))["csr"])
    assert await central.command("CertificateSigned", {"certificateChain": chain}) == {"status": "Accepted"}


async def test_monitors_are_kept_reported_and_cleared(central, booted):
    await booted()
    monitor = {
        **variable("EVSE", "Power", evse_id=1),
        "type": "UpperThreshold",
        "severity": 4,
        "value": 20_000,
    }
    unknown = {**monitor, **variable("EVSE", "Nonsense", evse_id=1)}
    results = (
        await central.command("SetVariableMonitoring", {"setMonitoringData": [monitor, unknown, monitor]})
    )["setMonitoringResult"]
    assert [result["status"] for result in results] == ["Accepted", "UnknownVariable", "Duplicate"]
    monitor_id = results[0]["id"]
    asked = {"requestId": 2, "monitoringCriteria": ["ThresholdMonitoring"]}
    assert await central.command("GetMonitoringReport", asked) == {"status": "Accepted"}
    [told] = (await central.heard("NotifyMonitoringReport"))["monitor"]
    assert told["variableMonitoring"][0]["id"] == monitor_id
    other = {"requestId": 3, "monitoringCriteria": ["DeltaMonitoring"]}
    assert await central.command("GetMonitoringReport", other) == {"status": "EmptyResultSet"}
    cleared = await central.command("ClearVariableMonitoring", {"id": [monitor_id, 999]})
    assert [result["status"] for result in cleared["clearMonitoringResult"]] == ["Accepted", "NotFound"]
    assert await central.command("SetMonitoringBase", {"monitoringBase": "All"}) == {"status": "Accepted"}
    assert await central.command("SetMonitoringLevel", {"severity": 11}) == {"status": "Rejected"}


async def test_display_messages_are_kept_told_and_cleared(central, booted):
    await booted()
    message = {"id": 3, "priority": "InFront", "message": {"format": "UTF8", "content": "Out of coffee"}}
    html = {**message, "message": {"format": "HTML", "content": "<b>"}}
    lost = {**message, "transactionId": "none"}
    for wanted, status in (
        (message, "Accepted"),
        (html, "NotSupportedMessageFormat"),
        (lost, "UnknownTransaction"),
    ):
        assert (await central.command("SetDisplayMessage", {"message": wanted}))["status"] == status
    assert await central.command("GetDisplayMessages", {"requestId": 1}) == {"status": "Accepted"}
    assert (await central.heard("NotifyDisplayMessages"))["messageInfo"] == [message]
    assert await central.command("ClearDisplayMessage", {"id": 3}) == {"status": "Accepted"}
    assert await central.command("ClearDisplayMessage", {"id": 3}) == {"status": "Unknown"}
    assert await central.command("GetDisplayMessages", {"requestId": 2}) == {"status": "Unknown"}


async def test_what_is_known_of_a_customer_is_told_and_forgotten(central, booted):
    station = await booted()
    await station.authorize("GOOD")
    asked = {"requestId": 1, "report": True, "clear": True, "idToken": GOOD}
    assert await central.command("CustomerInformation", asked) == {"status": "Accepted"}
    assert "Accepted" in (await central.heard("NotifyCustomerInformation"))["data"]
    await central.command("CustomerInformation", {**asked, "requestId": 2})
    assert (await central.heard("NotifyCustomerInformation", requestId=2))["data"] == "no data found"
    assert await central.command("CustomerInformation", {**asked, "customerIdentifier": "7"}) == {
        "status": "Invalid"
    }


async def test_costs_are_heard_and_vendors_unknown(central, booted):
    await booted()
    assert await central.command("CostUpdated", {"totalCost": 1.5, "transactionId": "any"}) == {}
    assert await central.command("DataTransfer", {"vendorId": "org.example"}) == {"status": "UnknownVendorId"}
