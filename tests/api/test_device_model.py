"""Variables, monitors and display messages of a station; templates, and how stations differ from them."""

from datetime import timedelta

import pytest

from emobi.core import clock
from sessions.models import ChargingSession
from stations.models import Command, DisplayMessage, NetworkProfile
from stations.reports import MonitoredEventReport, MonitorReport, MonitorsReport, VariableReport
from stations.services.device_model import monitored_events, monitors, variables
from tests.stations.telling import NOON, tell

TARGET = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}


def report(station, *found: VariableReport, reboot_required: bool | None = None) -> None:
    tell(variables.store, station, found, reboot_required=reboot_required)


def variable(name: str, value: str | None = "1", **said) -> VariableReport:
    return VariableReport(component="EVSE", variable=name, value=value, **said)


def test_a_variable_is_shown_with_all_that_is_known_of_it(viewer, bravo):
    said = {"dataType": "decimal", "unit": "W", "maxLimit": 22000, "supportsMonitoring": True}
    report(bravo, variable("Power", "11000", evse_id=1, mutability="ReadOnly", characteristics=said))
    assert viewer.get("/stations/bravo/variables")["items"] == [
        {
            "component": "EVSE",
            "component_instance": None,
            "evse_id": 1,
            "connector_id": None,
            "variable": "Power",
            "variable_instance": None,
            "attribute": "Actual",
            "key": None,
            "value": "11000",
            "mutability": "ReadOnly",
            "persistent": None,
            "constant": None,
            "characteristics": said,
            "reboot_required": False,
            "reported_at": "2026-05-04T12:00:00.000Z",
        }
    ]


def test_keys_of_1_6_stand_on_the_same_table(viewer, alpha):
    place = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
    report(alpha, VariableReport(**place, key="HeartbeatInterval", value="60"))
    (found,) = viewer.get("/stations/alpha/variables", component="ocppcommctrlr")["items"]
    assert (found["variable"], found["key"], found["value"]) == (
        "HeartbeatInterval",
        "HeartbeatInterval",
        "60",
    )


def test_variables_come_in_pages_and_are_filtered(viewer, bravo):
    report(bravo, *[variable(f"v{number}") for number in range(5)])
    report(bravo, variable("v3", "2"), reboot_required=True)
    names = [each["variable"] for each in viewer.all("/stations/bravo/variables", limit=2)]
    assert names == ["v0", "v1", "v2", "v3", "v4"]
    assert [each["variable"] for each in viewer.all("/stations/bravo/variables", 9, variable="V1")] == ["v1"]
    waiting = viewer.all("/stations/bravo/variables", 9, reboot_required=True)
    assert [each["variable"] for each in waiting] == ["v3"]
    assert viewer.get("/stations/bravo/variables", component="Other")["items"] == []


def test_monitors_are_shown(viewer, bravo):
    found = [
        MonitorReport(
            monitor_id=number, component="EVSE", variable=f"v{number}", type="Delta", value=0.5, severity=5
        )
        for number in range(3)
    ]
    part = MonitorsReport(request_id=1, seq_no=0, last=True, station_time=None, monitors=tuple(found))
    tell(monitors.report, bravo, part)
    shown = viewer.all("/stations/bravo/monitors", limit=2)
    assert [each["monitor_id"] for each in shown] == [0, 1, 2]
    first = {
        name: shown[0][name] for name in ("type", "value", "severity", "transaction", "ours", "variable")
    }
    assert first == {
        "type": "Delta", "value": 0.5, "severity": 5, "transaction": False, "ours": False, "variable": "v0",
    }  # fmt: skip
    assert [each["monitor_id"] for each in viewer.all("/stations/bravo/monitors", 9, variable="V2")] == [2]


def test_what_monitors_noticed_is_shown(viewer, bravo):
    noticed = [
        MonitoredEventReport(
            event_id=number, station_time=NOON, trigger="Alerting", component="TemperatureSensor",
            variable="Temperature", actual_value=str(70 + number), detail={"tech_code": "E7"},
        )
        for number in range(3)
    ]  # fmt: skip
    tell(monitored_events.record, bravo, noticed)
    shown = viewer.all("/stations/bravo/monitored-events", limit=2, component="temperaturesensor")
    assert [each["actual_value"] for each in shown] == ["72", "71", "70"]
    assert (shown[0]["event_id"], shown[0]["detail"], shown[0]["cleared"]) == (2, {"tech_code": "E7"}, False)
    assert viewer.get("/stations/bravo/monitored-events", variable="Other")["items"] == []


def show(station, message_id: int, **said) -> None:
    DisplayMessage.objects.create(
        station=station, message_id=message_id, priority="NormalCycle", format="UTF8", content="Welcome",
        reported_at=NOON, **said,
    )  # fmt: skip


