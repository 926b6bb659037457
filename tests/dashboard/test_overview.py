"""The overview: figures, what needs somebody, panels that fail alone; and the wall."""

import json
import re
from dataclasses import fields
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from dashboard.live import live_values
from dashboard.live.wall_watch import WallWatch
from dashboard.overview import attention, lately, measures, panels, wall
from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.models import Preferences
from sessions.models import InstalledProfile
from stations.models import (
    Command,
    Connectivity,
    GatewayProcess,
    Incident,
    InstalledCertificate,
    Station,
    Variable,
)
from stations.services.incidents import handling
from tests.dashboard.state import charge, exchange, report
from tests.statements import counted


def page(client, query=""):
    return " ".join(client.get(f"/{query}").content.decode().split())


def long_offline(station, minutes=30):
    since = clock.wall() - timedelta(minutes=minutes)
    Station.objects.filter(pk=station.pk).update(connectivity="offline", connectivity_since=since)


def open_incident(network, severity="major", **columns):
    now = clock.wall()
    made = {
        "id": ulid.new(), "network": network, "kind": "other", "severity": severity, "key": ulid.new(),
        "title": f"A {severity} thing", "first_at": now, "last_at": now, "opened_at": now,
        "opened_by": "user:otto",
    }  # fmt: skip
    return Incident.objects.create(**(made | columns))


def test_an_empty_network_is_told_how_to_begin(network, viewer):
    assert "No station yet" in page(viewer)


def test_every_figure_leads_to_its_list(network, alpha, bravo, viewer):
    report(alpha, "Faulted")
    charge(bravo)
    open_incident(network)
    exchange(alpha, "Heartbeat", {}, {})
    html = page(viewer)
    for shown in (
        'href="/stations/?connectivity=online"', ">2 / 2<", "1 new in an hour", "47.8 kW",
        'data-f="incidents">1<', "1 unacknowledged", "no command in the last hour",
        'href="/incidents/"', 'href="/webhooks/"', 'href="/commands/?q=state%3Aunsuccessful+from%3A1h"',
    ):  # fmt: skip
        assert shown in html


def test_commands_are_judged_by_the_last_hour(network, alpha):
    now = clock.wall()
    for number, state in enumerate(("accepted", "accepted", "accepted", "unknown")):
        Command.objects.create(
            id=ulid.new(), network=network, station=alpha, name="reset", state=state,
            requested_by="user:otto", expires_at=now, sent_at=now, ended_at=now + timedelta(seconds=number),
        )  # fmt: skip
    found = measures.read(network)
    assert (found.success, found.success_more) == ("75.0 %", "p95 1.90 s")


def test_the_worst_comes_first_and_what_an_incident_is_about_comes_once(network, alpha, bravo, viewer):
    charlie = Station.objects.create(
        network=network, identity="charlie", connectivity="online", clock_skew_s=-40
    )
    delta = Station.objects.create(network=network, identity="delta", connectivity="online")
    now = clock.wall()
    InstalledCertificate.objects.create(
        station=delta, use="ChargingStationCertificate", hash_algorithm="SHA256", issuer_name_hash="a",
        issuer_key_hash="b", serial_number="1", digest="d", not_after=now + timedelta(days=3),
    )  # fmt: skip
    long_offline(bravo)
    report(alpha, "Faulted")
    open_incident(network, "minor")
    critical = open_incident(network, "critical")
    open_incident(network, "critical", snoozed_until=now + timedelta(hours=1))
    found = attention.read(network)
    assert [incident.severity for incident, *_ in found.incidents] == ["critical", "minor"]
    assert [(each.row.station.identity, each.reason.status) for each in found.troubles] == [
        ("bravo", "offline"),
        ("alpha", "faulted"),
        ("charlie", "silent"),
        ("delta", "scheduled"),
    ]
    critical.affected.create(station=bravo, since=now)
    assert "bravo" not in [each.row.station.identity for each in attention.read(network).troubles]
    assert f"/incidents/{critical.pk}/" in page(viewer)
    assert charlie.pk


