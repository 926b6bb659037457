"""Connecting a station: choose, paste, watch it come in; who waits, who was refused and why."""

import csv
import io
import re
import socket
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from dashboard.onboarding import checklist, credentials_sheet, reachability
from emobi.core import clock, ulid
from emobi.core.models import Network
from stations.models import (
    Command,
    ConfigurationTemplate,
    Connection,
    Connectivity,
    Connector,
    RefusedHandshake,
    Station,
    Variable,
)
from stations.services.incidents import rules
from stations.services.registry import registration
from stations.services.trust import credentials
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import charge, exchange, report, want
from tests.statements import counted


def refuse(network, identity, **columns):
    now = clock.wall()
    made = {
        "network": network, "network_slug": network.slug if network else "", "identity": identity,
        "remote_address": "203.0.113.7", "reason": "wrong password", "status": 401,
        "detail": "Did somebody paste a space?", "first_at": now, "last_at": now, "count": 41,
    }  # fmt: skip
    RefusedHandshake.objects.create(**(made | columns))


def text(response):
    return " ".join(response.content.decode().split())


def page(client):
    return text(client.get("/connect/"))


def steps(station):
    return {step.title: step for step in watched(station).steps}


def watched(station):
    return checklist.of(station, RefusedHandshake.objects.all())


@pytest.fixture
def make_elsewhere():
    """Makes a second network, when called."""
    return lambda: Network.objects.create(slug="elsewhere", name="Elsewhere")


@pytest.fixture
def newcomer(network):
    """Registered, and not heard of."""
    station, _ = registration.register(network, "CP-1", security_profile=1)
    station.refresh_from_db()
    return station


def come_in(station, **columns):
    now = clock.wall()
    made = {
        "epoch": 1, "gateway": "gateway-1", "ocpp_version": "1.6", "security_profile": 2,
        "tls_version": "TLSv1.3", "remote_address": "192.0.2.7", "opened_at": now, "last_heard_at": now,
    }  # fmt: skip
    Connection.objects.create(station=station, **(made | columns))
    Station.objects.filter(pk=station.pk).update(ocpp_version="1.6", connectivity=Connectivity.ONLINE)
    station.refresh_from_db()


def test_a_station_is_registered_and_its_password_shown_once(network, operator):
    chosen = {"identity": "CP-7", "protocol": "1.6", "profile": "1", "site": "Depot A", "kind": "app"}
    answer = operator.post("/connect/register/", chosen)
    html = text(answer)
    password = re.search(r'id="password">([^<]+)<', html)
    assert password is not None
    station = Station.objects.select_related("network").get(identity="CP-7")
    assert (station.security_profile, station.allowed_versions, station.site) == (1, ["1.6"], "Depot A")
    assert credentials.matching(station.pk, station.password_hash, password[1].encode())
    assert answer["Cache-Control"] == "no-store"
    for said in ("/ocpp/grid/CP-7", "Bluetooth", "OCPP 1.6", "<svg", "0 of 1"):
        assert said in html
    assert "ocppCsmsUrl" not in html
    again = text(operator.get("/connect/stations/CP-7/"))
    assert password[1] not in again
    assert "Make a new password" in again


def test_a_lost_password_is_replaced(newcomer, operator):
    html = text(operator.post("/connect/stations/CP-1/password/"))
    password = re.search(r'id="password">([^<]+)<', html)
    assert password is not None
    newcomer.refresh_from_db()
    assert credentials.matching(newcomer.pk, newcomer.password_hash, password[1].encode())


def test_what_cannot_be_registered_is_told_and_kept_in_the_form(newcomer, operator):
    answer = operator.post("/connect/register/", {"identity": "cp-1", "profile": "3", "site": "Depot B"})
    assert answer.status_code == 422
    html = text(answer)
    assert "There is a station cp-1 already" in html
    assert 'value="Depot B"' in html
    assert 'value="3" checked' in html


def test_a_viewer_watches_and_registers_nothing(newcomer, viewer):
    assert viewer.post("/connect/register/", {"identity": "CP-9"}).status_code == 403
    assert viewer.post("/connect/many/", {"identities": "CP-9"}).status_code == 403
    assert viewer.post("/connect/stations/CP-1/password/").status_code == 403
    assert "Nothing has come from it yet." in text(viewer.get("/connect/stations/CP-1/"))


