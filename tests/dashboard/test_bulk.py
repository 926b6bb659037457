"""Doing something with many stations: who will get it, said before; then how far it has come."""

import json

import pytest

from dashboard.bulk import actions
from emobi.core import ulid
from emobi.core.models import AuditEntry
from stations.models import BulkCommand, Command, FirmwareImage, Station
from stations.services.commanding import bulk_commands
from stations.services.device_model import configuration_templates
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import charge, streamed

HEARTBEAT = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"}


def ask(client, path="/bulk/new/", **form):
    return client.post(path, form)


def begin(client, **form):
    return ask(client, "/bulk/start/", **form)


@pytest.fixture
def engineer(network):
    return signed_in(enlist(network, "enna", "engineer"))


@pytest.fixture
def many(network, alpha, bravo):
    for number in range(3):
        Station.objects.create(
            network=network, identity=f"off{number}", connectivity="offline", ocpp_version="1.6"
        )
    Station.objects.create(network=network, identity="refused", registration="rejected")


def words(response):
    return " ".join(response.content.decode().split())


def test_who_will_get_it_is_said_before(many, operator):
    html = words(ask(operator, all="1", query="?q=", action="get_base_report"))
    assert "<strong>1</strong> will get it" in html
    assert "<strong>3</strong> unsupported" in html.replace(
        "<strong>4</strong> unsupported", "<strong>3</strong> unsupported"
    )
    assert "<strong>1</strong> rejected" in html


def test_those_that_were_picked_are_asked_and_nobody_else(many, operator, network):
    response = begin(operator, station=["alpha", "off1", "stranger"], action="get_local_list_version",
                     pace="50", stop_at="")  # fmt: skip
    bulk = BulkCommand.objects.get()
    assert response["Location"] == f"/bulk/{bulk.pk}/"
    assert sorted(target.station.identity for target in bulk.targets.all()) == ["alpha", "off1"]
    assert (bulk.per_second, bulk.stop_at_failure_rate) == (50, None)
    bulk_commands.advance()
    assert Command.objects.count() >= 1
    html = words(operator.get(f"/bulk/{bulk.pk}/"))
    assert "of 2 ended" in html
    assert "Queued" in html


def test_one_for_now_is_for_those_that_are_there(many, operator):
    begin(operator, all="1", query="?q=", action="get_local_list_version", expires_in_s="0", typed="6")
    bulk = BulkCommand.objects.get()
    assert [target.station.identity for target in bulk.targets.order_by("position")] == ["alpha", "bravo"]
    assert bulk.expires_in_s == 30
    refused = begin(operator, station=["off1"], action="get_local_list_version", expires_in_s="0")
    assert "None of them is connected now: nothing was asked." in refused.content.decode()


def test_a_risky_one_is_typed_before_it_begins(many, operator):
    refused = begin(operator, all="1", query="?connectivity=online", action="reset")
    assert refused.status_code == 422
    assert "Type 2 to confirm." in refused.content.decode()
    assert not BulkCommand.objects.exists()
    assert (
        begin(operator, all="1", query="?connectivity=online", action="reset", typed="2").status_code == 302
    )
    assert BulkCommand.objects.get().targets.count() == 2


def test_a_form_has_the_fields_of_its_command_and_more_rows_of_them(many, operator):
    html = words(ask(operator, station=["alpha", "bravo"], action="get_config"))
    assert 'name="variables' in html
    html = words(begin(operator, station=["alpha", "bravo"], action="set_config", add="variables.0"))
    assert "2 stations" in html
    assert not BulkCommand.objects.exists()


def test_so_is_whatever_is_for_more_than_fifty():
    assert actions.confirmed(50, "", risky=False)
    assert not actions.confirmed(51, "", risky=False)
    assert actions.confirmed(51, "51", risky=False)


def test_it_is_paused_goes_on_and_is_taken_back(many, operator):
    begin(operator, all="1", query="", action="clear_cache", typed="6", pace="1")
    bulk = BulkCommand.objects.get()
    operator.post(f"/bulk/{bulk.pk}/pause/")
    assert bulk_commands.advance() == 0
    assert "Paused" in words(operator.get(f"/fragments/bulk/{bulk.pk}/"))
    operator.post(f"/bulk/{bulk.pk}/resume/")
    assert bulk_commands.advance() == 1
    operator.post(f"/bulk/{bulk.pk}/pause/")
    operator.post(f"/bulk/{bulk.pk}/cancel/")
    bulk.refresh_from_db()
    assert bulk.state == "cancelled"
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert done >= {"bulk_command.paused", "bulk_command.resumed", "bulk_command.cancelled"}
    csv = streamed(operator.get(f"/bulk/{bulk.pk}/results.csv"))
    assert csv.count("\n") == 7
    assert "Never asked" in csv


def test_tags_sites_and_maintenance_are_changed_in_one_go(many, operator):
    Station.objects.filter(identity="alpha").update(tags=["vip"])
    begin(operator, station=["alpha", "bravo"], action="add_tag", value="vip")
    begin(operator, station=["alpha", "bravo"], action="site", value="Depot Z")
    begin(operator, station=["bravo"], action="maintenance_on")
    assert [
        (each.tags, each.site, each.maintenance)
        for each in Station.objects.filter(site="Depot Z").order_by("identity")
    ] == [
        (["vip"], "Depot Z", False),
        (["vip"], "Depot Z", True),
    ]
    assert AuditEntry.objects.filter(action="station.changed").count() == 4


