"""Plots as SVG, drawn by the server: pure functions over dataclasses; they work without JavaScript.

A view makes the plot, a template draws it:

    power = plots.Series(name="Power", unit="kW", samples=[(at, 47.8), …], field="power_kw")
    charge = plots.Series(name="State of charge", unit="%", samples=[…], tone=plots.Tone.CHARGE, right=True)
    plot = plots.LinePlot(
        caption="Power and state of charge",
        window=plots.Window(since=…, until=…, zone=…),
        series=[power, charge],
        top=100,                        # of the right axis
        now=clock.wall(),               # a line there, if it is within the window
        group="session",                # cursor and zoom in step with the other plots of this name
        # live.js brings {"session:…": {"plot": {"at": "2026-…Z", "power_kw": 47.9}}}, at most once a second
        live_key=f"session:{pk}",
    )

    {% load plots %}{% plot plot %}

| plot | shows |
|---|---|
| `LinePlot` of `Series` | lines and steps over time, one axis or two; limits: steps of `Tone.LIMIT` |
| `BarPlot` of `Bar` | a bar a thing, with a target line (uptime and its 97 %) |
| `TimeBars` of `Bucket` | how many over time, what went wrong in front |
| `LanePlot` of `Lane` of `Span` | what was in which state (`dashboard.statuses.Shown`) from when until when |
| `HeatMap` | hour × weekday |
| `Histogram` | values in bins with p50, p95 and p99 (`LATENCY_EDGES_MS`) |

Each says its finding in words, as its title and beside it: give `finding` where the page knows better than
the plot ("Stopped at 80 %, as the EV asked"). Each can be shown as a table. Samples need no thinning before:
the plot keeps peaks. Times are aware; they are told in the window's zone. None is not known: a gap, never 0.
"""

from dashboard.plots import bars, heat_map, histogram, lanes, lines
from dashboard.plots.bars import Bar, BarPlot, Bucket, TimeBars
from dashboard.plots.drawing import Drawing, Key, Table, Tone
from dashboard.plots.heat_map import HeatMap
from dashboard.plots.histogram import LATENCY_EDGES_MS, Histogram, percentile
from dashboard.plots.lanes import Lane, LanePlot, Span
from dashboard.plots.lines import LinePlot, Series
from dashboard.plots.thinning import Sample
from dashboard.plots.time_axis import Window

__all__ = (
    "LATENCY_EDGES_MS",
    "Bar",
    "BarPlot",
    "Bucket",
    "Drawing",
    "HeatMap",
    "Histogram",
    "Key",
    "Lane",
    "LanePlot",
    "LinePlot",
    "Plot",
    "Sample",
    "Series",
    "Span",
    "Table",
    "TimeBars",
    "Tone",
    "Window",
    "draw",
    "percentile",
)

type Plot = LinePlot | BarPlot | TimeBars | LanePlot | HeatMap | Histogram


def draw(plot: Plot) -> Drawing:
    """The plot, drawn."""
    match plot:
        case LinePlot():
            return lines.draw(plot)
        case BarPlot():
            return bars.draw(plot)
        case TimeBars():
            return bars.draw_times(plot)
        case LanePlot():
            return lanes.draw(plot)
        case HeatMap():
            return heat_map.draw(plot)
        case Histogram():
            return histogram.draw(plot)