def test_another_networks_station_is_not_there(stranger, operator):
    for path in ("/connect/stations/stranger/", "/fragments/connect/stranger/"):
        assert operator.get(path).status_code == 404
    for path in ("password", "finish"):
        assert operator.post(f"/connect/stations/stranger/{path}/").status_code == 404


def test_urls_are_those_that_the_profile_allows(newcomer, settings):
    assert credentials_sheet.urls(newcomer)[0].startswith("ws:")
    newcomer.security_profile = 2
    assert {url.partition(":")[0] for url in credentials_sheet.urls(newcomer)} == {"wss"}
    settings.EMOBI_OCPP_URL = "ws://charge.example/ocpp"
    assert credentials_sheet.urls(newcomer) == ["ws://charge.example/ocpp/grid/CP-1"]


def test_nothing_is_done_before_anything_came(newcomer):
    found = watched(newcomer)
    assert found.done == 0
    assert not found.is_done
    assert "Is the URL saved" in found.steps[0].advice


def test_a_wrong_password_is_told_with_what_to_change(newcomer, network):
    refuse(network, "cp-1")
    found = steps(newcomer)
    assert (found["Reached us"].shown, found["Path and identity known"].shown) == (checklist.OK, checklist.OK)
    failed = found["Password or certificate"]
    assert failed.shown == checklist.FAILED
    assert "cp-1 tried 0 s ago from 203.0.113.7: wrong password. Did somebody paste a space?" in failed.text
    assert "without spaces around it" in failed.advice
    assert found["Version of OCPP agreed"].shown == checklist.WAITING


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        ("no usable subprotocol", "Version of OCPP agreed"),
        ("no subprotocol", "Version of OCPP agreed"),
        ("no credentials", "Password or certificate"),
        ("bad identity", "Path and identity known"),
    ],
)
def test_each_refusal_fails_its_step(newcomer, network, reason, title):
    refuse(network, "CP-1", reason=reason)
    failed = [step.title for step in steps(newcomer).values() if step.shown == checklist.FAILED]
    assert failed == [title]


def test_a_refusal_before_it_came_in_counts_no_longer(newcomer, network):
    refuse(network, "CP-1", last_at=clock.wall() + timedelta(seconds=1))
    come_in(newcomer, opened_at=clock.wall() + timedelta(seconds=5))
    found = steps(newcomer)
    assert found["Password or certificate"].text == "security profile 2"
    assert found["Encrypted"].text == "TLSv1.3"
    assert found["Version of OCPP agreed"].text == "OCPP 1.6"


def test_a_slip_of_the_pen_is_found(newcomer, network, viewer):
    refuse(network, "CP_1", reason="unknown station", detail="")
    refuse(network, "OTHER", reason="unknown station", detail="")
    assert [each.identity for each in watched(newcomer).lookalikes] == ["CP_1"]
    assert "is it a slip of the pen?" in text(viewer.get("/fragments/connect/CP-1/"))


def test_a_station_comes_in_step_by_step_to_the_end(newcomer, operator):
    come_in(newcomer)
    Station.objects.filter(pk=newcomer.pk).update(
        booted_at=clock.wall(), vendor="Volt", model="One", firmware_version="1.2", clock_skew_s=120.0
    )
    newcomer.refresh_from_db()
    report(newcomer, "Available")
    now = clock.wall()
    Connector.objects.create(station=newcomer, evse_id=2, connector_id=1, changed_at=now, reported_at=now)
    found = steps(newcomer)
    assert found["BootNotification"].text == "Volt One, firmware 1.2"
    assert found["Clock set"].text == "Its clock is 2 min 00 s ahead."
    assert found["Status of each connector"].text == "EVSE 1: Available; nothing of 1 yet"
    assert found["First heartbeat"].shown == checklist.WAITING
    Station.objects.filter(pk=newcomer.pk).update(clock_skew_s=1.0)
    report(newcomer, "Available", 2)
    exchange(newcomer, "Heartbeat", {}, {"currentTime": "2026-11-28T10:00:00Z"})
    Variable.objects.create(
        station=newcomer,
        component="OCPPCommCtrlr",
        variable="HeartbeatInterval",
        value="300",
        reported_at=now,
    )
    newcomer.refresh_from_db()
    with counted() as statements:
        found_all = watched(newcomer)
    assert found_all.is_done
    assert len(statements) <= 9
    html = text(operator.get("/fragments/connect/CP-1/"))
    assert "it is in service" in html
    assert "every 2s" not in html
    answer = operator.post("/connect/stations/CP-1/finish/", {"tags": "vip, new", "site": "Depot A"})
    assert answer["Location"] == "/stations/CP-1/"
    newcomer.refresh_from_db()
    assert (newcomer.tags, newcomer.site) == (["vip", "new"], "Depot A")


