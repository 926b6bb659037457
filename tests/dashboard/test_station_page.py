"""One station: what it is, what it does, what it was asked."""

from datetime import timedelta

import pytest

from emobi.core import clock, unit_of_work
from emobi.core.models import AuditEntry, Role
from sessions.models import MeterValue
from stations import vendors
from stations.models import CommandState, ServiceRecord, Station
from stations.services.commanding import command_claims, command_ends, commands
from stations.services.registry import deviations
from stations.vendors import Vendor
from tests.dashboard.state import charge, exchange, report, suffer, want
from tests.statements import counted


def text(response):
    return " ".join(response.content.decode().split())


def page(client, identity="alpha"):  # or a tab of it
    return text(client.get(f"/stations/{identity}/"))


def read_meter(session, **values):
    samples = [
        {"measurand": measurand, "phase": phase, "location": "Outlet", "value": value}
        for measurand, phase, value in values.pop("samples")
    ]
    MeterValue.objects.create(
        station=session.station,
        session=session.pk,
        at=clock.wall(),
        received_at=clock.wall(),
        samples=samples,
        **values,
    )


def test_the_head_says_what_it_is_and_that_it_is_there(bravo, viewer):
    html = page(viewer, "bravo")
    for shown in ("bravo", "Online", "2.0.1", "1: password, not encrypted", "1.2.3"):
        assert shown in html


def test_a_station_is_found_in_whatever_case_it_is_written(alpha, viewer):
    assert viewer.get("/stations/ALPHA/").status_code == 200


def test_a_connector_shows_its_session_and_what_the_meter_says(alpha, viewer):
    report(alpha, "Occupied", detail="Charging")
    phases = [("L1", 230.0, 16.0), ("L2", 232.0, 15.5)]
    read_meter(
        charge(alpha, transaction_id="4711"),
        samples=[
            *[("Voltage", phase, volts) for phase, volts, _ in phases],
            *[("Current.Import", phase, amperes) for phase, _, amperes in phases],
        ],
    )
    html = page(viewer)
    for shown in (
        'data-f="kw">47.8<',
        'data-f="kwh">12.34<',
        'data-f="voltage">231<',
        'data-f="current">16.0<',
        'data-f="soc">63<',
        "Current, highest phase",
        ">4711<",
        "…0001",
    ):
        assert shown in html


def test_the_newest_reading_counts(alpha, viewer):
    report(alpha, "Occupied", detail="Charging")
    session = charge(alpha)
    read_meter(session, samples=[("Voltage", None, 400)])
    read_meter(session, samples=[("Voltage", None, 700)])
    assert 'data-f="voltage">700<' in page(viewer)


def test_a_session_that_names_no_connector_is_shown_where_a_plug_is(bravo, viewer):
    report(bravo, "Available", 1, 1)
    report(bravo, "Occupied", 1, 2)
    charge(bravo, connector_id=None)
    html = page(viewer, "bravo")
    occupied = html.partition("EVSE 1 · Connector 2")[2]
    assert 'data-f="kw">47.8<' in occupied
    assert html.count('data-f="kw">47.8<') == 1


def test_an_error_is_told_with_the_vendors_code(alpha, viewer):
    report(alpha, "Faulted", error_code="GroundFailure", vendor_error_code="E-0471", info="residual current")
    html = page(viewer)
    for shown in (
        "Faulted",
        "The residual current device tripped",
        "GroundFailure",
        "E-0471",
        "residual current",
    ):
        assert shown in html


def test_a_makers_code_is_told_in_its_words_where_they_are_known(alpha, viewer, monkeypatch):
    volt = Vendor(vendor_id="Volt", messages={}, error_codes={"E-0471": "Isolation monitor tripped"})
    monkeypatch.setattr(vendors, "known", lambda: {"volt": volt})
    report(alpha, "Faulted", error_code="GroundFailure", vendor_error_code="E-0471")
    assert "E-0471</span>: Isolation monitor tripped" in page(viewer)


