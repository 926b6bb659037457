"""Plots: where things stand, what they say in words, and what they keep when there is too much."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template

from dashboard import plots
from dashboard.plots import scales, thinning, time_axis
from dashboard.statuses import Shown

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = plots.Window(since=NOON, until=NOON + timedelta(hours=1))
BERLIN = ZoneInfo("Europe/Berlin")


def minutes(*values, start=NOON):
    return [(start + timedelta(minutes=position * 10), value) for position, value in enumerate(values)]


def rendered(plot):
    return Template("{% load plots %}{% plot plot %}").render(Context({"plot": plot}))


def line_plot(*series, **more):
    return plots.LinePlot(caption="Power", window=HOUR, series=series, **more)


def power(*values, **more):
    return plots.Series(name="Power", unit="kW", samples=minutes(*values), **more)


def test_a_plot_says_its_peak_and_where_the_charge_ended():
    charge = plots.Series(
        name="SoC", unit="%", samples=minutes(20, 80), tone=plots.Tone.CHARGE, right=True, digits=0
    )
    drawn = plots.draw(line_plot(power(100, 148, 30), charge, top=100))
    assert drawn.finding == "Peak 148.0 kW at 12:10:00 UTC; ends at 80 %"
    assert "<title>Power: Peak 148.0 kW at 12:10:00 UTC; ends at 80 %</title>" in drawn.svg


def test_a_line_breaks_where_nothing_is_known_and_a_step_holds():
    drawn = plots.draw(line_plot(power(0, None, 100)))
    assert 'd="M0.0 1000.0h0M333.3 0.0h0"' in drawn.svg
    stepped = plots.draw(line_plot(power(100, 50, step=True)))
    assert 'd="M0.0 0.0h0H166.7V500.0H1000"' in stepped.svg


def test_a_step_from_before_the_window_is_seen_in_it():
    early = plots.Series(
        name="Limit", unit="kW", samples=minutes(50, start=NOON - timedelta(hours=2)), step=True
    )
    assert plots.draw(line_plot(early)).data["series"][0]["points"] == [[NOON.timestamp() * 1000, 50]]


def test_a_silence_longer_than_the_gap_is_one():
    drawn = plots.draw(line_plot(power(1, 2), gap=timedelta(minutes=5)))
    assert drawn.data["series"][0]["points"][1][1] is None


def test_thinning_keeps_the_peak_and_the_gap():
    samples = [(NOON + timedelta(seconds=second), 1.0) for second in range(50_000)]
    samples[31_234] = (samples[31_234][0], 99.0)
    samples[40_000] = (samples[40_000][0], None)
    kept = thinning.thinned(samples, 960)
    assert len(kept) <= 960 * 4 + 4
    assert (samples[31_234][0], 99.0) in kept
    assert (samples[40_000][0], None) in kept
    assert kept[0] == samples[0]
    assert kept[-1] == samples[-1]


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ([], [0, 0.25, 0.5, 0.75, 1]),
        ([0.0], [0, 0.25, 0.5, 0.75, 1]),
        ([148.0], [0, 50, 100, 150]),
        ([-20.0, 80.0], [-25, 0, 25, 50, 75, 100]),
        ([-20.0, -12.0], [-20, -15, -10, -5, 0]),
        ([-1e17], [-1e17, -7.5e16, -5e16, -2.5e16, 0]),
    ],
)
def test_an_axis_ends_at_round_numbers_and_holds_every_value(values, marks):
    assert scales.covering(values).marks == marks


def test_an_axis_has_two_ends_however_large_they_are():
    scale = scales.covering([1e17], low=1e17)
    assert scale.low <= 1e17 < scale.high


@pytest.mark.parametrize(
    ("high", "labels"),
    [
        (100, ["90.0", "92.5", "95.0", "97.5", "100.0"]),
        (91, ["90.00", "90.25", "90.50", "90.75", "91.00"]),
        (94, ["90", "91", "92", "93", "94"]),
    ],
)
def test_a_mark_says_where_it_stands(high, labels):
    scale = scales.covering([high], low=90)
    assert [scale.label(mark) for mark in scale.marks] == labels


def test_the_hour_that_is_there_twice_is_marked_twice():
    window = plots.Window(
        since=datetime(2026, 10, 25, 0, tzinfo=BERLIN),
        until=datetime(2026, 10, 25, 6, tzinfo=BERLIN),
        zone=BERLIN,
    )
    assert [mark.label for mark in time_axis.marks(window)] == [
        "Oct 25", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00", "06:00",
    ]  # fmt: skip
    assert window.zone_word == "CEST/CET"
    shares = [window.share(mark.at) for mark in time_axis.marks(window)]
    distances = {round(after - before, 6) for before, after in pairwise(shares)}
    assert len(distances) == 1


def test_days_begin_at_local_midnight_across_a_change_of_the_clocks():
    window = plots.Window(
        since=datetime(2026, 3, 27, tzinfo=BERLIN), until=datetime(2026, 3, 31, tzinfo=BERLIN), zone=BERLIN
    )
    found = time_axis.marks(window)
    assert {mark.label for mark in found if mark.begins_day} == {
        "Mar 27", "Mar 28", "Mar 29", "Mar 30", "Mar 31",
    }  # fmt: skip


@pytest.mark.parametrize(("count", "named"), [(4, [0, 1, 2, 3]), (6, [1, 3, 5]), (12, [2, 5, 8, 11])])
def test_a_phone_has_room_for_some_names_and_for_the_last(count, named):
    bars = [plots.Bar(f"m{number}", 99.0) for number in range(count)]
    html = rendered(plots.BarPlot(caption="Uptime", unit="%", bars=bars, low=0, high=100))
    shown = re.findall(r'class="plot-name"[^>]*>m(\d+)<', html)
    assert [int(number) for number in shown] == named


def test_bars_that_miss_the_target_are_told_and_look_different():
    bars = [plots.Bar("CP-1", 99.1), plots.Bar("CP-2", 92.0), plots.Bar("CP-3", None)]
    plot = plots.BarPlot(caption="Uptime", unit="%", bars=bars, target=97.0, low=80, high=100)
    drawn = plots.draw(plot)
    assert drawn.finding == "1 of 2 reach 97.0 %; not CP-2"
    assert drawn.svg.count("tone-bad") == 1
    assert ("CP-3", "not known") in drawn.table.rows


def test_the_volume_of_a_log_says_when_it_was_most():
    buckets = [
        plots.Bucket(NOON, NOON + timedelta(minutes=30), 10),
        plots.Bucket(NOON + timedelta(minutes=30), HOUR.until, 1200, 3),
    ]
    drawn = plots.draw(plots.TimeBars(caption="Volume", window=HOUR, buckets=buckets))
    assert drawn.finding == "1\u202f210 messages, most at 12:30:00; 3 errors"


def test_lanes_say_what_was_longest_and_end_now():
    charging, faulted = Shown("charging", "Charging"), Shown("faulted", "Faulted")
    spans = [
        plots.Span(charging, NOON - timedelta(hours=1), NOON + timedelta(minutes=20)),
        plots.Span(faulted, NOON + timedelta(minutes=20), None),
    ]
    plot = plots.LanePlot(
        caption="States", window=HOUR, lanes=[plots.Lane("EVSE 1", spans)], now=NOON + timedelta(minutes=30)
    )
    drawn = plots.draw(plot)
    assert drawn.finding == "Charging 20 min 00 s, Faulted 10 min 00 s"
    assert [key.status for key in drawn.keys] == ["charging", "faulted"]
    assert "#g-faulted" in drawn.svg


def test_a_heat_map_says_when_it_is_hottest():
    values = [[0.0] * 24 for _ in plots.heat_map.DAYS]
    values[4][17] = 41.0
    values[0][0] = None
    drawn = plots.draw(plots.HeatMap(caption="Use", unit="%", values=values))
    assert drawn.finding == "Most on Fri 17:00–18:00 UTC: 41 %"
    assert drawn.table.rows[0][1] == "–"


def test_two_heat_maps_may_have_one_measure():
    values = [[0.0] * 24 for _ in plots.heat_map.DAYS]
    quiet = plots.draw(plots.HeatMap(caption="Use", unit="%", values=values, top=50))
    assert quiet.finding == "0 % at any time"
    values[4][17] = 10.0
    drawn = plots.draw(plots.HeatMap(caption="Use", unit="%", values=values, top=50))
    assert "level-1" in drawn.svg
    assert "level-5" not in drawn.svg


def test_percentiles_are_the_nearest_rank():
    values = list(range(1, 101))
    assert [plots.percentile(values, share) for share in (50, 95, 99)] == [50, 95, 99]
    assert plots.percentile([], 99) is None
    drawn = plots.draw(plots.Histogram(caption="Latency", unit="ms", values=[*values, 90_000]))
    assert drawn.finding.startswith("p50 51 ms")
    assert ("10000–30000 ms", "1") in drawn.table.rows


@pytest.mark.parametrize(
    "plot",
    [
        line_plot(power()),
        line_plot(),
        plots.BarPlot(caption="c", unit="%", bars=[]),
        plots.TimeBars(caption="c", window=HOUR, buckets=[]),
        plots.LanePlot(caption="c", window=HOUR, lanes=[]),
        plots.HeatMap(caption="c", unit="%", values=[[None] * 24] * 7),
        plots.Histogram(caption="c", unit="ms", values=[]),
    ],
)
def test_a_plot_of_nothing_says_so(plot):
    assert plots.draw(plot).finding.startswith("No")
    assert 'role="img"' in rendered(plot)


def test_what_a_station_is_called_is_inert_and_no_attribute_is_a_style():
    hostile = '"><script>alert(1)</script>'
    html = rendered(line_plot(power(1, 2), live_key=hostile, finding=hostile))
    html += rendered(plots.BarPlot(caption=hostile, unit="%", bars=[plots.Bar(hostile, 1.0)]))
    assert "<script" not in html
    assert "style=" not in html


def test_a_histogram_of_counts_has_percentiles_within_its_bins():
    counted = plots.Histogram(caption="c", unit="ms", edges=(0, 10, 20, 100), counts=[50, 50, 0])
    assert plots.draw(counted).finding == "p50 10 ms, p95 19 ms, p99 20 ms"
    assert [count for _, count in plots.draw(counted).table.rows] == ["50", "50", "0"]
    assert (
        plots.draw(plots.Histogram(caption="c", unit="ms", edges=(0, 10), counts=[0])).finding
        == "No values yet"
    )