def test_what_a_display_has_to_show(viewer, bravo):
    now = clock.wall()
    ChargingSession.objects.create(
        id="S1", network=bravo.network, station=bravo, transaction_id="over", started_at=NOON, ended_at=NOON,
        received_at=NOON, heard_at=NOON,
    )  # fmt: skip
    show(bravo, 1)
    show(bravo, 2, end_at=now - timedelta(seconds=1))
    show(bravo, 3, end_at=now + timedelta(hours=1), transaction_id="running", state="Idle", language="en")
    show(bravo, 4, transaction_id="over")
    shown = viewer.all("/stations/bravo/display-messages", limit=1)
    assert [each["message_id"] for each in shown] == [1, 3]
    assert (shown[0]["state"], shown[0]["transaction_id"], shown[0]["display"]) == (None, None, None)
    assert (shown[1]["state"], shown[1]["transaction_id"], shown[1]["language"]) == ("Idle", "running", "en")


def test_how_a_station_reaches_us_slot_by_slot(viewer, bravo):
    NetworkProfile.objects.create(
        station=bravo, configuration_slot=2, ocpp_csms_url="wss://one.example/ocpp", security_profile=2,
        ocpp_interface="Wireless0", ocpp_version="OCPP20", ocpp_transport="JSON", message_timeout_s=30,
        apn={"apn": "internet", "apn_authentication": "PAP", "apn_password": "***"}, accepted_at=NOON,
    )  # fmt: skip
    said = [("NetworkConfigurationPriority", "2,1"), ("ActiveNetworkProfile", "1")]
    report(bravo, *(VariableReport(component="OCPPCommCtrlr", variable=n, value=v) for n, v in said))
    first, second = viewer.all("/stations/bravo/network-profiles", limit=1)
    assert first == {
        "configuration_slot": 1, "priority": 2, "after_reboot": False, "active": True, "profile": None
    }  # fmt: skip
    assert (second["configuration_slot"], second["priority"], second["active"]) == (2, 1, False)
    assert second["profile"] == {
        "ocpp_csms_url": "wss://one.example/ocpp", "security_profile": 2, "ocpp_interface": "Wireless0",
        "ocpp_version": "OCPP20", "ocpp_transport": "JSON", "message_timeout": 30, "vpn": None,
        "apn": {"apn": "internet", "apn_authentication": "PAP", "apn_password": "***"},
        "accepted_at": "2026-05-04T12:00:00.000Z",
    }  # fmt: skip


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def template(engineer):
    return engineer.post("/templates", {"name": "T", "variables": [TARGET]})["template_id"]


def test_a_template_is_made_read_changed_and_deleted(engineer, viewer):
    made = engineer.post("/templates", {"name": "T", "vendor": "Acme", "variables": [TARGET]})
    path = f"/templates/{made['template_id']}"
    assert viewer.get(path) == made == viewer.get("/templates")["items"][0]
    assert (made["name"], made["vendor"], made["model"], made["variables"]) == ("T", "Acme", None, [TARGET])
    changed = engineer.patch(path, {"vendor": None, "model": "One"})
    assert (changed["name"], changed["vendor"], changed["model"]) == ("T", None, "One")
    engineer.delete(path)
    viewer.get(path, expect=404)


def test_what_is_wrong_with_a_template_is_named(engineer, template):
    told = engineer.post(
        "/templates", {"name": "U", "variables": [{"component": "C", "value": "1"}]}, expect=422
    )
    assert told["errors"][0]["field"] == "variables.0"
    engineer.post("/templates", {"name": "t", "variables": [TARGET]}, expect=409)


def test_drift_is_found_at_a_station_and_over_all(viewer, template, alpha, bravo):
    place = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
    report(alpha, VariableReport(**place, key="HeartbeatInterval", value="60"))
    (found,) = viewer.get("/stations/alpha/configuration-diff")["items"]
    assert (found["template_id"], found["template"], found["drift"]) == (template, "T", True)
    assert found["variables"] == [{"variable": TARGET, "reported": "60", "finding": "differs"}]
    shown = viewer.all(f"/templates/{template}/stations", limit=1)
    none = {"same": 0, "differs": 0, "reboot_required": 0, "unknown": 0}
    assert shown == [
        {"station": "alpha", "drift": True} | none | {"differs": 1},
        {"station": "bravo", "drift": False} | none | {"unknown": 1},
    ]


def test_a_station_can_be_held_against_a_template_that_is_not_meant_for_it(engineer, viewer, alpha):
    made = engineer.post("/templates", {"name": "T", "vendor": "Acme", "variables": [TARGET]})
    assert viewer.get("/stations/alpha/configuration-diff")["items"] == []
    (found,) = viewer.get("/stations/alpha/configuration-diff", template=made["template_id"])["items"]
    assert [each["finding"] for each in found["variables"]] == ["unknown"]
    viewer.get("/stations/alpha/configuration-diff", expect=404, template="01KAN3F6VB00C8J4V7Q2M5X9TH")


def test_a_station_is_set_right(admin, template, bravo):
    path = f"/templates/{template}/stations/bravo"
    command = admin.post(path, {}, expect=202)["command"]
    assert (command["command"], command["params"]) == ("set_config", {"variables": [TARGET]})
    report(bravo, VariableReport(component="OCPPCommCtrlr", variable="HeartbeatInterval", value="300"))
    assert admin.post(path, {}, expect=200) == {"command": None}
    assert Command.objects.count() == 1
