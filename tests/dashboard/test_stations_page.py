"""The list of stations: both versions in one view."""

from datetime import timedelta

import pytest

from dashboard.overview import lately
from dashboard.stations import station_list
from dashboard.stations.station_columns import COLUMNS
from emobi.core import clock
from stations.models import Connector, RefusedHandshake, ServiceRecord, Station
from tests.dashboard.state import charge, report, suffer
from tests.statements import counted


def page(client, query=""):
    return client.get(f"/stations/{query}").content.decode()


def listed(client, query=""):
    """The identities in the list, in order."""
    html = page(client, query)
    return [part.partition('"')[0] for part in html.split('<tr data-key="station:')[1:]]


def row(client, identity):
    """The text of a station's row."""
    html = page(client).partition(f'<tr data-key="station:{identity}"')[2].partition("</tr>")[0]
    return " ".join(html.split())


def test_both_versions_are_in_one_list(alpha, bravo, viewer):
    assert listed(viewer) == ["alpha", "bravo"]


def test_a_row_says_how_a_station_is_doing(alpha, viewer):
    report(alpha, "Occupied", detail="Charging")
    report(alpha, "Available", 2)
    charge(alpha)
    html = row(viewer, "alpha")
    for shown in (
        'data-status="online"',
        'data-status="charging"',
        'data-status="available"',
        ">47.8<",
        "Volt",
        "1.6",
    ):
        assert shown in html


def test_all_columns_of_more_stations_cost_no_more_queries(alpha, request, viewer):
    def cost():
        lately.forget()
        with counted() as statements:
            html = page(viewer, f"?columns={','.join(COLUMNS)}")
        return html.count("<tr data-key="), len(statements)

    report(alpha, "Occupied", detail="Charging")
    charge(alpha)
    cost()  # which columns were chosen is kept
    one, few = cost()
    report(request.getfixturevalue("bravo"), "Faulted", error_code="GroundFailure")
    assert cost() == (one + 1, few)


def test_the_same_state_looks_the_same_in_both_versions(alpha, bravo, viewer):
    report(alpha, "Occupied", detail="SuspendedEV")
    report(bravo, "Occupied")
    charge(bravo, charging_state="SuspendedEV")
    assert "Suspended by EV" in row(viewer, "alpha")
    assert "Suspended by EV" in row(viewer, "bravo")


def test_an_offline_station_keeps_its_last_status_and_no_power(alpha, viewer):
    charge(alpha)
    Station.objects.update(connectivity="offline")
    html = row(viewer, "alpha")
    assert 'data-state="offline"' in html
    assert '<td data-label="kW" class="number live-figure" data-f="kw">–</td>' in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["alpha", "bravo"]),
        ("?q=ALP", ["alpha"]),
        ("?connectivity=offline", ["bravo"]),
        ("?version=2.0.1", ["bravo"]),
        ("?status=Faulted", ["bravo"]),
        ("?status=charging", ["alpha"]),
        ("?status=charging&version=2.0.1", []),
        ("?connectivity=sideways&version=9", ["alpha", "bravo"]),
        ("?q=%00", ["alpha", "bravo"]),
    ],
)
def test_filters_narrow_the_list(alpha, bravo, viewer, query, found):
    report(alpha, "Occupied", detail="Charging")
    report(bravo, "Faulted")
    Station.objects.filter(pk=bravo.pk).update(connectivity="offline")
    assert listed(viewer, query) == found


def test_charging_is_found_by_its_session_where_the_version_has_no_word_for_it(bravo, viewer):
    report(bravo, "Occupied")
    charge(bravo)
    assert listed(viewer, "?status=charging") == ["bravo"]


def test_the_filter_is_told_and_can_be_taken_back(alpha, viewer):
    html = page(viewer, "?q=alp&version=1.6")
    assert 'href="/stations/?version=1.6"' in html
    assert 'href="/stations/?q=alp"' in html


def test_pages_follow_each_other_without_a_gap(network, viewer, monkeypatch):
    monkeypatch.setattr(station_list, "PAGE", 2)
    for number in range(5):
        Station.objects.create(network=network, identity=f"S{number}")
    seen, query = [], ""
    while True:
        seen += listed(viewer, query)
        _, following, rest = page(viewer, query).partition('<a class="button" href="/stations/?after=')
        if not following or 'rel="next"' not in rest:
            break
        query = f"?after={rest.partition(chr(34))[0]}"
    assert seen == ["S0", "S1", "S2", "S3", "S4"]


