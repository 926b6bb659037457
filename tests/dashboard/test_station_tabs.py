"""The tabs of a station's page: what each shows, how much it costs, and what can be done there."""

import gzip
from typing import Any

import pytest

from dashboard.live import live_values
from dashboard.station import settings_table
from dashboard.station.tabs import TABS
from emobi.core import clock, ulid
from emobi.core.models import AuditEntry, Event, Role
from stations import file_store, selectors
from stations.commands.certificates import EXAMPLE
from stations.models import (
    Command,
    ConfigurationTemplate,
    FirmwareImage,
    FirmwareStep,
    RevokedCertificate,
    SigningRequest,
    Station,
    StationLog,
    Variable,
)
from stations.services.commanding import commands
from tests.dashboard.state import fill_tabs, report
from tests.statements import counted

SLUGS = [tab.slug for tab in TABS]


def text(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().split())


def tab(client, slug, identity="bravo"):
    return text(client, f"/stations/{identity}/{slug}/" if slug else f"/stations/{identity}/")


def test_every_tab_costs_a_dozen_queries_however_much_there_is(bravo, admin):
    def costs():
        found = {}
        for slug in SLUGS:
            with counted() as statements:
                tab(admin, slug)
            found[slug] = len(statements)
        return found

    fill_tabs(bravo)
    # A person's first page asks for a little more.
    tab(admin, "")
    few = costs()
    Variable.objects.all().delete()
    for model in (bravo.monitors, bravo.display_messages, bravo.installed_certificates, bravo.reservations):
        model.all().delete()
    bravo.charging_profiles.all().delete()
    bravo.monitored_events.all().delete()
    fill_tabs(bravo, 9)
    assert costs() == few
    assert {slug: cost for slug, cost in few.items() if cost > 12} == {}


def test_tabs_say_what_fills_them(network, alpha, viewer):
    Station.objects.create(network=network, identity="charlie")
    assert "GetConfiguration" in tab(viewer, "configuration", "alpha")
    assert "OCPP 1.6 can't show messages" in tab(viewer, "display-messages", "alpha").replace("&#x27;", "'")
    assert "1.6 has no monitors" in tab(viewer, "monitoring", "alpha")
    for slug in SLUGS:
        if slug not in ("commands", "history"):
            tab(viewer, slug, "charlie")


def test_who_may_send_nothing_is_shown_nothing_to_send(bravo, viewer):
    fill_tabs(bravo)
    for slug in SLUGS:
        if slug not in ("commands", "history"):
            html = tab(viewer, slug)
            assert "/commands/" not in html.replace("/fragments/stations/bravo/commands/", ""), slug
    assert viewer.get("/stations/bravo/commands/").status_code == 403
    assert viewer.get("/stations/bravo/history/").status_code == 403


def test_the_next_station_is_shown_at_the_same_tab(alpha, bravo, viewer):
    assert viewer.get("/stations/alpha/go/next/?tab=history")["Location"] == "/stations/bravo/history/"
    assert viewer.get("/stations/bravo/go/previous/?tab=")["Location"] == "/stations/alpha/"
    assert viewer.get("/stations/bravo/go/next/?tab=logs")["Location"] == "/stations/bravo/logs/"
    assert viewer.get("/stations/bravo/go/sideways/?tab=logs").status_code == 404


def test_a_station_is_put_in_maintenance(bravo, operator, viewer):
    assert viewer.post("/stations/bravo/maintenance/", {"maintenance": "on"}).status_code == 403
    operator.post("/stations/bravo/maintenance/", {"maintenance": "on"})
    bravo.refresh_from_db()
    assert bravo.maintenance


def test_a_certificate_is_revoked_by_an_administrator(bravo, admin, operator):
    issued = SigningRequest.objects.create(
        id=ulid.new(), station=bravo, use="ChargingStationCertificate", csr="", digest="a", chain=EXAMPLE,
        state="installed", serial_number="4711", created_at=bravo.created_at,
    )  # fmt: skip
    path, said = "/stations/bravo/certificates/", {"request": issued.pk, "reason": "key_compromise"}
    assert "risky" not in tab(operator, "certificates")
    assert operator.post(f"{path}revoke/", said).status_code == 403
    assert "risky" in tab(admin, "certificates")
    for wrong in ({"reason": ""}, {"request": "another"}):
        assert admin.post(f"{path}revoke/", said | wrong).status_code == 302
    assert not RevokedCertificate.objects.exists()
    assert admin.post(f"{path}revoke/", said)["Location"] == path
    assert RevokedCertificate.objects.get().reason == "key_compromise"
    html = tab(admin, "certificates")
    assert "Revoked</span>" in html
    assert "risky" not in html


