"""What a plot is drawn as: SVG, a legend, and the table that says the same.

The SVG has no viewBox: everything in it stands at percentages, so that its text keeps its size at any width
and nothing needs a style attribute. Only lines stand in an inner SVG of `SPAN` × `SPAN` that is stretched to
fit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Width and height of the inner SVG that holds lines.
SPAN = 1000


class Tone(StrEnum):
    """What a series is about: its colour and, for who can't tell those apart, its dashes."""

    POWER = "power"
    CHARGE = "charge"
    ENERGY = "energy"
    LIMIT = "limit"
    TARGET = "target"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: a sample of how ``name`` is drawn."""

    name: str
    tone: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """What the plot shows, as a table."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """A plot, drawn.

    Attributes:
        kind: Its class in CSS: lines, bars, lanes, heat, histogram.
        caption: What it shows.
        finding: What is to be seen in it, in words; also its title.
        zone_word: Whose clock its times are of; "": it has none.
        data: What `plot.js` needs for cursor, zoom and live append; empty: it does nothing here.
    """

    kind: str
    caption: str
    finding: str
    svg: SafeString
    table: Table
    keys: Sequence[Key] = ()
    zone_word: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def element(name: str, content: SafeString | str = "", /, **attributes: object) -> SafeString:
    """One element. ``class_`` is class, other underscores are hyphens; what is None is left out."""
    given = ((_name(each), value) for each, value in attributes.items() if value is not None)
    return format_html("<{0}{1}>{2}</{0}>", name, format_html_join("", ' {}="{}"', given), content)


def _name(attribute: str) -> str:
    return attribute.rstrip("_").replace("_", "-")


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def percent(share: float) -> str:
    """A share of a width or height, as a coordinate."""
    return f"{share * 100:.3f}".rstrip("0").rstrip(".") + "%"


def framed(finding: str, parts: Iterable[SafeString], *, height: int) -> SafeString:
    """The whole SVG, named by what is to be seen in it."""
    title = element("title", finding)
    return element("svg", joined([title, *parts]), class_="plot-svg", role="img", width="100%", height=height)


def stretched(parts: Iterable[SafeString]) -> SafeString:
    """Lines, in coordinates of `SPAN`."""
    return element(
        "svg",
        joined(parts),
        class_="plot-lines",
        viewBox=f"0 0 {SPAN} {SPAN}",
        preserveAspectRatio="none",
        width="100%",
        height="100%",
    )
