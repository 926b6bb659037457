"""Forms for commands, and what they send."""

from datetime import timedelta
from html import unescape

import pytest

from dashboard import figures
from dashboard.commands import command_forms, command_words, filled_params
from dashboard.commands.command_fields import Asked
from dashboard.commands.command_lives import Life
from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import AuditEntry
from stations import selectors
from stations.commands import catalogue
from stations.models import Command, Connection, Station
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


def names(node):
    """Of all inputs of a group or table."""
    below = getattr(node, "nodes", None) or getattr(node, "rows", None) or ()
    return set().union(*map(names, below)) if below else {node.name}


@pytest.mark.parametrize("name", command_words.WORDS)
def test_every_command_with_words_has_a_form_that_says_what_it_does(bravo, admin, name):
    html = unescape(form_of(admin, name, "bravo"))
    assert catalogue.entry(name).description in html
    assert command_words.WORDS[name].button in html


def test_every_command_of_the_catalogue_is_offered(bravo, admin):
    page = admin.get("/stations/bravo/commands/").content.decode()
    assert command_words.WORDS.keys() == catalogue.ENTRIES.keys()
    assert [name for name in catalogue.ENTRIES if f"/commands/{name}/" not in page] == []


def test_a_form_has_the_fields_that_its_version_has_words_for(alpha, bravo):
    assert set(fields(alpha, "reset")) == {"hard"}
    assert set(fields(bravo, "reset")) == {"type", "evse_id"}
    assert names(fields(alpha, "set_config")["variables"]) == {"variables.0.key", "variables.0.value"}
    assert "variables.0.key" not in names(fields(bravo, "set_config")["variables"])


def test_a_station_that_never_spoke_is_offered_all_fields(network):
    charlie = Station.objects.create(network=network, identity="charlie")
    assert set(fields(charlie, "reset")) == {"type", "evse_id", "hard"}