def test_at_the_end_a_template_is_asked_for_and_the_rules_that_watch_it_are_named(
    newcomer, network, operator
):
    want(newcomer)
    rules.seed(network)
    template, offline = ConfigurationTemplate.objects.get(), network.incident_rules.get(kind="offline")
    other = {"component": "OCPPCommCtrlr", "variable": "RetryBackOffWaitMinimum", "value": "5"}
    ConfigurationTemplate.objects.create(
        id=ulid.new(), network=network, name="Of others", vendor="Other", variables=[other]
    )
    network.incident_rules.filter(kind="fault").update(scope={"site": "Elsewhere"})
    html = text(operator.get("/fragments/connect/CP-1/done/"))
    assert "Quiet: an engineer can have it asked for" in html
    refused = operator.post("/connect/stations/CP-1/finish/", {"template": template.pk})
    assert (refused.status_code, Command.objects.count()) == (422, 0)
    engineer = signed_in(enlist(network, "erin", "engineer"))
    html = text(engineer.get("/fragments/connect/CP-1/done/"))
    assert f'<option value="{template.pk}">Quiet</option>' in html
    assert "Of others" not in html
    assert f'href="/incidents/rules/{offline.pk}/"' in html
    assert f'href="/incidents/rules/{network.incident_rules.get(kind="fault").pk}/"' not in html
    engineer.post("/connect/stations/CP-1/finish/", {"template": template.pk, "tags": "vip"})
    asked = Command.objects.get()
    assert (asked.name, asked.params["variables"][0]["value"]) == ("set_config", "60")
    refused = engineer.post("/connect/stations/CP-1/finish/", {"template": "nothing", "tags": "other"})
    assert refused.status_code == 422
    assert Station.objects.get(identity="CP-1").tags == ["vip"]
    assert "/fragments/connect/CP-1/done/" in text(engineer.get("/connect/stations/CP-1/"))


def test_what_was_said_at_the_end_is_not_lost_by_a_refusal(newcomer, network):
    want(newcomer)
    template = ConfigurationTemplate.objects.get()
    engineer = signed_in(enlist(network, "erin", "engineer"))
    said = {"tags": "vip, " + "x" * 300, "site": "Depot A", "template": template.pk}
    refused = engineer.post("/connect/stations/CP-1/finish/", said)
    assert refused.status_code == 422
    html = text(refused)
    assert f'name="tags" value="{said["tags"]}"' in html
    assert 'name="site" value="Depot A"' in html
    assert f'<option value="{template.pk}" selected>' in html
    assert "/fragments/connect/CP-1/done/" not in html


def test_who_never_came_in_is_listed_for_a_month(newcomer, operator):
    now = clock.wall()
    listed = 'href="/connect/stations/CP-1/"'
    Station.objects.filter(pk=newcomer.pk).update(created_at=now - timedelta(days=29))
    assert listed in text(operator.get("/connect/"))
    Station.objects.filter(pk=newcomer.pk).update(created_at=now - timedelta(days=31))
    assert listed not in text(operator.get("/connect/"))
    assert "CP-1" in text(operator.get("/stations/?connectivity=never"))


def test_a_pending_station_is_accepted_from_its_checklist(newcomer, operator):
    come_in(newcomer)
    Station.objects.filter(pk=newcomer.pk).update(registration="pending", booted_at=clock.wall())
    html = text(operator.get("/fragments/connect/CP-1/"))
    assert "It waits for a decision" in html
    assert 'value="accept"' in html