def test_the_fragment_is_the_list_alone_and_the_address_follows_the_filter(alpha, bravo, viewer):
    response = viewer.get("/fragments/stations/?q=alp&status=", headers={"HX-Trigger": "filters"})
    assert response["HX-Push-Url"] == "/stations/?q=alp"
    html = response.content.decode()
    assert "<html" not in html
    assert "station:alpha" in html
    assert "HX-Push-Url" not in viewer.get("/fragments/stations/?q=alp", headers={"HX-Trigger": "stations"})


def test_the_figures_count_what_the_list_shows(alpha, bravo, network, viewer):
    report(alpha, "Faulted")
    charge(bravo)
    Station.objects.create(network=network, identity="charlie")
    html = " ".join(page(viewer).split())
    for figure in (
        'data-f="online">2 / 3</span>',
        'data-f="online_more">66.7 %',
        'data-f="charging">1</span>',
        'data-f="charging_more">47.8 kW',
        '<span class="word">1</span>',
        'data-f="offline">0</span>',
        "1 never connected",
    ):
        assert figure in html


def test_an_empty_network_says_how_to_connect_the_first_station(network, viewer):
    html = page(viewer)
    assert "No station yet" in html
    assert "manage.py add_station grid CP001" in html


def test_a_filter_that_leaves_nothing_is_named(alpha, viewer):
    html = page(viewer, "?connectivity=silent")
    assert "No station fits" in html
    assert "<strong>Silent</strong>" in html


def test_who_waits_or_was_refused_is_counted(alpha, network, viewer):
    Station.objects.create(network=network, identity="new", registration="pending")
    now = clock.wall()
    for name, at in (("lately", now), ("long ago", now - timedelta(days=2))):
        RefusedHandshake.objects.create(
            network=network, network_slug="grid", identity=name, remote_address="192.0.2.1",
            reason="wrong password", status=401, first_at=at, last_at=at,
        )  # fmt: skip
    assert '<span class="count">2<' in page(viewer)


def test_a_page_of_any_length_costs_the_same_few_queries(network, viewer):
    def cost():
        with counted() as statements:
            assert viewer.get("/stations/").status_code == 200
        return len(statements)

    one_after_another = []
    for number in range(12):
        station = Station.objects.create(network=network, identity=f"S{number:02}")
        report(station, "Available")
        charge(station)
        one_after_another.append(cost())
    assert len(set(one_after_another)) == 1
    assert one_after_another[0] <= 12


def test_incidents_are_counted_by_the_glyph_of_the_worst(alpha, bravo, viewer):
    suffer(alpha, severity="minor")
    suffer(alpha, severity="critical")
    suffer(alpha, severity="critical", state="resolved", resolved_at=clock.wall())
    shown = row(viewer, "alpha")
    assert 'data-status="critical" data-f="incidents"' in shown
    assert '<span class="word">2</span>' in shown
    assert 'data-status="none" data-f="incidents"' in row(viewer, "bravo")
    assert listed(viewer, "?sort=incidents") == ["alpha", "bravo"]


def test_the_health_of_a_page_comes_after_it_with_its_worst_reason(alpha, bravo, viewer):
    assert "/fragments/station-healths/?q=alp" in page(viewer, "?q=alp")
    assert "station-healths" not in page(viewer, "?columns=site")
    ServiceRecord.objects.create(station=alpha, evse_id=1, since=clock.wall() - timedelta(days=40))
    report(alpha, "Faulted", error_code="GroundFailure")

    def cost():
        with counted() as statements:
            html = viewer.get("/fragments/station-healths/").content.decode()
        return html, len(statements)

    html, few = cost()
    assert f'id="health-{alpha.pk}" hx-swap-oob="true"' in html
    assert "85 of 100: 1 fault is open" in html
    assert "Never connected" in html  # bravo
    for number in range(5):
        Station.objects.create(network=alpha.network, identity=f"S{number}")
    assert cost()[1] == few <= 12


def test_a_fault_of_the_station_itself_shows(alpha, viewer):
    report(alpha, "Faulted", 0, 0, error_code="PowerMeterFailure")
    report(alpha, "Available")
    assert "Faulted" in row(viewer, "alpha")
    assert Connector.objects.count() == 2