def test_a_template_fills_in_the_form_and_nothing_is_asked_yet(many, network, alpha, engineer, stranger):
    made = configuration_templates.create(network, name="Quiet", variables=[HEARTBEAT], by="user:ada")
    html = words(ask(engineer, station=["alpha", "bravo"]))
    assert f'value="template:{made.pk}"' in html
    html = words(ask(engineer, station=["alpha", "bravo"], action=f"template:{made.pk}"))
    assert 'name="action" value="set_config"' in html
    assert 'value="HeartbeatInterval"' in html
    # OCPP 1.6 has no fields for components: they stay as they are in the template.
    html = words(ask(engineer, station=["alpha"], action=f"template:{made.pk}"))
    assert "&quot;HeartbeatInterval&quot;" in html
    assert not BulkCommand.objects.exists()
    params = json.dumps({"variables": [HEARTBEAT]})
    assert begin(engineer, station=["alpha"], action="set_config", json="{", typed="1").status_code == 422
    assert begin(engineer, station=["alpha"], action="set_config", json=params, typed="1").status_code == 302
    assert BulkCommand.objects.get().params == {"variables": [HEARTBEAT]}
    BulkCommand.objects.all().delete()
    theirs = configuration_templates.create(
        stranger.network, name="Theirs", variables=[HEARTBEAT], by="user:eve"
    )
    assert ask(engineer, station=["alpha"], action=f"template:{theirs.pk}").status_code == 404


def test_those_that_were_picked_are_a_file_or_a_campaigns(many, network, operator, engineer, stranger):
    picked = {"station": ["alpha", "off1", "stranger"]}
    lines = streamed(ask(operator, "/bulk/export.csv", **picked)).splitlines()
    assert [line.partition(",")[0] for line in lines] == ["identity", "alpha", "off1"]
    everything = streamed(ask(operator, "/bulk/export.ndjson", all="1", query="?q=off"))
    assert everything.count("\n") == 3
    FirmwareImage.objects.create(
        id=ulid.new(), network=network, version="2.0", filename="two.bin", size=7, sha256="0" * 64,
        md5="0" * 32, token="t",
    )  # fmt: skip
    prepared = ask(engineer, "/firmware/campaigns/prepare/", **picked)
    assert "names the 2 stations that you selected" in words(prepared)
    assert ">alpha\noff1</textarea>" in prepared.content.decode()
    assert ask(operator, "/firmware/campaigns/prepare/", **picked).status_code == 403


def test_a_viewer_does_nothing_with_many_and_another_network_has_none_of_it(many, viewer, operator, stranger):
    assert ask(viewer, all="1").status_code == 403
    assert "data-pick" not in words(viewer.get("/stations/"))
    begin(operator, station=["stranger"], action="site", value="Mine")
    stranger.refresh_from_db()
    assert stranger.site == ""


@pytest.mark.parametrize("action", ["", "nothing", "remote_start", "unlock"])
def test_what_cannot_be_done_with_many_is_refused(many, operator, action):
    assert begin(operator, station=["alpha"], action=action, value="x").status_code == 422
    assert not BulkCommand.objects.exists()


def test_what_cannot_be_undone_is_not_asked_of_many_without_a_reason(many, admin):
    said = {"station": ["alpha", "bravo"], "action": "data_transfer", "vendor_id": "acme", "typed": "2"}
    html = words(ask(admin, **said))
    assert 'name="reason"' in html
    refused = begin(admin, **said, pace="20")
    assert refused.status_code == 422
    assert "sent without a reason" in refused.content.decode()
    assert '<option value="20" selected>' in refused.content.decode()
    assert not BulkCommand.objects.exists()
    assert begin(admin, **said, reason="as acme says").status_code == 302
    asked = AuditEntry.objects.get(action="bulk_command.requested")
    assert asked.detail["reason"] == "as acme says"


def test_what_a_reset_of_many_ends_is_counted_before(many, operator, alpha, bravo, stranger):
    for station in (alpha, bravo, stranger):
        charge(station)
    charge(bravo, state="ended")
    chosen = {"station": ["alpha", "bravo", "off1"], "action": "reset"}
    assert "Ends the sessions that run. 2 sessions run now." in words(ask(operator, **chosen))
    begin(operator, **chosen, typed="3", reason="frozen screens")
    assert AuditEntry.objects.get(action="bulk_command.requested").detail["reason"] == "frozen screens"


def test_who_opens_its_address_again_has_selected_nothing(operator, alpha):
    assert operator.get("/bulk/new/").url == "/stations/"


@pytest.mark.parametrize(
    "path",
    ["/bulk/new/", "/bulk/start/", "/bulk/export.csv", "/firmware/campaigns/prepare/",
     "/settings/maintenance/prepare/"],
)  # fmt: skip
@pytest.mark.parametrize("sent", [{}, {"query": "?connectivity=online"}, {"station": "\0"}])
def test_nothing_picked_is_no_station_and_not_all_of_them(many, network, engineer, path, sent):
    refused = ask(engineer, path, action="site", value="Depot Z", **sent)
    assert refused.status_code == 422
    html = words(refused)
    assert "Choose stations first" in html
    assert "<main" in html
    assert "off1" not in html
    assert not Station.objects.filter(site="Depot Z").exists()


def test_a_template_is_set_at_no_station_if_none_was_ticked(many, network, engineer):
    made = configuration_templates.create(network, name="Quiet", variables=[HEARTBEAT], by="user:ada")
    refused = ask(engineer, action=f"template:{made.pk}")
    assert refused.status_code == 422
    assert f'href="/settings/templates/{made.pk}/"' in words(refused)
    for unheard_of in ("a/b", "a\0b", ""):
        assert ask(engineer, action=f"template:{unheard_of}").status_code == 404
        assert ask(engineer, station=["off1"], action=f"template:{unheard_of}").status_code == 404
