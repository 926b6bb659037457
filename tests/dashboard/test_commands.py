"""Forms for commands, and what they send."""

from html import unescape

import pytest

from dashboard.commands import command_forms, command_words
from dashboard.commands.command_fields import Asked
from emobi.core.errors import Invalid
from emobi.core.models import AuditEntry
from stations import selectors
from stations.commands import catalogue
from stations.models import Command, Station
from tests.dashboard.state import charge, report


def form_of(client, name, identity="alpha", query=""):
    return client.get(f"/stations/{identity}/commands/{name}/{query}").content.decode()


def send(client, name, identity="alpha", in_dialog=False, **filled):
    headers = {"HX-Request": "true"} if in_dialog else {}
    return client.post(f"/stations/{identity}/commands/{name}/send/", filled, headers=headers)


def fields(station, name):
    found = selectors.station(station.network, station.identity)
    made = command_forms.form(catalogue.entry(name), Asked(station=found, filled={}))
    return {field.name: field for field in made.fields}


@pytest.mark.parametrize("name", command_words.WORDS)
def test_every_command_with_words_has_a_form_that_says_what_it_does(bravo, admin, name):
    html = unescape(form_of(admin, name, "bravo"))
    assert catalogue.entry(name).description in html
    assert command_words.WORDS[name].button in html


def test_the_ten_commands_are_offered(bravo, admin):
    page = admin.get("/stations/bravo/").content.decode()
    assert [name for name in command_words.WORDS if f"/commands/{name}/" not in page] == []


def test_a_form_has_the_fields_that_its_version_has_words_for(alpha, bravo):
    assert set(fields(alpha, "reset")) == {"hard"}
    assert set(fields(bravo, "reset")) == {"type", "evse_id"}
    assert set(fields(alpha, "set_config")) == {"key", "value"}
    assert set(fields(bravo, "set_config")) == {"component", "variable", "evse_id", "value"}


def test_a_station_that_never_spoke_is_offered_all_fields(network):
    charlie = Station.objects.create(network=network, identity="charlie")
    assert set(fields(charlie, "reset")) == {"type", "evse_id", "hard"}


def test_what_is_an_object_in_itself_is_not_asked_for_in_a_form(bravo):
    assert not {"charging_profile", "additional_info"} & fields(bravo, "remote_start").keys()
    assert "stack_level" in fields(bravo, "clear_charging_profile")


def test_choices_are_those_of_the_version(alpha, bravo):
    def choices(station):
        return {value for value, _ in fields(station, "trigger_message")["requested_message"].choices}

    assert "TransactionEvent" not in choices(alpha)
    assert "TransactionEvent" in choices(bravo)
    assert "DiagnosticsStatusNotification" not in choices(bravo)


def test_evses_are_chosen_from_those_that_are_known(bravo):
    report(bravo, "Available", 1)
    report(bravo, "Available", 2)
    assert fields(bravo, "unlock")["evse_id"].choices == (("1", "EVSE 1"), ("2", "EVSE 2"))
    assert fields(bravo, "reset")["evse_id"].choices[0] == ("", "The whole station")


def test_a_sent_form_is_a_queued_command(alpha, operator):
    report(alpha, "Available", 2)
    response = send(operator, "remote_start", id_token="GOOD0001", evse_id="2", expires_in_s="600")
    assert response["Location"] == "/stations/alpha/#commands"
    command = Command.objects.get()
    assert (command.name, command.state, command.requested_by) == ("remote_start", "queued", "user:otto")
    assert command.params.items() >= {"id_token": "GOOD0001", "evse_id": 2}.items()
    assert (command.expires_at - command.created_at).total_seconds() == 600
    assert AuditEntry.objects.get(action="command.requested").address == "127.0.0.1"


def test_from_the_dialog_the_page_is_told_that_it_is_queued(alpha, operator):
    response = send(operator, "clear_cache", in_dialog=True)
    assert (response.status_code, response["HX-Trigger"]) == (204, "commandqueued")