def test_incidents_that_need_attention_are_live_and_more_of_them_are_named(network, alpha, viewer):
    found = [open_incident(network, "critical") for _ in range(attention.MOST_INCIDENTS)]
    html = page(viewer)
    assert "There are more incidents." not in html
    topic = f"incident:{found[0].pk}"
    assert f'data-topic="{topic}"' in html
    said = re.findall(r'data-f="said">([^<]+)<', html)
    assert live_values.read(network, [topic])[topic][topic]["said"] == said[-1] == "Open"
    handling.acknowledge(found[0], by="user:ada")
    assert live_values.read(network, [topic])[topic][topic]["said"] == "Acknowledged"
    open_incident(network, "minor")
    lately.forget()
    assert "There are more incidents." in page(viewer)


def test_a_station_in_maintenance_needs_nobody(network, alpha, viewer):
    long_offline(alpha)
    Station.objects.update(maintenance=True)
    assert "All is well" in page(viewer)


def test_all_is_well_says_since_when(network, alpha, viewer):
    assert "The last incident" not in page(viewer)
    ended = clock.wall() - timedelta(hours=3)
    open_incident(network, state="resolved", resolved_at=ended)
    lately.forget()
    with counted() as statements:
        html = page(viewer)
    assert re.search(r"All is well.* The last incident ended <time data-ago [^>]*>3 h", html)
    assert len(statements) <= 12
    open_incident(network)
    assert "The last incident" not in page(viewer)


def test_the_page_costs_few_queries_however_many_stations_are_in_trouble(network, alpha, viewer):
    def cost():
        lately.forget()
        with counted() as statements:
            assert viewer.get("/").status_code == 200
        return len(statements)

    report(alpha, "Faulted")
    before = cost()
    for number in range(10):
        station = Station.objects.create(network=network, identity=f"S{number}", connectivity="online")
        report(station, "Faulted")
        charge(station)
    assert cost() == before <= 12


def test_a_panel_that_fails_is_told_and_the_others_are_shown(alpha, viewer, monkeypatch, caplog):
    caplog.set_level("CRITICAL", "dashboard.overview.views")

    def fails(*_):
        raise RuntimeError("the table is away")

    monkeypatch.setattr(measures, "read", fails)
    response = viewer.get("/")
    html = response.content.decode()
    assert "The gateway&#x27;s figures couldn't be read" in html.replace(
        "The gateway's", "The gateway&#x27;s"
    )
    assert f"Request {response['X-Request-ID']}" in html
    assert "1 / 1" in html


@pytest.mark.parametrize("name", ["power", "churn", "spread", "gateways"])
def test_panels_are_read_alone(name, network, alpha, viewer):
    now = clock.wall()
    GatewayProcess.objects.create(
        name="gateway-1", host="here", pid=7, lease_until=now + timedelta(seconds=40)
    )
    charge(alpha, received_at=now - timedelta(hours=2), heard_at=now)
    with unit_of_work.begin():
        events.record(alpha.subject, events.StationConnected(**connected()))
    html = viewer.get(f"/fragments/overview/panels/{name}/").content.decode()
    expected = {
        "power": "47.8 kW now",
        "churn": "Connections",
        "spread": "Volt One 1.2.3",
        "gateways": "here · 7",
    }
    assert expected[name] in html
    assert viewer.get("/fragments/overview/panels/nothing/").status_code == 404


def connected():
    named = {"ocpp_version": "1.6", "remote_address": "192.0.2.7", "security_profile": 1}
    return {each.name: named.get(each.name) for each in fields(events.StationConnected)}


def test_power_is_the_mean_of_sessions_by_quarter_of_an_hour(network, alpha):
    now = clock.wall()
    charge(
        alpha, state="ended", received_at=now - timedelta(hours=3), heard_at=now - timedelta(hours=2),
        meter_start_wh=0, meter_stop_wh=11000, meter_last_wh=11000, power_w=None,
    )  # fmt: skip
    samples = panels.power(network).series[0].samples
    assert max(value for _, value in samples) == pytest.approx(11, rel=0.01)
    assert samples[-1][1] == 0


