"""Charging sessions: the list, and one of them."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from dashboard.charging import session_plots, session_rows
from dashboard.charging.session_search import SessionSearch
from dashboard.live import live_values
from emobi.core import clock, events, unit_of_work
from emobi.core.models import Preferences
from sessions.models import MeterValue
from stations.models import Command
from tests.dashboard.state import charge, exchange, fill_tabs
from tests.statements import counted


def text(response):
    return " ".join(response.content.decode().split())


def read(session, minutes, **columns):
    """A reading so many minutes after the start."""
    at = session.started_at + timedelta(minutes=minutes)
    made = {"samples": [], "context": "Sample.Periodic", **columns}
    return MeterValue.objects.create(
        station=session.station, session=session.pk, evse_id=session.evse_id, at=at, received_at=at, **made
    )


def newest_first(sessions):
    """By their ids: two that were made in one millisecond have no other order."""
    return sorted((each.pk for each in sessions.values()), reverse=True)


@pytest.fixture
def sessions(alpha, bravo):
    """By what is odd about them, the oldest first."""
    now = clock.wall()
    day = timedelta(days=1)
    over = {
        "state": "ended",
        "ended_at": now,
        "meter_last_at": now,
        "reason": "EVDisconnected",
        "start_key": "k",
    }
    return {
        "plain": charge(alpha, transaction_id="4711", meter_last_at=now),
        "zero": charge(
            bravo, **over | {"meter_start_wh": 5, "meter_stop_wh": 5, "meter_last_wh": 5, "start_key": "z"}
        ),
        "back": charge(bravo, 2, **over, suspect=["its meter went back"]),
        "silent": charge(bravo, 3, state="ended", ended_at=now, meter_last_wh=None, id_token="BLOCKED1"),
        "long": charge(alpha, 2, started_at=now - day - timedelta(hours=1), offline=True, meter_last_at=now),
    }


def found(network, written):
    return [row.session.pk for row in session_rows.page(network, SessionSearch.read({"q": written})).rows]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("", ["long", "silent", "back", "zero", "plain"]),
        ("station:ALPHA", ["long", "plain"]),
        ("station:b*", ["silent", "back", "zero"]),
        ("evse:2", ["long", "back"]),
        ("state:active", ["long", "plain"]),
        ("state:ended reason:evdisconnected", ["back", "zero"]),
        ("token:blocked1", ["silent"]),
        ("token:…ked1", ["silent"]),
        ("flag:zero", ["zero"]),
        ("flag:back", ["back"]),
        ("flag:nometer", ["silent"]),
        ("flag:long", ["long"]),
        ("flag:offline", ["long"]),
        ("flag:suspect", ["back"]),
        ("kwh:>12 state:active", ["long", "plain"]),
        ("kwh:<1", ["zero"]),
        ("4711", ["plain"]),
        ("brav", ["silent", "back", "zero"]),
        ("from:2h state:active", ["plain"]),
        ("to:2020-01-01", []),
        ("evse:x state:odd flag:odd kwh:many from:then", ["long", "silent", "back", "zero", "plain"]),
    ],
)
def test_a_search_narrows_the_list(sessions, network, written, names):
    assert found(network, written) == newest_first({name: sessions[name] for name in names})


def test_what_cannot_be_read_is_told(sessions, viewer):
    html = text(viewer.get("/sessions/?q=evse:x+state:odd+flag:odd+kwh:many+from:then"))
    for said in (
        "evse:x is no number",
        "state:odd isn&#x27;t",
        "flag:odd isn&#x27;t",
        "kwh:many is no number",
        "from:then is no time",
    ):
        assert said in html


def test_the_list_tells_state_figures_and_flags_and_masks_tokens(sessions, viewer):
    read(sessions["plain"], 1, power_w=148_000.0)
    html = text(viewer.get("/sessions/"))
    for said in (
        "148.0",
        "zero kWh",
        "energy going back",
        "no meter values",
        "over 24 h",
        "…0001",
        "the cable was pulled",
    ):
        assert said in html
    assert "GOOD0001" not in html


def test_pages_follow_each_other_and_cost_the_same(sessions, alpha, network, viewer, monkeypatch):
    monkeypatch.setattr(session_rows, "ROWS", 2)
    seen, search = [], SessionSearch()
    while True:
        page = session_rows.page(network, search)
        seen += [row.session.pk for row in page.rows]
        if not page.next:
            break
        search = SessionSearch(after=page.next.partition("=")[2])
    assert seen == newest_first(sessions)
    with counted() as few:
        viewer.get("/sessions/")
    monkeypatch.setattr(session_rows, "ROWS", 50)
    with counted() as many:
        viewer.get("/sessions/")
    assert len(few) == len(many) <= 12


def test_a_session_that_runs_is_plotted_with_its_limit(alpha, viewer):
    session = charge(alpha, started_at=clock.wall() - timedelta(minutes=30))
    phases = [
        {"measurand": measurand, "phase": phase, "value": value, "unit": unit, "signed": None}
        for measurand, value, unit in (("Current.Import", 31.0, "A"), ("Voltage", 229.5, "V"))
        for phase in ("L1", "L2", "L3")
    ]
    for minute in range(1, 30, 5):
        read(session, minute, power_w=148_000.0 - minute * 1000, soc_percent=20.0 + minute, samples=phases)
    with counted() as statements:
        html = text(viewer.get(f"/sessions/{session.pk}/"))
    assert len(statements) <= 14
    for said in (
        "Peak 147.0 kW",
        "ends at 46 %",
        "Current by phase",
        "Voltage by phase",
        "Energy flows.",
        "L3 (A)",
        "From 229.5 V to 229.5 V",
    ):
        assert said in html
    assert f'data-topic="charge:{alpha.identity}"' in html


def test_a_plot_by_phase_shows_its_conductors_at_one_place(alpha):
    session = charge(alpha, started_at=clock.wall() - timedelta(minutes=30))
    said = [
        *[("Outlet", phase, 230.0) for phase in ("L1-N", "L2-N", "L3-N")],
        *[("Outlet", phase, 400.0) for phase in ("L1-L2", "L2-L3", "L3-L1", "N")],
        *[("EV", phase, 390.0) for phase in ("L1", "L2", "L3")],
    ]
    samples = [
        {"measurand": "Voltage", "location": location, "phase": phase, "value": value, "unit": "V"}
        for location, phase, value in said
    ]
    for minute, told in ((1, samples), (2, samples[-3:]), (3, samples[3:6])):
        read(session, minute, samples=told)
    drawn = {plot.caption: plot for plot in session_plots.of(session, session_plots.readings(session), None)}
    series = drawn["Voltage by phase"].series
    assert [(each.name, [value for _, value in each.samples]) for each in series] == [
        ("L1", [230.0]), ("L2", [230.0]), ("L3", [230.0]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ([("EV", None)], ["All"]),
        ([(None, "L1-L2"), (None, "L2-L3")], ["L1-L2", "L2-L3"]),
        ([("Cable", "L2"), ("Elsewhere", "L1")], ["L2"]),
    ],
)
def test_a_plot_by_phase_shows_what_there_is(alpha, told, names):
    session = charge(alpha)
    about = {"measurand": "Voltage", "value": 230.0, "unit": "V"}
    read(session, 1, samples=[about | {"location": place, "phase": phase} for place, phase in told])
    plots = session_plots.of(session, session_plots.readings(session), None)
    assert [each.name for each in plots[-1].series] == names


def test_a_session_without_readings_says_what_makes_the_station_send_them(alpha, bravo, viewer):
    assert "MeterValueSampleInterval" in text(viewer.get(f"/sessions/{charge(alpha).pk}/"))
    assert "TxUpdatedInterval" in text(viewer.get(f"/sessions/{charge(bravo).pk}/"))


def test_why_it_ended_is_told_with_its_evidence(alpha, network, operator):
    now = clock.wall()
    session = charge(
        alpha,
        state="ended",
        ended_at=now,
        start_key="k",
        reason="Remote",
        transaction_id="4711",
        meter_stop_wh=13340,
    )
    message = exchange(alpha, "StopTransaction", {"transactionId": 4711, "reason": "Remote"}, {})
    Command.objects.create(
        id="01" + "A" * 24, network=network, station=alpha, name="remote_stop", state="accepted",
        requested_by="user:otto", expires_at=now, params={"session_id": session.pk}, created_at=now,
    )  # fmt: skip
    with unit_of_work.begin():
        events.record(
            alpha.subject,
            events.SessionEnded(
                evse_id=1, connector_id=1, station_time=now, received_at=now, session_id=session.pk,
                transaction_id="4711", id_token="GOOD0001", meter_start_wh=None, meter_stop_wh=None,
                energy_wh=None, duration_s=60, reason="Remote", suspect=False, offline=False,
            ),
        )  # fmt: skip
    html = text(operator.get(f"/sessions/{session.pk}/"))
    assert "It ended: Remote: stopped from here. 12.34 kWh flowed" in html
    assert f'The station says Remote (<a href="/messages/{message}/">' in html
    assert "Stop charging was asked for by user:otto" in html
    assert "Stop charging</a>" not in html


def test_a_stop_that_is_not_confirmed_says_so(alpha, network, operator):
    session = charge(alpha)
    Command.objects.create(
        id="01" + "A" * 24, network=network, station=alpha, name="remote_stop", state="accepted",
        requested_by="user:otto", expires_at=clock.wall(), params={"transaction_id": session.transaction_id},
    )  # fmt: skip
    html = text(operator.get(f"/sessions/{session.pk}/"))
    assert "Stopping" in html
    assert "the station hasn&#x27;t confirmed the end yet" in html


def test_actions_are_for_operators_and_tokens_too(alpha, viewer, operator):
    session = charge(alpha)
    html = text(operator.get(f"/sessions/{session.pk}/"))
    assert f"/commands/remote_stop/?session_id={session.pk}" in html
    assert "GOOD0001" in html
    html = text(viewer.get(f"/sessions/{session.pk}/"))
    assert "remote_stop" not in html
    assert "GOOD0001" not in html


def test_profiles_in_force_are_told_and_a_limit_is_begun_for_the_session_alone(bravo, viewer, operator):
    fill_tabs(bravo)
    session = charge(bravo, started_at=clock.wall() - timedelta(minutes=5))
    html = text(viewer.get(f"/sessions/{session.pk}/")).partition("Profiles in force")[2]
    assert "Together they allow <strong>" in html
    assert "TxDefaultProfile" in html
    assert "Set a limit" not in html
    path = f"/stations/bravo/charging-profiles/editor/?session={session.pk}"
    assert path in operator.get(f"/sessions/{session.pk}/").content.decode()
    html = text(operator.get(path))
    assert f'value="{session.transaction_id}"' in html
    assert '<option value="TxProfile" selected>' in html


def test_times_and_plots_are_in_the_zone_of_whoever_looks(alpha, viewer):
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="Asia/Kolkata")
    session = charge(alpha, started_at=datetime(2026, 5, 1, 20, 0, tzinfo=UTC), state="ended", start_key="k",
                     ended_at=datetime(2026, 5, 1, 21, 0, tzinfo=UTC))  # fmt: skip
    read(session, 10, power_w=7000.0)
    html = text(viewer.get(f"/sessions/{session.pk}/"))
    assert "2026-05-02 01:30:00 IST" in html
    assert "Time (IST)" in html
    assert "Start (IST)" in text(viewer.get("/sessions/"))


def test_another_networks_session_is_not_there(stranger, viewer):
    session = charge(stranger)
    for path in ("", "readings.csv", "signed.json"):
        assert viewer.get(f"/sessions/{session.pk}/{path}").status_code == 404
    assert viewer.get(f"/fragments/sessions/{session.pk}/").status_code == 404


def test_files_have_all_that_fits(sessions, viewer, operator, monkeypatch):
    monkeypatch.setattr(session_rows, "EXPORTED_AT_ONCE", 2)
    told = [json.loads(row) for row in streamed(viewer.get("/sessions/export.ndjson")).splitlines()]
    assert [each["session_id"] for each in told] == newest_first(sessions)
    assert {each["id_token"] for each in told} == {"…0001", "…KED1"}
    answer = operator.get("/sessions/export.csv?q=flag:zero")
    assert "sessions-grid-flag-zero.csv" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(streamed(answer))))
    assert [(row["id_token"], row["flags"]) for row in rows] == [("GOOD0001", '["zero kWh"]')]


def test_readings_and_what_was_signed_can_be_had(alpha, viewer):
    session = charge(alpha)
    plain = {
        "measurand": "Voltage",
        "phase": "L1",
        "location": None,
        "value": 230.0,
        "unit": "V",
        "signed": None,
    }
    assert viewer.get(f"/sessions/{session.pk}/signed.json").status_code == 404
    read(session, 1, energy_wh=5.0, samples=[plain, {**plain, "signed": "OCMF|{}"}])
    rows = list(csv.DictReader(io.StringIO(streamed(viewer.get(f"/sessions/{session.pk}/readings.csv")))))
    assert [row["signed"] for row in rows] == ["", "OCMF|{}"]
    assert viewer.get(f"/sessions/{session.pk}/signed.json").json()["signed"][0]["signed"] == "OCMF|{}"
    assert "Signed meter data" in text(viewer.get(f"/sessions/{session.pk}/"))


def streamed(answer):
    async def parts():
        return [part async for part in answer.streaming_content]

    return b"".join(async_to_sync(parts)()).decode()


def test_live_pages_get_figures_and_points_of_a_stations_sessions(network, alpha):
    session = charge(alpha, meter_last_at=clock.wall())
    values = live_values.read(network, {"charge:alpha"})["charge:alpha"]
    told = values[f"session:{session.pk}"]
    assert (told["power"], told["energy"], told["soc"]) == ("47.8", "12.34", "63")
    assert told["plot"]["power_kw"] == 47.8
    assert values[f"charging:{session.pk}"]["shape"] == "active Charging "