def test_its_health_has_a_page_for_each_reason(bravo, viewer, operator):
    assert "?part=both" in page(viewer, "bravo")
    assert "?part=score" in page(viewer, "bravo/sessions")
    ServiceRecord.objects.create(station=bravo, evse_id=1, since=clock.wall() - timedelta(days=40))
    Station.objects.filter(pk=bravo.pk).update(clock_skew_s=90, firmware_status="InstallationFailed")
    want(bravo)
    html = text(operator.get("/fragments/stations/bravo/health/"))
    for href, words in (
        ("/stations/bravo/configuration/?show=drift", "1 of its settings is not as a template wants it"),
        ("/stations/bravo/firmware/", "Its last firmware update ended with InstallationFailed"),
        ("/stations/bravo/#evses", "Its clock is 90 s ahead"),
    ):
        assert f'<a href="{href}">{words}</a>' in html
    assert ">83<" in text(viewer.get("/fragments/stations/bravo/health/?part=score"))
    assert 'hx-swap-oob="true"' in text(viewer.get("/fragments/stations/bravo/health/?part=both"))


def test_a_star_is_each_persons_own(alpha, bravo, viewer, operator):
    assert viewer.post("/stations/alpha/watch/", {"watch": "on", "tab": "firmware"})["Location"] == (
        "/stations/alpha/firmware/"
    )
    viewer.post("/stations/alpha/watch/", {"watch": "on"})
    assert 'name="watch" value="off" aria-pressed="true"' in page(viewer)
    assert 'name="watch" value="on" aria-pressed="false"' in page(operator)
    listed = text(viewer.get("/stations/?q=watched:vera"))
    assert 'href="/stations/?q=watched%3Avera" aria-current="true">Watched<' in listed
    assert 'data-key="station:alpha"' in listed
    assert 'data-key="station:bravo"' not in listed
    viewer.post("/stations/alpha/watch/", {"watch": "off"})
    assert 'data-key="station:alpha"' not in text(viewer.get("/stations/?q=watched:vera"))
    assert viewer.post("/stations/stranger/watch/", {"watch": "on"}).status_code == 404


def test_its_incidents_lead_to_their_pages(alpha, viewer):
    incident = suffer(alpha, severity="critical")
    assert f'<a href="/incidents/{incident.pk}/">Critical: A critical thing</a>' in page(viewer)


def test_a_clock_that_is_wrong_is_told(alpha, viewer):
    Station.objects.update(clock_skew_s=-47)
    assert "Clock 47 s behind ours" in page(viewer)
    Station.objects.update(clock_skew_s=9)
    assert "behind ours" not in page(viewer)


def test_a_session_clock_allows_for_the_stations_drift(alpha, viewer):
    report(alpha, "Occupied", detail="Charging")
    Station.objects.update(clock_skew_s=3600)
    charge(alpha, started_at=clock.wall() + timedelta(minutes=30))
    assert "30 min 0" in page(viewer)


def test_what_needs_another_role_is_shown_with_the_reason(alpha, operator, admin):
    assert "Needs the role admin" in page(operator, "alpha/commands")
    assert "Needs the role admin" not in page(admin, "alpha/commands")


def test_the_life_of_a_command_is_told_to_its_end(alpha, network, operator):
    asked = {"requested_by": "user:otto", "role": Role.OPERATOR}
    commands.request(network, alpha, "reset", {"type": "Immediate"}, **asked)
    assert "queued" in page(operator)
    assert "waits 1 min 00 s at most" in page(operator)
    command = alpha.commands.get()
    with unit_of_work.begin():
        command_claims.mark_sent(command, "m1", 1)
    assert "waits for the answer" in page(operator)
    with unit_of_work.begin():
        command_ends.fail(command, CommandState.UNKNOWN, "the connection was lost before an answer came")
    assert "the connection was lost before an answer came" in page(operator)