def test_a_second_click_is_the_same_command(alpha, operator):
    for _ in range(2):
        send(operator, "clear_cache", in_dialog=True, idempotency_key="01ABC")
    assert Command.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "version", "filled", "params"),
    [
        ("reset", "1.6", {"hard": "yes"}, {"hard": True}),
        ("reset", "1.6", {}, {}),
        ("get_charging_profiles", "2.0.1", {"charging_profile_id": "1\r\n2"},
         {"charging_profile_id": [1, 2]}),
        ("get_charging_profiles", "2.0.1", {"charging_limit_source": "EMS\r\nSO"},
         {"charging_limit_source": ["EMS", "SO"]}),
        ("get_composite_schedule", "1.6", {"evse_id": "1", "duration": "60", "charging_rate_unit": "A"},
         {"evse_id": 1, "duration": 60, "charging_rate_unit": "A"}),
        ("reset", "2.0.1", {"type": "OnIdle", "evse_id": ""}, {"type": "OnIdle"}),
        ("get_config", "1.6", {"variables": "HeartbeatInterval\r\n\r\n Vendor.Key "},
         {"variables": [{"key": "HeartbeatInterval"}, {"key": "Vendor.Key"}]}),
        ("get_config", "2.0.1", {"variables": "OCPPCommCtrlr.HeartbeatInterval"},
         {"variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}]}),
        ("clear_monitors", "2.0.1", {"monitor_ids": "1\r\n 2"}, {"monitor_ids": [1, 2]}),
        ("get_report", "2.0.1", {"component_criteria": "Problem", "component_variables": "EVSE.Power"},
         {"component_criteria": ["Problem"],
          "component_variables": [{"component": "EVSE", "variable": "Power"}]}),
        ("set_config", "1.6", {"key": "HeartbeatInterval", "value": "60"},
         {"variables": [{"key": "HeartbeatInterval", "value": "60"}]}),
        ("set_config", "2.0.1", {"component": "A", "variable": "B", "evse_id": "2", "value": "0"},
         {"variables": [{"component": "A", "variable": "B", "evse_id": 2, "value": "0"}]}),
    ],
)  # fmt: skip
def test_what_is_filled_in_becomes_params(alpha, name, version, filled, params):
    alpha.ocpp_version = version
    assert command_forms.params(catalogue.entry(name), alpha, filled) == params
    catalogue.parse(name, params)


@pytest.mark.parametrize(
    ("name", "filled", "field"),
    [
        ("unlock", {"evse_id": "one"}, "evse_id"),
        ("get_config", {"variables": "HeartbeatInterval"}, "variables"),
        ("clear_monitors", {"monitor_ids": "one"}, "monitor_ids"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(bravo, name, filled, field):
    with pytest.raises(Invalid) as refusal:
        command_forms.params(catalogue.entry(name), bravo, filled)
    assert refusal.value.field == field


@pytest.mark.parametrize("in_dialog", [False, True])
def test_a_refused_form_comes_back_with_what_was_filled_in(bravo, admin, in_dialog):
    filled = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
    response = send(admin, "set_config", "bravo", in_dialog, **filled)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="OCPPCommCtrlr"' in html
    assert 'aria-invalid="true" aria-describedby="field-value-error"' in html
    assert ("<html" in html) is not in_dialog
    assert Command.objects.count() == 0


def test_a_refusal_that_no_field_is_to_blame_for_is_told_above_the_form(alpha, operator):
    Station.objects.update(registration="rejected")
    response = send(operator, "clear_cache", in_dialog=True)
    assert response.status_code == 422
    assert "alpha is rejected" in response.content.decode()


def test_a_command_that_ends_something_says_what_before(alpha, operator):
    assert "No session runs now." in form_of(operator, "reset")
    charge(alpha, 2)
    assert "Ends the sessions that run. 1 session runs now: EVSE 2." in form_of(operator, "reset")


def test_an_offline_station_is_told_of_before(alpha, operator):
    assert "isn&#x27;t connected" not in form_of(operator, "reset")
    Station.objects.update(connectivity="offline")
    assert "The station isn&#x27;t connected" in form_of(operator, "reset")


def test_a_running_session_is_chosen_not_typed(alpha, operator):
    session = charge(alpha, transaction_id="4711")
    assert f'<option value="{session.pk}"' in form_of(operator, "remote_stop")


def test_a_form_can_be_linked_to_filled_in(alpha, operator):
    assert 'value="GOOD0001"' in form_of(operator, "remote_start", query="?id_token=GOOD0001")


def test_a_role_that_is_too_low_is_refused_by_the_service_too(alpha, operator):
    response = send(operator, "set_config", in_dialog=True, key="HeartbeatInterval", value="60")
    assert response.status_code == 422
    assert "set_config needs the role admin" in response.content.decode()


def test_what_no_database_can_keep_is_left_out(alpha, operator):
    send(operator, "remote_start", id_token="GO\0OD", idempotency_key="a\0b")
    command = Command.objects.get()
    assert (command.params["id_token"], command.idempotency_key) == ("GOOD", "ab")


def test_there_is_no_form_for_what_is_no_command(alpha, operator):
    assert operator.get("/stations/alpha/commands/explode/").status_code == 404