def test_what_is_an_object_in_itself_is_there_once_it_is_wanted(bravo):
    profile = fields(bravo, "remote_start")["charging_profile"]
    assert (profile.there, profile.nodes) == (False, [])
    asked = names(fields(bravo, "set_charging_profile")["charging_profile"])
    assert "charging_profile.charging_schedule.0.charging_schedule_period.0.limit" in asked


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
    assert response["Location"] == "/stations/alpha/commands/#lives"
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
        ("get_charging_profiles", "2.0.1", {"charging_limit_source": "EMS\nSO"},
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
        ("set_config", "1.6", {"variables.0.key": "HeartbeatInterval", "variables.0.value": "60"},
         {"variables": [{"key": "HeartbeatInterval", "value": "60"}]}),
        ("set_config", "2.0.1", {"variables.4.component": "A", "variables.4.variable": "B",
          "variables.4.evse_id": "2", "variables.4.value": "0"},
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
    filled = {"variables.0.component": "OCPPCommCtrlr", "variables.0.variable": "HeartbeatInterval"}
    response = send(admin, "set_config", "bravo", in_dialog, **filled)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="OCPPCommCtrlr"' in html
    assert 'aria-invalid="true" aria-describedby="field-variables.0.value-error"' in html
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


def test_what_stands_in_the_way_of_a_reservation_is_said_before(bravo, operator):
    def effect(query="", sent=None):
        html = send(operator, "reserve", "bravo", **sent).content.decode() if sent else ""
        html = html or form_of(operator, "reserve", "bravo", query)
        return unescape(html.split('id="effect"')[1].split("<span>")[1].split("</span>")[0])

    def reserve(number, evse_id, minutes=60, **columns):
        ends = clock.wall() + timedelta(minutes=minutes)
        return bravo.reservations.create(
            reservation_id=number, evse_id=evse_id, id_token="GOOD0001", expires_at=ends, **columns
        )

    free = "Until it ends nobody else can charge there. No session runs"
    assert effect() == f"{free} now, and nothing is reserved."
    held = reserve(3, 1)
    reserve(4, 1, minutes=-1)
    reserve(5, 2, ended_at=clock.wall(), reason="Used")
    charge(bravo, 2)
    first = f"EVSE 1 is reserved already, for …0001 until {figures.local(held.expires_at)} (reservation 3)."
    second = "A session runs at EVSE 2."
    assert effect().endswith(f"there. {first} {second}")
    assert effect("?evse_id=1").endswith(f"there. {first}")
    assert effect("?evse_id=2").endswith(f"there. {second}")
    assert effect("?evse_id=3") == f"{free} there now, and nothing is reserved there."
    assert "It replaces reservation 3: EVSE 1 for …0001 until" in effect("?evse_id=1&reservation_id=3")
    # In a form that was refused, too; as JSON it doesn't say where.
    assert effect(sent={"evse_id": "1"}).endswith(first)
    assert effect(sent={"json": "{}"}).endswith(f"{first} {second}")
    for number in range(6, 13):
        reserve(number, None)
    assert effect("?evse_id=3").count("One EVSE, whichever, is reserved already") == 5
    assert "There are more reservations." in effect("?evse_id=3")


def test_an_offline_station_is_told_of_before(alpha, operator):
    assert "isn&#x27;t connected" not in form_of(operator, "reset")
    Station.objects.update(connectivity="offline")
    assert "The station isn&#x27;t connected" in form_of(operator, "reset")


def test_a_command_only_for_now_is_queued_only_for_who_is_there(alpha, operator):
    assert "only if it is there now" in form_of(operator, "clear_cache")
    send(operator, "clear_cache", expires_in_s="0")
    command = alpha.commands.get()
    assert (command.expires_at - command.created_at).total_seconds() == 30
    Connection.objects.update(closed_at=clock.wall())
    answer = send(operator, "clear_cache", expires_in_s="0", in_dialog=True)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "alpha isn&#x27;t connected now: nothing was queued." in html
    assert '<option value="0" selected>' in html
    assert alpha.commands.count() == 1


def test_a_running_session_is_chosen_not_typed(alpha, operator):
    session = charge(alpha, transaction_id="4711")
    assert f'<option value="{session.pk}"' in form_of(operator, "remote_stop")


def test_a_form_can_be_linked_to_filled_in(alpha, operator):
    assert 'value="GOOD0001"' in form_of(operator, "remote_start", query="?id_token=GOOD0001")


def test_a_role_that_is_too_low_is_refused_by_the_service_too(alpha, operator):
    response = send(
        operator, "set_config", in_dialog=True, **{"variables.0.key": "A", "variables.0.value": "60"}
    )
    assert response.status_code == 422
    assert "set_config needs the role engineer" in response.content.decode()


def test_what_no_database_can_keep_is_left_out(alpha, operator):
    send(operator, "remote_start", id_token="GO\0OD", idempotency_key="a\0b")
    command = Command.objects.get()
    assert (command.params["id_token"], command.idempotency_key) == ("GOOD", "ab")


def test_there_is_no_form_for_what_is_no_command(alpha, operator):
    assert operator.get("/stations/alpha/commands/explode/").status_code == 404


def test_a_row_is_added_and_taken_away_by_the_server(bravo, admin):
    filled = {"monitors.0.component": "Connector", "monitors.0.value": "80"}
    html = send(admin, "set_monitors", "bravo", add="monitors.1", **filled).content.decode()
    assert 'name="monitors.1.component"' in html
    assert 'name="monitors.0.value" value="80"' in html
    filled |= {"monitors.1": "on", "monitors.1.component": "EVSE"}
    html = send(admin, "set_monitors", "bravo", remove="monitors.0", **filled).content.decode()
    assert 'name="monitors.0.component" value="EVSE"' in html
    assert "monitors.1.component" not in html
    assert Command.objects.count() == 0


def test_a_nested_form_is_sent_as_it_is_filled_in(bravo, operator):
    profile = "charging_profile"
    filled = {
        "evse_id": "1", profile: "on", f"{profile}.charging_profile_purpose": "TxDefaultProfile",
        f"{profile}.charging_profile_kind": "Absolute", f"{profile}.stack_level": "2",
        f"{profile}.charging_schedule.0.charging_rate_unit": "A",
        f"{profile}.charging_schedule.0.start_schedule": "2026-11-28T08:00",
        f"{profile}.charging_schedule.0.charging_schedule_period.0.start_period": "0",
        f"{profile}.charging_schedule.0.charging_schedule_period.0.limit": "16.5",
    }  # fmt: skip
    assert send(operator, "set_charging_profile", "bravo", **filled).status_code == 302
    assert Command.objects.get().params["charging_profile"] == {
        "charging_profile_purpose": "TxDefaultProfile", "charging_profile_kind": "Absolute", "stack_level": 2,
        "charging_schedule": [{
            "charging_rate_unit": "A", "start_schedule": "2026-11-28T08:00Z",
            "charging_schedule_period": [{"start_period": 0, "limit": 16.5}],
        }],
    }  # fmt: skip


def test_what_is_wrong_deep_inside_is_told_there(bravo, operator):
    filled = {"evse_id": "1", "charging_profile.charging_schedule.0.charging_schedule_period.0.limit": "x"}
    html = send(operator, "set_charging_profile", "bravo", **filled).content.decode()
    path = "charging_profile.charging_schedule.0.charging_schedule_period.0.limit"
    assert f'id="field-{path}-error">a number, please.' in html


@pytest.mark.parametrize("version", ["1.6", "2.0.1", ""])
@pytest.mark.parametrize("name", catalogue.ENTRIES)
def test_fields_and_json_say_the_same(name, version):
    entry = catalogue.entry(name)
    if version and version not in entry.versions:
        return
    params = dict(entry.example)
    try:
        filled = filled_params.write(name, version, params)
    except filled_params.Untellable:
        # What 1.6 has other words for: the examples are 2.0.1's.
        assert version == "1.6"
        return
    assert catalogue.parse(name, filled_params.read(name, version, filled)) == catalogue.parse(name, params)


def test_a_form_is_shown_as_json_and_back(bravo, operator):
    html = unescape(
        send(operator, "reserve", "bravo", view="json", id_token="GOOD", evse_id="2").content.decode()
    )
    assert '"id_token": "GOOD",\n  "evse_id": 2' in html.replace("\r", "")
    back = send(operator, "reserve", "bravo", view="fields", json='{"id_token": "GOOD", "evse_id": 2}')
    assert 'name="id_token" value="GOOD"' in back.content.decode()
    odd = send(operator, "reserve", "bravo", view="fields", json='{"id_token": "GOOD", "what": [1]}')
    assert "it is shown as JSON" in odd.content.decode()


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000])
def test_json_that_is_none_is_refused(bravo, operator, text):
    assert send(operator, "reserve", "bravo", json=text).status_code == 422