# ── configuration ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def interval(bravo):
    return Variable.objects.create(
        station=bravo, component="OCPPCommCtrlr", variable="HeartbeatInterval", value="300",
        mutability="ReadWrite", reported_at=bravo.created_at,
        characteristics={"dataType": "integer", "minLimit": 10, "maxLimit": 900, "unit": "s"},
    )  # fmt: skip


@pytest.mark.parametrize(("limit", "refused"), [("5.0", True), (5.7, True), ("6.0", False), ("many", False)])
def test_a_text_is_as_long_as_the_station_says_however_it_writes_that(bravo, limit, refused):
    row = Variable(station=bravo, characteristics={"dataType": "string", "maxLimit": limit})
    assert bool(settings_table.fault(row, "sechs!")) == refused


def test_a_change_is_looked_over_and_then_sent_as_one_command(bravo, interval, admin):
    enabled = Variable.objects.create(
        station=bravo, component="SampledDataCtrlr", variable="Enabled", value="true",
        characteristics={"dataType": "boolean"}, reported_at=bravo.created_at,
    )  # fmt: skip
    changes = {f"v-{interval.pk}": "60", f"v-{enabled.pk}": "TRUE"}
    review = admin.post("/stations/bravo/configuration/review/", changes)
    assert review.status_code == 200
    html = review.content.decode()
    assert "Send 1 change" in html
    assert Command.objects.count() == 0
    sent = admin.post("/stations/bravo/configuration/apply/", changes | {"reason": "too chatty"})
    assert sent.status_code == 302
    command = Command.objects.get()
    assert command.params == {
        "variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"}]
    }
    assert AuditEntry.objects.get(action="command.requested").detail["reason"] == "too chatty"
    command.outcome = {"detail": {"variables": [
        {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "status": "RebootRequired"}
    ]}}  # fmt: skip
    command.save()
    assert "RebootRequired" in tab(admin, "configuration")


def test_change_sets_before_the_last_are_told_page_by_page(alpha, bravo, viewer, admin, monkeypatch):
    monkeypatch.setattr("dashboard.station.configuration_history.PAGE", 2)
    setting = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
    secret = {"component": "Modem", "variable": "ApiSecret", "value": "0123456789abcdef"}
    by: dict[str, Any] = {"requested_by": "user:ada", "role": Role.ADMIN}
    made = []
    for number in range(4):
        asked = {"variables": [setting | {"value": str(60 + number)}, secret]}
        made.append(commands.request(bravo.network, bravo, "set_config", asked, **by))
    Command.objects.filter(pk=made[2].pk).update(
        outcome={"detail": {"variables": [setting | {"status": "RebootRequired"}]}}
    )
    for _ in range(9):
        commands.request(bravo.network, bravo, "clear_cache", {}, **by)
    path = "/fragments/stations/bravo/changes/"
    assert f'hx-get="{path}"' in viewer.get("/stations/bravo/configuration/").content.decode()
    first = text(viewer, path)
    values = [f'HeartbeatInterval</span> = <span class="mono wrap">{60 + number}<' for number in range(4)]
    assert [value in first for value in values] == [False, False, True, True]
    assert first.index(values[3]) < first.index(values[2]) < first.index('data-tone="wait">RebootRequired<')
    assert "0123456789abcdef" not in first
    older = text(viewer, f"{path}?before={made[2].pk}")
    assert [value in older for value in values] == [True, True, False, False]
    assert "None before." in text(viewer, f"{path}?before={made[0].pk}")
    assert "older-changes-link" in first
    assert "older-changes-link" not in older
    assert "None was asked for" in text(viewer, "/fragments/stations/alpha/changes/")
    assert admin.get("/fragments/stations/stranger/changes/").status_code == 404


@pytest.mark.parametrize(
    ("value", "told"), [("9", "At least 10."), ("901", "At most 900."), ("ten", "A whole number, please.")]
)
def test_what_the_station_would_not_take_is_told_before(interval, admin, value, told):
    for step in ("review", "apply"):
        response = admin.post(f"/stations/bravo/configuration/{step}/", {f"v-{interval.pk}": value})
        assert response.status_code == 422
        assert told in response.content.decode()
    assert Command.objects.count() == 0


def test_a_refusal_keeps_the_reason_and_how_long_it_may_wait(interval, admin):
    said = {f"v-{interval.pk}": "9", "reason": "too chatty", "expires_in_s": "86400"}
    refused = admin.post("/stations/bravo/configuration/apply/", said)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert 'name="reason" value="too chatty"' in html
    assert '<option value="86400" selected>' in html