def test_power_is_held_against_the_limits_of_all_stations_if_they_are_known(network, alpha, bravo, viewer):
    assert panels.power(network).finding.endswith("; no limit is known")
    for evse_id in (1, 2):
        Variable.objects.create(
            station=bravo, component="EVSE", evse_id=evse_id, variable="Power", reported_at=clock.wall(),
            characteristics={"unit": "kW", "maxLimit": 50},
        )  # fmt: skip
    lately.forget()
    found = panels.power(network)
    assert found.finding.endswith("; a limit is known of 1 of 2 stations: 100.0 kW")
    assert len(found.series) == 1
    limit(alpha, "A", 32)
    limit(bravo, "W", 60_000)
    lately.forget()
    found = panels.power(network)
    assert found.finding.endswith("; at most 82.1 kW")
    assert [each.name for each in found.series] == ["Power", "Limit now"]
    # Each sees it in their own zone.
    assert "Times in UTC" in viewer.get("/fragments/overview/panels/power/").content.decode()
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="Asia/Kolkata")
    assert "Times in IST" in viewer.get("/fragments/overview/panels/power/").content.decode()


def limit(station, unit, value):
    """A ChargingStationMaxProfile."""
    since = clock.iso(clock.wall() - timedelta(hours=1))
    content = {
        "id": 1, "stack_level": 0, "charging_profile_purpose": "ChargingStationMaxProfile",
        "charging_profile_kind": "Absolute", "recurrency_kind": None, "transaction_id": None,
        "valid_from": None, "valid_to": None,
        "charging_schedule": [{
            "id": 1, "charging_rate_unit": unit, "start_schedule": since,
            "duration": None, "min_charging_rate": None, "sales_tariff": None,
            "charging_schedule_period": [
                {"start_period": 0, "limit": value, "number_phases": 3, "phase_to_use": None}
            ],
        }],
    }  # fmt: skip
    InstalledProfile.objects.create(
        station=station, evse_id=0, profile_id=1, purpose="ChargingStationMaxProfile", source="ours",
        content=content, set_at=clock.wall(),
    )  # fmt: skip


def test_each_station_is_one_letter_in_an_order_that_stays(network, alpha, bravo):
    charlie = Station.objects.create(network=network, identity="charlie")
    report(alpha, "Occupied", detail="SuspendedEV")
    report(alpha, "Available", 2)
    report(bravo, "Occupied")
    charge(bravo)
    assert "".join(wall.letters(network).values()) == "pcn"
    report(bravo, "Faulted", 2)
    Station.objects.filter(pk=alpha.pk).update(connectivity=Connectivity.OFFLINE)
    assert "".join(wall.letters(network).values()) == "ofn"
    assert list(wall.letters(network, ["bravo"]).items()) == [(bravo.pk, "f")]
    Station.objects.filter(pk=charlie.pk).update(maintenance=True)
    assert "".join(wall.letters(network).values()) == "ofm"


def test_the_wall_is_told_of_changes_by_place_and_letter(network, alpha, bravo):
    watch = WallWatch(network)
    assert json.loads(watch.read((), 0.0))["all"] == "qq"
    assert watch.read((), 1.0) is None
    report(bravo, "Reserved")
    assert json.loads(watch.read({"bravo"}, 2.0))["new"] == [1, "b"]
    report(alpha, "Faulted")
    # A nudge was lost: the next look at all of them finds it.
    assert json.loads(watch.read((), 60.0))["new"] == [0, "f"]
    before = json.loads(watch.whole())["layout"]
    Station.objects.create(network=network, identity="charlie")
    after = json.loads(watch.read({"charlie"}, 61.0))
    assert (after["all"], after["layout"] != before) == ("fbn", True)


def test_a_wall_without_stations_is_as_its_page_has_it(network):
    watch = WallWatch(network)
    assert watch.read((), 0.0) is None
    # Another layout would have the page drawn anew, again and again.
    assert json.loads(watch.whole())["layout"] == wall.layout(wall.letters(network))


def test_the_wall_is_a_table_too(network, alpha, bravo, viewer):
    Station.objects.filter(pk=alpha.pk).update(site='Depot "A"', connectivity="offline")
    charge(bravo)
    html = page(viewer, "?wall=1")
    assert "Depot &quot;A&quot;" in html
    assert '<td class="number">1</td><td class="number">0</td><td class="number">1</td>' in html
    places = viewer.get("/fragments/wall/").json()
    assert places["identities"] == ["alpha", "bravo"]
    assert places["all"] == "".join(wall.letters(network).values())
    assert places["layout"] == wall.layout(wall.letters(network))
    assert places["kinds"]["site"] == {"names": ["", 'Depot "A"'], "of": [1, 0]}