def test_json_that_cannot_be_stored_is_refused(bravo, operator):
    params = '{"custom_data": {"": {"vendorId": "acme", "value": %s}}}'
    for value in ("NaN", "1e999", r'"\u0000"', r'"\ud800"', "[" * 300 + "]" * 300):
        refused = send(operator, "clear_cache", "bravo", json=params % value)
        assert (refused.status_code, "This isn&#x27;t JSON" in refused.content.decode()) == (422, True)
    assert not Command.objects.exists()
    # A number of any size is one, as accurate as a computer's are.
    send(operator, "clear_cache", "bravo", json=params % 2**70)
    told = Command.objects.get().params["custom_data"][""]["value"]
    assert told == pytest.approx(2**70)


def test_json_is_sent_as_it_is_typed(bravo, operator):
    send(operator, "cancel_reservation", "bravo", json='{"reservation_id": 7}')
    assert Command.objects.get().params == {"reservation_id": 7}


def test_a_reason_goes_to_the_audit_log(alpha, admin):
    send(admin, "reset", reason="screen frozen")
    assert AuditEntry.objects.get(action="command.requested").detail["reason"] == "screen frozen"


def test_what_cannot_be_undone_is_not_sent_without_a_reason(alpha, admin):
    response = send(admin, "data_transfer", vendor_id="acme")
    assert response.status_code == 422
    assert "sent without a reason" in response.content.decode()
    assert send(admin, "data_transfer", vendor_id="acme", reason="as acme says").status_code == 302


def test_a_form_offers_what_was_sent_lately(alpha, bravo, operator):
    assert "Lately" not in form_of(operator, "reset")
    for kind in ("Immediate", "Immediate"):
        send(operator, "reset", "bravo", type=kind)
    html = form_of(operator, "reset", "bravo")
    newest = bravo.commands.order_by("-pk").first()
    assert html.count("?again=") == 2  # a link, and the same for the dialog
    assert f"/stations/bravo/commands/reset/?again={newest.pk}" in html
    assert "Lately" not in form_of(operator, "reset")
    assert "Lately" not in form_of(operator, "clear_cache", "bravo")


def test_a_command_is_sent_again_as_it_was(bravo, operator):
    send(operator, "reserve", "bravo", id_token="GOOD0001", evse_id="2", expires_at="2030-01-01T00:00")
    command = Command.objects.get()
    html = form_of(operator, "reserve", "bravo", f"?again={command.pk}")
    assert 'name="id_token" value="GOOD0001"' in html
    assert 'value="2030-01-01T00:00:00"' in html


def test_a_queued_command_can_be_taken_back(alpha, operator):
    send(operator, "clear_cache")
    command = Command.objects.get()
    operator.post(f"/stations/alpha/commands/{command.pk}/cancel/")
    command.refresh_from_db()
    assert command.state == "cancelled"


def test_commands_are_found_by_their_words(bravo, admin):
    html = admin.get("/stations/bravo/commands/?command=firmware+publish").content.decode()
    assert "/commands/publish_firmware/" in html
    assert "/commands/reset/" not in html


def test_a_version_without_words_for_a_command_says_so(alpha, admin):
    html = admin.get("/stations/alpha/commands/").content.decode()
    assert "get_base_report is in OCPP 2.0.1 only" in html
    assert "/commands/get_base_report/" not in html


def test_a_certificate_is_named_among_what_was_asked_and_not_written_out(alpha):
    command = Command(station=alpha, name="install_certificate", params={
        "certificate_type": "CSMSRootCertificate", "certificate": "-----BEGIN CERTIFICATE-----\n" + "A" * 800,
    })  # fmt: skip
    asked = Life(command=command).asked
    assert "Certificate (PEM)" in asked
    assert "AAAA" not in asked


def test_of_a_whole_configuration_a_few_are_told_and_what_was_refused_first(alpha):
    told = [{"key": f"Setting{number}", "value": str(number)} for number in range(30)]
    told += [{"key": "Refused", "status": "Rejected"}]
    life = Life(command=Command(station=alpha, name="get_config", outcome={"detail": {"variables": told}}))
    assert life.outcome.startswith("Refused (Rejected) · Setting0 = 0 · Setting1 = 1")
    assert life.outcome.endswith("Setting4 = 4 · and 25 more")