def test_what_is_staged_stays_while_one_searches_and_turns_pages(bravo, interval, admin, viewer, monkeypatch):
    monkeypatch.setattr(settings_table, "PAGE", 1)
    enabled = Variable.objects.create(
        station=bravo, component="SampledDataCtrlr", variable="Enabled", value="3",
        characteristics={"dataType": "integer"}, reported_at=bravo.created_at,
    )  # fmt: skip
    path, staged = "/stations/bravo/configuration/", {f"v-{interval.pk}": "60", f"v-{enabled.pk}": "3"}
    for turned, asked, address in (
        (f"{path}?q=&show=&after=1", {}, f"{path}?after=1"),
        (path, {"q": "sampled", "show": ""}, f"{path}?q=sampled"),
        (path, {"q": "nothing like it"}, f"{path}?q=nothing+like+it"),
    ):
        response = admin.post(turned, staged | asked)
        html = " ".join(response.content.decode().split())
        assert f'<input type="hidden" name="v-{interval.pk}" value="60">' in html
        assert "1 change more" in html
        assert response["HX-Push-Url"] == address
    back = admin.post(path, staged).content.decode()
    assert f'name="v-{interval.pk}" value="60" aria-label' in back
    assert 'type="hidden" name="v-' not in back
    assert viewer.post(path, staged).status_code == 403


def test_a_secret_is_never_shown_and_stays_as_it_is_where_nothing_is_typed(bravo, admin):
    secret = Variable.objects.create(
        station=bravo, component="SecurityCtrlr", variable="BasicAuthPassword", mutability="WriteOnly",
        reported_at=bravo.created_at, value="0123456789abcdef",
    )  # fmt: skip
    assert "0123456789abcdef" not in tab(admin, "configuration")
    admin.post("/stations/bravo/configuration/apply/", {f"v-{secret.pk}": ""})
    assert Command.objects.count() == 0


def test_another_stations_variables_are_not_changed(alpha, interval, admin):
    response = admin.post("/stations/alpha/configuration/review/", {f"v-{interval.pk}": "60"})
    assert response["Location"] == "/stations/alpha/configuration/"


def test_what_differs_from_a_template_is_marked(network, bravo, interval, viewer):
    wanted = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"}
    ConfigurationTemplate.objects.create(id="01T", network=network, name="Quiet", variables=[wanted])
    assert "wanted: 60" in tab(viewer, "configuration")
    assert "HeartbeatInterval" in text(viewer, "/stations/bravo/configuration/?show=drift")
    Variable.objects.filter(pk=interval.pk).update(value="60")
    assert "Nothing differs from the templates" in text(viewer, "/stations/bravo/configuration/?show=drift")


# ── charging profiles ─────────────────────────────────────────────────────────────────────────────────────


def profile(**more):
    schedule = "charging_profile.charging_schedule.0"
    return {
        "evse_id": "0", "charging_profile": "on",
        "charging_profile.charging_profile_purpose": "ChargingStationMaxProfile",
        "charging_profile.charging_profile_kind": "Absolute",
        f"{schedule}.charging_rate_unit": "A", f"{schedule}.start_schedule": "2026-01-01T00:00",
        f"{schedule}.charging_schedule_period.0.start_period": "0",
        f"{schedule}.charging_schedule_period.0.limit": "12",
    } | more  # fmt: skip


def test_what_would_come_of_a_profile_is_plotted_before_it_is_sent(bravo, operator):
    report(bravo, "Available", 1)
    html = operator.post("/stations/bravo/charging-profiles/what-if/", profile()).content.decode()
    assert "Now 12.0 A, and no change ahead" in html
    assert Command.objects.count() == 0
    assert bravo.charging_profiles.count() == 0


def test_a_profile_that_cannot_be_says_why(bravo, operator):
    wrong = profile(**{"charging_profile.charging_profile_kind": "Relative"})
    html = operator.post("/stations/bravo/charging-profiles/what-if/", wrong).content.decode()
    assert "begins with no transaction" in html
    sent = operator.post("/stations/bravo/charging-profiles/editor/", wrong | {"send": "on"})
    assert sent.status_code == 422


def test_the_editor_sends_what_it_shows(bravo, operator):
    assert operator.post("/stations/bravo/charging-profiles/editor/", profile()).status_code == 200
    sent = operator.post("/stations/bravo/charging-profiles/editor/", profile(send="on"))
    assert sent["Location"] == "/stations/bravo/charging-profiles/"
    assert Command.objects.get().name == "set_charging_profile"