@pytest.mark.parametrize(
    ("verification", "told"),
    [
        ({"state": "pending", "within_s": 300, "detail": None}, "not seen to be done yet"),
        ({"state": "verified", "within_s": 300, "detail": {"after_s": 75.2}}, "done after 1 min 15 s"),
        ({"state": "not_seen", "within_s": 300, "detail": None}, "not seen to be done within 5 min 00 s"),
        (
            {"state": "pending", "within_s": 300, "detail": {"other_boots": [{"reason": "PowerUp"}]}},
            "not seen to be done yet; it booted, for another reason: PowerUp",
        ),
    ],
)
def test_what_was_seen_of_a_commands_effect_is_told(alpha, network, operator, verification, told):
    command = commands.request(network, alpha, "reset", {}, requested_by="user:otto", role=Role.OPERATOR)
    command.state, command.outcome = "accepted", {"status": "Accepted", "verification": verification}
    command.save()
    assert told in page(operator)


def test_params_are_told_in_the_words_of_the_form(bravo, network, operator):
    params = {"type": "OnIdle", "evse_id": 2}
    commands.request(network, bravo, "reset", params, requested_by="user:otto", role=Role.OPERATOR)
    assert "When no session runs · EVSE 2" in page(operator, "bravo")


def test_a_secret_in_a_commands_params_is_masked(alpha, network, admin):
    params = {"variables": [{"key": "AuthorizationKey", "value": "0123456789abcdef"}]}
    commands.request(network, alpha, "set_config", params, requested_by="user:ada", role=Role.ADMIN)
    assert "0123456789abcdef" not in page(admin)


def test_deviations_are_listed(alpha, viewer):
    with unit_of_work.begin():
        deviations.note(alpha, "MeterValues", [deviations.Found("unit", "enum", "Celcius")])
    html = page(viewer)
    assert "Celcius" in html
    assert "None seen" not in html


def test_the_end_of_its_log_is_on_the_page(alpha, viewer):
    call_id = exchange(alpha, "StatusNotification", {"status": "Charging", "connectorId": 1}, {})
    html = page(viewer, "alpha/messages")
    assert f'data-line="{call_id}"' in html
    assert "Charging · connector 1" in html


@pytest.mark.parametrize(("decision", "registration"), [("accept", "accepted"), ("reject", "rejected")])
def test_an_operator_decides_about_a_pending_station(alpha, operator, decision, registration):
    Station.objects.update(registration="pending")
    assert "This station waits for a decision" in page(operator)
    response = operator.post("/stations/alpha/registration/", {"decision": decision}, follow=True)
    assert f"alpha is {registration}" in text(response)
    alpha.refresh_from_db()
    assert alpha.registration == registration
    entry = AuditEntry.objects.get(action="station.changed")
    assert (entry.actor, entry.target, entry.address) == ("user:otto", "alpha", "127.0.0.1")


def test_there_is_no_third_decision(alpha, operator):
    assert operator.post("/stations/alpha/registration/", {"decision": "perhaps"}).status_code == 422


def test_a_station_that_never_spoke_says_so(network, viewer):
    Station.objects.create(network=network, identity="charlie")
    html = page(viewer, "charlie")
    assert "Never connected" in html
    assert "No connector known yet" in html
    assert "No message yet" in page(viewer, "charlie/messages")


def test_the_page_costs_a_dozen_queries_however_much_there_is(alpha, network, operator):
    def cost():
        with counted() as statements:
            assert operator.get("/stations/alpha/").status_code == 200
        return len(statements)

    report(alpha, "Occupied", 1, detail="Charging")
    charge(alpha, 1)
    # A person's first page asks for a little more.
    cost()
    few = cost()
    for evse_id in range(2, 9):
        report(alpha, "Occupied", evse_id, detail="Charging")
        charge(alpha, evse_id)
        exchange(alpha, "Heartbeat", {}, {})
        commands.request(network, alpha, "clear_cache", {}, requested_by="user:otto", role=Role.OPERATOR)
    assert cost() == few <= 12
