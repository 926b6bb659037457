"""The list's search: typed tokens, read and applied; orders; what became of a list that is shown."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import search_words
from dashboard.search_words import Search, Token
from dashboard.stations import standing, station_list, station_search
from dashboard.stations.station_filter import StationFilter
from emobi.core import clock, events, unit_of_work
from stations.models import InstalledCertificate, Station
from tests.dashboard.state import charge, report, streamed, suffer, want
from tests.dashboard.test_overview import connected
from tests.statements import counted

KEYS = list(station_search.KEYS)
TEXT = st.text(st.characters(exclude_characters='"\0', exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = TEXT.map(str.strip).filter(bool)
TOKENS = st.builds(Token, st.sampled_from(KEYS), st.sampled_from(["", "<", ">"]), VALUES)
WORDS = st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True)


@given(WORDS, st.lists(TOKENS, max_size=4, unique=True))
def test_what_is_written_is_read_again(word, tokens):
    search = Search(word, tuple(tokens))
    assert search_words.parse(str(search), KEYS) == search


@given(st.text(max_size=80))
def test_nothing_that_is_typed_can_break_it(text):
    search = search_words.parse(text, KEYS)
    again = search_words.parse(str(search), KEYS)
    assert again.tokens == search.tokens


@pytest.mark.parametrize(
    ("written", "text", "tokens"),
    [
        ('status:faulted site:"Depot A" fw:<1.4', "", [("status", "", "faulted"), ("site", "", "Depot A"),
                                                      ("fw", "<", "1.4")]),
        ("CP-01 Status:Faulted east", "CP-01 east", [("status", "", "Faulted")]),
        ("urn:cp:7", "urn:cp:7", []),
        ('site:"Depot', "", [("site", "", "Depot")]),
        ("site: x", "x", []),
        ("tag:a tag:a", "", [("tag", "", "a")]),
        ('site:"<b>"', "", [("site", "", "<b>")]),
    ],
)  # fmt: skip
def test_tokens_and_text(written, text, tokens):
    search = search_words.parse(written, KEYS)
    assert (search.text, [(each.key, each.sign, each.value) for each in search.tokens]) == (text, tokens)


def test_versions_are_compared_as_people_read_them():
    versions = ["1.10", "1.9", "1.10-beta", "v1.2", "2", "1.10.1", ""]
    assert sorted(versions, key=search_words.version_key) == [
        "",
        "v1.2",
        "1.9",
        "1.10-beta",
        "1.10",
        "1.10.1",
        "2",
    ]


@pytest.fixture
def fleet(network, alpha, bravo):
    now = clock.wall()
    Station.objects.filter(pk=alpha.pk).update(
        site="Depot A", tags=["vip", "east"], firmware_version="1.10.0", clock_skew_s=-42, security_profile=2
    )
    Station.objects.filter(pk=bravo.pk).update(
        connectivity="offline", connectivity_since=now - timedelta(minutes=20), site="Depot B",
        firmware_version="1.9.9", maintenance=True,
    )  # fmt: skip
    Station.objects.create(network=network, identity="charlie", registration="pending")
    report(alpha, "Occupied", detail="SuspendedEV")
    report(bravo, "Faulted")
    InstalledCertificate.objects.create(
        station=alpha, use="ChargingStationCertificate", hash_algorithm="SHA256", issuer_name_hash="a",
        issuer_key_hash="b", serial_number="1", digest="d", not_after=now + timedelta(days=3),
    )  # fmt: skip
    suffer(alpha, bravo, severity="minor")
    suffer(alpha, severity="critical")
    suffer(bravo).affected.update(recovered_at=now)
    want(bravo)
    want(alpha, reported="060")
    for _ in range(3):
        with unit_of_work.begin():
            events.record(alpha.subject, events.StationConnected(**connected()))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("status:faulted", ["bravo"]),
        ("status:suspended", ["alpha"]),
        ("status:offline status:never", ["bravo", "charlie"]),
        ('site:"depot a"', ["alpha"]),
        ("site:depot*", ["alpha", "bravo"]),
        ("site:none", ["charlie"]),
        ("tag:vip", ["alpha"]),
        ("tag:none", ["bravo", "charlie"]),
        ("fw:<1.10", ["bravo"]),
        ("fw:>1.9.9", ["alpha"]),
        ("fw:>1.9 fw:<1.10", ["bravo"]),
        ("fw:behind", ["bravo"]),
        ("proto:2.0", ["bravo"]),
        ("offline:>15m", ["bravo"]),
        ("offline:>1h", []),
        ("offline:<1h", ["bravo"]),
        ("seen:<1h", ["alpha", "bravo"]),
        ("drift:>30s", ["alpha"]),
        ("cert:<30d", ["alpha"]),
        ("cert:>30d", []),
        ("profile:2", ["alpha"]),
        ("is:pending", ["charlie"]),
        ("is:maintenance", ["bravo"]),
        ("flaps:>2", ["alpha"]),
        ("flaps:>3", []),
        ("incidents:>0", ["alpha", "bravo"]),
        ("incidents:>1", ["alpha"]),
        ("incidents:1", ["bravo"]),
        ("incidents:<2", ["bravo", "charlie"]),
        ("incidents:0", ["charlie"]),
        ("incidents:critical", ["alpha"]),
        ("can:reserve", []),
        ("can:fly", ["alpha", "bravo", "charlie"]),
        ("drift:yes", ["bravo"]),
        ("drift:no", ["alpha", "charlie"]),
        ("alp vendor:volt", ["alpha"]),
        ("offline:>soon status:odd", ["alpha", "bravo", "charlie"]),
    ],
)
def test_each_token_finds_its_stations(network, fleet, q, found):
    wanted = StationFilter.read({"q": q})
    stations, _ = station_list.find(network, wanted)
    assert [station.identity for station in stations] in (
        found,
        [*found] if q != "site:depot*" else ["alpha", "bravo"],
    )


def test_what_cannot_be_read_is_told_and_narrows_nothing(alpha, viewer):
    html = viewer.get("/stations/?q=offline:%3Esoon").content.decode()
    assert "offline:&gt;soon isn&#x27;t a time such as 15m, 2h or 30d" in html
    assert "station:alpha" in html


def test_a_chip_takes_its_token_back(alpha, viewer):
    html = viewer.get('/stations/?q=alp+status:faulted+site:"Depot+A"').content.decode()
    assert 'href="/stations/?q=alp+site%3A%22Depot+A%22"' in html


@pytest.mark.parametrize(
    "sort",
    [
        "name",
        "-name",
        "site",
        "since",
        "-since",
        "heard",
        "kw",
        "-kw",
        "firmware",
        "model",
        "incidents",
        "-incidents",
    ],
)
def test_pages_of_every_order_have_each_station_once(network, alpha, bravo, sort, monkeypatch):
    monkeypatch.setattr(station_list, "PAGE", 2)
    for number in range(5):
        station = Station.objects.create(network=network, identity=f"S{number}", site="x~1.y" * (number % 2))
        if number % 2:
            charge(station, power_w=1000 * number)
            suffer(station, severity="info")
    seen, wanted = [], StationFilter.read({"sort": sort})
    for _ in range(5):
        page = station_list.page(network, wanted, [])
        seen += [row.station.identity for row in page.rows]
        if not page.next:
            break
        wanted = StationFilter.read(dict(query(page.next)))
    everyone, _ = station_list.find(network, StationFilter.read({"sort": sort}))
    assert seen == [station.identity for station in everyone]
    assert len(set(seen)) == 7


def query(text):
    return parse_qsl(text.removeprefix("?"))


def test_a_cursor_that_is_none_begins_at_the_beginning(alpha, viewer):
    for after in ("7", "9999.x", "3.abcS", "4.infiS"):
        assert "station:alpha" in viewer.get(f"/stations/?sort=kw&after={after}").content.decode()


def test_a_list_is_told_what_became_of_it(network, alpha, bravo):
    charge(alpha, power_w=2000)
    charge(bravo, power_w=1000)
    wanted = StationFilter.read({"q": "status:charging", "sort": "kw"})
    shown = station_list.page(network, wanted, [])
    topic = standing.topic(wanted, shown.rows).removeprefix("list:")
    assert standing.of(network, topic).values == {"moved": 0, "gone": [], "fresh": 0}
    bravo.charging_sessions.update(power_w=3000)
    assert standing.of(network, topic).values == {"moved": 2, "gone": [], "fresh": 0}
    alpha.charging_sessions.update(state="ended")
    charge(Station.objects.create(network=network, identity="new|one"))
    assert standing.of(network, topic).values == {"moved": 0, "gone": ["station:alpha"], "fresh": 1}


def test_columns_are_chosen_and_remembered(alpha, viewer):
    viewer.get("/stations/?columns=profile,bars")
    html = viewer.get("/stations/").content.decode()
    assert html.index(">Profile<") < html.index(">24 h<")
    assert ">Firmware<" not in viewer.get("/fragments/stations/").content.decode()


def test_an_export_has_all_that_fit_and_no_formula(alpha, bravo, viewer):
    Station.objects.filter(pk=alpha.pk).update(site='=HYPERLINK("x")', tags=["a", "b"])
    report(alpha, "Available")
    answer = viewer.get("/stations/export.csv?version=1.6")
    lines = streamed(answer).splitlines()
    assert len(lines) == 2
    assert "'=HYPERLINK" in lines[1]
    assert '"a, b"' in lines[1]
    ndjson = streamed(viewer.get("/stations/export.ndjson"))
    assert [line.partition('"identity":"')[2][:5] for line in ndjson.splitlines()] == ["alpha", "bravo"]


def test_the_preview_and_the_facets_are_parts_of_the_page(alpha, bravo, viewer):
    report(alpha, "Faulted", error_code="GroundFailure")
    suffer(alpha)
    want(bravo)
    html = viewer.get("/fragments/stations/alpha/preview/").content.decode()
    for shown in ("The residual current device tripped", "Last 24 hours", "A major thing"):
        assert shown in html
    Station.objects.filter(pk=bravo.pk).update(
        tags=["vip", "fast lane"], security_profile=2, maintenance=True
    )
    with counted() as statements:
        facets = viewer.get("/fragments/station-facets/?q=east").content.decode()
    assert len(statements) <= 12
    found = dict(re.findall(r'q=east\+([^"]+)".*?facet-count">(\d+)<', facets))
    for token in (
        "proto%3A2.0.1", "incidents%3A%3E0", "drift%3Ayes", "status%3Afaulted", "tag%3Avip",
        "tag%3A%22fast+lane%22", "profile%3A2", "is%3Amaintenance",
    ):  # fmt: skip
        assert found[token] == "1"
        assert viewer.get(f"/stations/?q={token}").content.decode().count("<tr data-key=") == 1


@pytest.mark.parametrize(
    ("path", "written", "told"),
    [
        ("/sessions/", "from:999999d", "is no time"),
        ("/messages/", "to:999999d", "is no time"),
        ("/stations/", "seen:>999999d", "isn&#x27;t a time"),
    ],
)
def test_longer_ago_than_there_are_calendars_is_told_to_be_no_time(viewer, path, written, told):
    answer = viewer.get(path, {"q": written})
    assert answer.status_code == 200
    assert told in answer.content.decode()