def test_the_editor_begins_with_the_profile_that_is_to_be_changed(bravo, operator):
    fill_tabs(bravo)
    row = bravo.charging_profiles.first()
    html = text(operator, f"/stations/bravo/charging-profiles/editor/?profile={row.pk}")
    assert 'name="charging_profile.id" value="1"' in html


# ── the others ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_feature_is_tried_out_with_one_click(bravo, operator):
    operator.post("/stations/bravo/capabilities/get_local_list_version/")
    assert Command.objects.get().name == "get_local_list_version"
    assert operator.post("/stations/bravo/capabilities/reset/").status_code == 404
    # Of every feature: in which versions it is, whatever the station's own.
    html = tab(operator, "capabilities")
    for name, versions in (("reset", "1.6, 2.0.1"), ("update_cost", "2.0.1")):
        row = html.partition(f'<span class="sub mono">{name}</span>')[2].partition("</tr>")[0]
        assert f'<span class="sub">{versions}</span>' in row


def test_settings_are_saved_all_or_nothing(bravo, operator):
    form = {
        "site": "Depot A", "tags": "vip, north", "heartbeat_interval_s": "60", "registration": "accepted",
        "security_profile": "", "allowed_versions": ["2.0.1"], "quirks": '{"no_trigger": true}',
    }  # fmt: skip
    assert operator.post("/stations/bravo/settings/save/", form).status_code == 302
    bravo.refresh_from_db()
    assert (bravo.site, bravo.tags, bravo.heartbeat_interval_s) == ("Depot A", ["vip", "north"], 60)
    assert (bravo.allowed_versions, bravo.quirks) == (["2.0.1"], {"no_trigger": True})
    for text in ("{", '{"no_trigger": NaN}', r'{"\u0000": 1}'):
        response = operator.post("/stations/bravo/settings/save/", form | {"site": "B", "quirks": text})
        assert (response.status_code, "Quirks are a JSON object" in response.content.decode()) == (422, True)
    bravo.refresh_from_db()
    assert bravo.site == "Depot A"


def test_what_would_help_it_is_asked_beside_the_form(alpha, viewer):
    path = "/fragments/stations/alpha/suggested-quirks/"
    assert f'hx-get="{path}" hx-target="#suggested"' in tab(viewer, "settings", "alpha")
    alpha.deviations.create(rule="no token", count=3, first_at=alpha.created_at, last_at=alpha.created_at)
    answer = viewer.get(path, headers={"HX-Request": "true"}).content.decode()
    assert answer.startswith('<div id="suggested"')
    assert "free_vend_token" in answer
    assert "<main" in viewer.get(path).content.decode()


def test_network_profiles_are_shown_slot_by_slot(alpha, bravo, admin, viewer):
    assert "None was set from here" in tab(viewer, "settings")
    fill_tabs(bravo)
    Variable.objects.create(
        station=bravo, component="OCPPCommCtrlr", variable="NetworkConfigurationPriority", value="2,3",
        reboot_required=True, reported_at=clock.wall(),
    )  # fmt: skip
    shown = tab(viewer, "settings")
    for said in (
        "wss://way1.example/ocpp",
        "mobile: internet",
        "tunnel: vpn.example",
        "after a reboot",
        "not from us",
    ):
        assert said in shown
    assert "Set a network profile" not in shown
    assert "Set a network profile" in tab(admin, "settings")
    assert "Network profiles" not in tab(viewer, "settings", "alpha")


def test_where_a_setting_waits_for_a_reboot_a_reset_is_offered(bravo, operator, viewer):
    Variable.objects.create(
        station=bravo, component="OCPPCommCtrlr", variable="HeartbeatInterval", value="60",
        reboot_required=True, reported_at=clock.wall(),
    )  # fmt: skip
    offer = 'Reset<span class="sr"> the station, for OCPPCommCtrlr.HeartbeatInterval'
    assert offer in tab(operator, "configuration")
    assert operator.get("/stations/bravo/commands/reset/").status_code == 200
    assert "after a reboot" in tab(viewer, "configuration")
    assert offer not in tab(viewer, "configuration")
    Variable.objects.update(reboot_required=False)
    assert offer not in tab(operator, "configuration")


def test_a_password_is_changed_step_by_step(bravo, admin, operator):
    Station.objects.update(password_hash="pbkdf2")
    assert operator.post("/stations/bravo/settings/access/", {"what": "password"}).status_code == 403
    admin.post("/stations/bravo/settings/access/", {"what": "password"})
    change = bravo.access_changes.get()
    assert "It comes in with the new" in tab(admin, "settings")
    admin.post("/stations/bravo/settings/access/", {"what": "cancel", "change": change.pk})
    change.refresh_from_db()
    assert change.state == "cancelled"


