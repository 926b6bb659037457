"""The device model, monitors, displays and customers of a simulated station of 2.0.1, end to end."""

import pytest

from emobi.core import clock
from emobi.core.models import AuditEntry, Event
from sessions.models import IdToken
from stations import masking
from stations.models import CommandState, Direction, DisplayMessage, Frame, Monitor, Variable
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of

ACCEPTED, REJECTED = CommandState.ACCEPTED, CommandState.REJECTED
POWER = {"component": "EVSE", "evse_id": 1, "variable": "Power", "value": 11000, "severity": 4}


@pytest.fixture(scope="module")
def gateway(make_gateway):
    process = make_gateway()
    yield process
    assert "Traceback" not in process.log


@pytest.fixture
def sim(gateway, simulate):
    return simulate(gateway, "2.0.1")


def events_of(station, kind):
    found = Event.objects.filter(network=station.network, type=kind).order_by("sequence")
    return list(found.values_list("data", flat=True))


def test_a_report_on_parts_of_the_device_model(sim):
    station = sim.known.station
    names = [
        {"component": "EVSE", "evse_id": 1},
        {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"},
    ]
    command = ask(station, "get_report", {"component_variables": names})
    assert end_of(command) == ACCEPTED
    until(lambda: events_of(station, "config.report_received"))
    kept = Variable.objects.filter(station=station)
    assert set(kept.values_list("component", flat=True)) == {"EVSE", "OCPPCommCtrlr"}
    assert kept.get(variable="HeartbeatInterval").characteristics["unit"] == "s"
    nothing = ask(station, "get_report", {"component_criteria": ["Problem"]})
    assert end_of(nothing) == ACCEPTED
    assert nothing.outcome["status"] == "EmptyResultSet"


def test_the_life_of_a_monitor(sim):
    station = sim.known.station
    wanted = [POWER | {"type": "UpperThreshold"}, POWER | {"type": "Delta"}]
    setting = ask(station, "set_monitors", {"monitors": wanted})
    assert end_of(setting) == ACCEPTED
    ids = [told["monitor_id"] for told in setting.outcome["detail"]["monitors"]]
    assert (
        list(Monitor.objects.filter(station=station, ours=True).values_list("monitor_id", flat=True)) == ids
    )
    twice = ask(station, "set_monitors", {"monitors": wanted[:1]})
    assert end_of(twice) == REJECTED
    assert twice.outcome["status"] == "Duplicate"
    assert (
        end_of(ask(station, "get_monitoring_report", {"monitoring_criteria": ["DeltaMonitoring"]}))
        == ACCEPTED
    )
    (told,) = until(lambda: events_of(station, "monitor.report_received"))
    assert told["monitors"] == 1
    assert end_of(ask(station, "clear_monitors", {"monitor_ids": ids[:1]})) == ACCEPTED
    assert list(Monitor.objects.filter(station=station).values_list("monitor_id", flat=True)) == ids[1:]
    assert end_of(ask(station, "set_monitoring_level", {"severity": 3})) == ACCEPTED
    assert end_of(ask(station, "set_monitoring_base", {"monitoring_base": "FactoryDefault"})) == ACCEPTED
    assert not Monitor.objects.filter(station=station).exists()
    assert end_of(ask(station, "get_monitoring_report")) == ACCEPTED


def test_the_life_of_a_message(sim):
    station = sim.known.station
    welcome = {"message_id": 1, "priority": "NormalCycle", "content": "Welcome", "state": "Idle"}
    assert end_of(ask(station, "set_display_message", welcome)) == ACCEPTED
    picture = ask(station, "set_display_message", welcome | {"message_id": 2, "format": "URI"})
    assert end_of(picture) == REJECTED
    assert picture.outcome["status"] == "NotSupportedMessageFormat"
    assert end_of(ask(station, "get_display_messages")) == ACCEPTED
    (told,) = until(lambda: events_of(station, "display_message.reported"))
    assert [message["content"] for message in told["messages"]] == ["Welcome"]
    assert DisplayMessage.objects.get(station=station).state == "Idle"
    assert end_of(ask(station, "clear_display_message", {"message_id": 1})) == ACCEPTED
    assert not DisplayMessage.objects.filter(station=station).exists()


def test_what_is_known_of_a_customer(sim):
    station = sim.known.station
    IdToken.objects.create(network=station.network, id_token="GOOD")
    command = ask(station, "customer_information", {"id_token": "GOOD", "clear": True})
    assert end_of(command) == ACCEPTED
    (told,) = until(lambda: events_of(station, "customer.information"))
    assert (told["text"], told["held_here"]) == ("no data found", {"id_tokens": 1, "sessions": 0})


def test_what_may_not_be_read_back_is_kept_nowhere_whatever_it_is_called(sim):
    station = sim.known.station
    door = {"component": "Cabinet", "variable": "Door"}
    Variable.objects.create(station=station, **door, mutability="WriteOnly", reported_at=clock.wall())
    command = ask(station, "set_config", {"variables": [door | {"value": "sesame"}]})
    assert end_of(command) == REJECTED
    assert (command.params, command.sealed) == ({"variables": [door | {"value": masking.MASK}]}, "")
    asked = Frame.objects.get(station=station, action="SetVariables", direction=Direction.SENT)
    assert "Door" in asked.text
    kept = [
        asked.text,
        *AuditEntry.objects.values_list("detail", flat=True),
        *events_of(station, "command.completed"),
    ]
    assert "sesame" not in str(kept)
