"""Figures, states and frames in words; and JSON as a page shows it."""

import json
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import figures, statuses
from dashboard.messages import frame_words, json_view
from dashboard.messages.message_search import MessageSearch
from dashboard.stations.station_filter import StationFilter
from emobi.core import clock
from stations.models import Connector, Frame, Kind

METER_VALUES = """
[2, "1", "MeterValues", {"connectorId": 1, "meterValue": [{"sampledValue": [
    {"value": "5"},
    {"value": "7", "measurand": "Voltage"},
    {"value": "7200", "measurand": "Power.Active.Import", "unit": "W"}
]}]}]
"""


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (figures.count, 9842, "9\u202f842"),
        (figures.kilo, Decimal("47812"), "47.8"),
        (figures.kilo, None, "–"),
        (figures.power, 84_200, "84.2 kW"),
        (figures.power, 3_120_000, "3.12 MW"),
        (figures.energy, 12_340, "12.34"),
        (figures.percent, Decimal("63.4"), "63"),
        (figures.duration, 12.9, "12 s"),
        (figures.duration, 250, "4 min 10 s"),
        (figures.duration, 7380, "2 h 03 min"),
        (figures.duration, 180_000, "2 d 2 h"),
        (figures.duration, -5, "0 s"),
        (figures.lasting, 8.4, "8 ms"),
        (figures.lasting, 1420, "1.42 s"),
        (figures.size, "ä" * 600, "1.2 kB"),
        (figures.masked, "GOOD0001", "…0001"),
        (figures.masked, "1234", "…"),
        (figures.masked, "", "–"),
    ],
)
def test_figures_are_told_as_people_read_them(function, value, text):
    assert function(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3, "3 s"), (61, "1 min"), (7300, "2 h"), (200_000, "2 d"), (-9, "0 s")]
)
def test_an_age_has_one_unit(seconds, text, monkeypatch):
    now = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: now)
    assert figures.age(now - timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("status", "detail", "charging_state", "word"),
    [
        ("Available", "", "", "Available"),
        ("Occupied", "Preparing", "", "Preparing"),
        ("Occupied", "", "Charging", "Charging"),
        ("Occupied", "", "EVConnected", "EV connected"),
        ("Occupied", "", "", "Occupied"),
        ("Occupied", "SomethingOfAVendor", "", "Occupied"),
        ("Faulted", "Faulted", "Charging", "Faulted"),
        ("", "", "", "Unknown"),
        ("", "", "Charging", "Charging"),
    ],
)
def test_a_connector_is_what_it_says_made_finer_by_its_session(status, detail, charging_state, word):
    assert statuses.of_connector(Connector(status=status, detail=detail), charging_state).word == word


def test_what_needs_attention_stands_first():
    states = [statuses.UNKNOWN, statuses.AVAILABILITY["Available"], statuses.AVAILABILITY["Faulted"]]
    assert [group.shown.word for group in statuses.grouped(states * 2)] == ["Faulted", "Available", "Unknown"]


def test_every_state_has_a_place_in_that_order():
    every = [*statuses.AVAILABILITY.values(), *statuses.OCCUPIED.values(), statuses.UNKNOWN]
    assert sum(group.count for group in statuses.grouped(every)) == len(every)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ('[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Charging"}]',
         "Charging · connector 1"),
        ('[2,"1","StatusNotification",{"evseId":2,"connectorId":1,"connectorStatus":"Faulted"}]',
         "Faulted · EVSE 2 · connector 1"),
        ('[2,"1","Authorize",{"idToken":{"idToken":"GOOD0001","type":"Local"}}]', "Local · token …0001"),
        (METER_VALUES, "connector 1 · 0.01 kWh · 7.2 kW"),
        ('[3,"1",{"status":"Rejected","statusInfo":{"reasonCode":"x"}}]', "Rejected"),
        ('[4,"1","NotImplemented","unknown action",{}]', "NotImplemented: unknown action"),
        ('[4,"1","NotImplemented","",{}]', "NotImplemented"),
        ("{}", "{}"),
    ],
)  # fmt: skip
def test_a_frame_is_told_in_a_line(text, summary):
    assert frame_words.summary(Frame(kind=Kind.CALL, text=text)) == summary


@given(st.text(max_size=400))
def test_any_text_can_be_a_frame(text):
    frame = Frame(kind=Kind.DAMAGED, text=text)
    assert len(frame_words.summary(frame)) <= frame_words.LONGEST
    assert "<" not in json_view.pretty(text).replace('<span class="', "").replace("</span>", "")


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(
    payload=st.dictionaries(
        st.text(max_size=12) | st.sampled_from(list(frame_words.NAMES)), _json, max_size=8
    )
)
def test_any_payload_can_be_told(payload):
    text = json.dumps([2, "1", "DataTransfer", payload])
    assert len(frame_words.summary(Frame(kind=Kind.CALL, text=text))) <= frame_words.LONGEST
    frame_words.verdict(Frame(kind=Kind.RESULT, text=json.dumps([3, "1", payload])))
    json_view.pretty(text)


@given(
    sample=st.dictionaries(st.sampled_from(["value", "unit", "unitOfMeasure", "measurand", "phase"]), _json)
)
def test_any_sample_can_be_told(sample):
    for measurand in ("Power.Active.Import", "Energy.Active.Import.Register", "SoC"):
        samples = [sample, {"measurand": measurand} | sample]
        text = json.dumps([2, "1", "MeterValues", {"meterValue": [{"sampledValue": samples}]}])
        frame_words.summary(Frame(kind=Kind.CALL, text=text))


def test_json_is_indented_marked_and_inert():
    html = json_view.pretty('[3,"1",{"info":"<b>\u202e","ok":true,"n":[1.5,null],"none":{}}]')
    assert (
        '<span class="k">&quot;info&quot;</span>: <span class="s">&quot;&lt;b&gt;\\u202e&quot;</span>' in html
    )
    assert '<span class="n">1.5</span>' in html
    assert '<span class="w">null</span>' in html


def test_json_that_is_too_deep_or_too_long_is_cut():
    assert "…" in json_view.pretty("[" * 200 + "]" * 200)
    assert "and 50 characters more" in json_view.pretty("x" * (json_view.LONGEST + 50))


@given(
    query=st.dictionaries(
        st.sampled_from(["q", "status", "kind", "since", "after", "station"]), st.text(max_size=30)
    )
)
def test_a_filter_is_read_back_from_its_own_address(query):
    for kind in (StationFilter, MessageSearch):
        first = kind.read(query)
        assert kind.read(dict(parse_qsl(first.query.removeprefix("?")))) == first