def test_a_station_goes_only_when_its_name_is_typed(network, bravo, admin):
    response = admin.post("/stations/bravo/settings/decommission/", {"confirm": "brav"})
    assert response.status_code == 422
    assert admin.post("/stations/bravo/settings/decommission/", {"confirm": "bravo"}).status_code == 302
    assert not selectors.stations(network).filter(identity="bravo").exists()


def test_a_log_that_did_not_come_is_not_there(bravo, operator):
    fill_tabs(bravo)
    log = bravo.logs.first()
    assert operator.get(f"/stations/bravo/logs/{log.pk}/").status_code == 404


def test_the_plots_of_the_day_are_drawn_apart(bravo, viewer):
    report(bravo, "Available")
    report(bravo, "Faulted")
    html = text(viewer, "/fragments/stations/bravo/activity/")
    assert "States within the day" in html
    assert "Faulted" in html


def stored_log(station, network, written):
    command = commands.request(network, station, "get_log", {}, requested_by="user:otto", role=Role.OPERATOR)
    log = StationLog.objects.create(
        id=ulid.new(), station=station, command=command, type="DiagnosticsLog", filename="today.log",
        size=len(written), stored_at=clock.now(), sha256="ab",
    )  # fmt: skip
    path = file_store.path(file_store.LOGS, log.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written)
    return log


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"<script>alert(1)</script>\x1b[31mred", "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd[31mred"),
        (gzip.compress(b"started\n" * 100_000), "Unpacked. Its first 64"),
        (b"PK\x03\x04rest", "It isn't text, but a ZIP archive"),
        (b"\0\1\2", "It isn't text: download it"),
        (b"\x1f\x8bno", "It isn't text, but a damaged gzip archive"),
    ],
    ids=["text", "gzip", "zip", "bytes", "damaged"],
)
def test_a_log_is_read_where_it_is_as_text_that_does_nothing(
    network, bravo, operator, viewer, settings, tmp_path, written, shown
):
    settings.EMOBI_DATA_DIR = tmp_path
    log = stored_log(bravo, network, written)
    address = f"/stations/bravo/logs/{log.pk}/view/"
    assert shown in operator.get(address).content.decode().replace("\xa0", " ")
    assert viewer.get(address).status_code == 403
    file_store.path(file_store.LOGS, log.pk).unlink()
    assert operator.get(address).status_code == 404


def test_what_comes_of_logs_and_updates_is_followed(network, bravo, viewer):
    fill_tabs(bravo, 1)
    for tab in ("logs", "firmware"):
        topic = f"{tab}:bravo"
        html = viewer.get(f"/stations/bravo/{tab}/").content.decode()
        shape = live_values.read(network, {topic})[topic][tab]["shape"]
        assert f'data-topic="{topic}" data-shape="{shape}"' in html
        bravo.logs.update(status="Uploading")
        update = bravo.commands.filter(name="update_firmware").first()
        FirmwareStep.objects.create(
            station=bravo, command=update, status="Installing", received_at=clock.now()
        )
        assert live_values.read(network, {topic})[topic][tab]["shape"] != shape
        assert f'id="{tab}"' in viewer.get(f"/fragments/stations/bravo/{tab}/").content.decode()
        bravo.logs.update(status="Uploaded")
    assert "kept for 90 days" in viewer.get("/stations/bravo/logs/").content.decode()


def test_what_it_ran_before_is_said_with_a_way_back(network, alpha, bravo, operator, viewer):
    Station.objects.filter(pk=bravo.pk).update(firmware_version="1.4")
    for number, version in enumerate(("1.2", "1.3", "1.4", None)):
        Event.objects.create(
            id=ulid.new(), network=network, station="bravo", sequence=9000 + number, type="station.booted",
            time=clock.now(), data={"firmware_version": version},
        )  # fmt: skip
    assert "Before, it ran <strong>1.3</strong>" in tab(viewer, "firmware")
    assert "To go back to it, put its file into the" in tab(viewer, "firmware")
    image = FirmwareImage.objects.create(
        id=ulid.new(), network=network, version="1.3", filename="a.bin", size=7, sha256="0" * 64,
        md5="0" * 32, token="t",
    )  # fmt: skip
    assert f'update_firmware/?image={image.pk}" hx-get' in tab(operator, "firmware")
    assert "Go back to 1.3" in tab(operator, "firmware")
    assert "Go back to" not in tab(viewer, "firmware")
    assert "Before, it ran" not in tab(viewer, "firmware", "alpha")