def test_many_are_registered_at_once_and_their_passwords_are_in_the_file(newcomer, network, operator):
    answer = operator.post("/connect/many/", {"identities": "A1, Depot A\n\nCP-1\nB 2"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["identity"] for row in rows] == ["A1", "CP-1", "B 2"]
    assert "already" in rows[1]["problem"]
    station = Station.objects.get(identity="A1")
    assert station.site == "Depot A"
    assert credentials.matching(station.pk, station.password_hash, rows[0]["password"].encode())
    assert rows[0]["url"].endswith("/ocpp/grid/A1")
    assert answer["Cache-Control"] == "no-store"
    assert operator.post("/connect/many/", {"identities": " \n"}).status_code == 422


def test_the_ca_can_be_fetched_where_there_is_one(viewer, settings, tmp_path, network):
    settings.EMOBI_DATA_DIR = tmp_path
    assert viewer.get("/connect/ca.pem").status_code == 404
    (tmp_path / "tls").mkdir()
    path = credentials_sheet.authority_files(tmp_path / "tls").certificate
    path.write_text("a certificate")
    answer = viewer.get("/connect/ca.pem")
    assert b"".join(answer.streaming_content) == b"a certificate"
    assert 'filename="emobi-ca.pem"' in answer["Content-Disposition"]
    settings.EMOBI_TLS_CERTIFICATES = "elsewhere"
    assert viewer.get("/connect/ca.pem").status_code == 404


def test_who_never_came_in_can_be_gone_on_with(newcomer, viewer):
    assert '<a href="/connect/stations/CP-1/">CP-1</a>' in page(viewer)
    Station.objects.filter(pk=newcomer.pk).update(connectivity=Connectivity.ONLINE, booted_at=clock.wall())
    assert "Every station that was registered lately has come in." in page(viewer)


def test_a_refused_handshake_is_told_in_words_with_what_to_change(network, viewer):
    refuse(network, "CP-2099")
    html = page(viewer)
    for shown in (
        "CP-2099",
        "203.0.113.7",
        "Wrong password",
        "Did somebody paste a space?",
        ">41<",
        "Paste the password again",
    ):
        assert shown in html


def refuse_nameless(**columns):
    made = {"network_slug": "", "reason": "no TLS", "status": 0, "detail": "TLS handshake failed: unknown ca"}
    refuse(None, "", **(made | columns))


def test_a_refusal_of_no_network_is_shown_where_it_harms_nobody(network, viewer, make_elsewhere):
    refuse_nameless()
    refuse_nameless(reason="no WebSocket handshake", status=426)
    refuse(None, "CP-1", network_slug="grdi", reason="unknown station", detail="")
    html = page(viewer)
    for shown in (
        "No TLS</strong><span", "TLS handshake failed: unknown ca", "trust our certificate",
        "No WebSocket handshake", "wss doesn&#x27;t belong to the port for ws", "no network grdi",
    ):  # fmt: skip
        assert shown in html
    assert "waiting or refused" in text(viewer.get("/stations/"))
    make_elsewhere()
    assert "Nobody was refused." in page(viewer)
    assert "waiting or refused" not in text(viewer.get("/stations/"))
    above = enlist(network, "root", "viewer")
    User.objects.filter(pk=above.pk).update(is_superuser=True)
    assert "no network grdi" in page(signed_in(above))


def test_a_refusal_that_names_no_network_is_told_in_the_checklist_of_whom_it_names(newcomer, viewer):
    refuse(None, "cp-1", network_slug="grdi", reason="unknown station", detail="No station cp-1 in grdi.")
    assert steps(newcomer)["Path and identity known"].shown == checklist.FAILED
    html = text(viewer.get("/fragments/connect/CP-1/"))
    assert "No station cp-1 in grdi." in html
    RefusedHandshake.objects.all().delete()
    refuse(None, "", network_slug="CP-1", reason="no such path", detail="")
    failed = steps(newcomer)["Path and identity known"]
    assert failed.shown == checklist.FAILED
    assert "The URL has to end in /ocpp/" in failed.advice


def test_another_networks_people_learn_nothing_of_it_there(newcomer, viewer, make_elsewhere):
    make_elsewhere()
    refuse(None, "CP-1", network_slug="grdi", reason="unknown station", detail="No station.")
    refuse_nameless()
    assert "Nothing has come from it yet." in text(viewer.get("/fragments/connect/CP-1/"))


def test_what_gives_no_identity_is_told_as_somebodys_until_the_address_is_the_stations(newcomer):
    refuse_nameless()
    found = steps(newcomer)
    assert found["Reached us"].shown == checklist.WAITING
    assert "somebody at 203.0.113.7 who gave no identity was refused" in found["Reached us"].text
    assert "trust our certificate" in found["Reached us"].advice
    assert found["Encrypted"].shown == checklist.WAITING
    come_in(newcomer, remote_address="203.0.113.7", opened_at=clock.wall() - timedelta(minutes=5))
    assert steps(newcomer)["Encrypted"].shown == checklist.OK
    Connection.objects.update(closed_at=clock.wall())
    found = steps(newcomer)
    assert found["Encrypted"].shown == checklist.FAILED
    assert found["Encrypted"].text == "TLS handshake failed: unknown ca"
    assert found["Password or certificate"].shown == checklist.WAITING
    refuse_nameless(reason="no request in time", last_at=clock.wall() + timedelta(seconds=1))
    assert steps(newcomer)["Reached us"].shown == checklist.FAILED
    refuse_nameless(reason="no WebSocket handshake", last_at=clock.wall() + timedelta(seconds=5))
    failed = steps(newcomer)["Reached us"]
    assert failed.shown == checklist.FAILED
    assert "wss doesn't belong" in failed.advice


def test_old_refusals_and_those_of_others_are_left_out(network, elsewhere, viewer):
    refuse(network, "OLD", last_at=clock.wall() - timedelta(hours=25))
    refuse(elsewhere, "THEIRS")
    assert "Nobody was refused." in page(viewer)


def test_a_pending_station_can_be_accepted_from_here(network, operator):
    Station.objects.create(network=network, identity="new", registration="pending")
    assert 'value="accept"' in page(operator)
    response = operator.post("/stations/new/registration/", {"decision": "accept", "back": "connect"})
    assert response["Location"] == "/connect/"
    assert "Nobody waits." in page(operator)


def test_a_viewer_sees_who_waits_and_decides_nothing(network, viewer):
    Station.objects.create(network=network, identity="new", registration="pending")
    html = page(viewer)
    assert ">new</a>" in html
    assert 'value="accept"' not in html


@pytest.fixture
def listening():
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_what_can_be_told_of_reachability_is_told(listening, monkeypatch):
    monkeypatch.setattr(reachability, "DEADLINE_S", 0.2)
    name, port = reachability.of(f"ws://127.0.0.1:{listening}/ocpp/grid/CP-1", None)
    assert (name.shown, port.shown) == (checklist.FAILED, checklist.OK)
    assert "this machine alone" in name.text
    *_, certificate = reachability.of(f"wss://127.0.0.1:{listening}/ocpp/grid/CP-1", None)
    assert (certificate.title, certificate.shown) == ("Certificate", checklist.FAILED)


def test_a_name_that_is_not_found_ends_it(monkeypatch):
    def lookup(*_asked, **_how):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    [missing] = reachability.of("ws://nowhere.invalid/ocpp/grid/CP-1", None)
    assert "isn't found" in missing.text


def test_a_closed_port_is_said_on_the_page(newcomer, operator, viewer, settings, listening):
    settings.EMOBI_OCPP_URL = f"ws://127.0.0.1:{listening}"
    path = "/connect/stations/CP-1/reach/"
    assert "open, seen from here" in text(operator.post(path))
    assert viewer.post(path).status_code == 403


def test_a_first_session_is_a_step(newcomer):
    assert steps(newcomer)["A charging session"].shown == checklist.WAITING
    charge(newcomer, meter_last_at=clock.wall())
    assert steps(newcomer)["A charging session"].shown == checklist.OK
