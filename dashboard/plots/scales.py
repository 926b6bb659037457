"""Axes of values: where they end, and at which round numbers they are marked."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from dashboard.figures import THIN
from dashboard.plots.drawing import element, percent


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``, marked every ``step``."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """How far up ``value`` stands: 0 at the low end, 1 at the high one; never beyond."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    @property
    def marks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * position for position in range(count + 1)]

    def label(self, value: float) -> str:
        return number(value, _digits(self.step))


def number(value: float, digits: int) -> str:
    """With a thin space between thousands."""
    text = f"{value:,.{digits}f}".replace(",", THIN)
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def covering(values: Iterable[float], *, marks: int = 4, low: float = 0.0) -> Scale:
    """The scale of round numbers that holds ``low`` and every value, and has two ends."""
    found = list(values)
    top, bottom = max([low, *found]), min([low, *found])
    if top <= bottom:
        # 1 more is nothing to a number of seventeen digits.
        top = bottom + max(1.0, abs(bottom) * 1e-6)
    step = _round_step((top - bottom) / marks)
    bottom = math.floor(bottom / step) * step
    return Scale(low=bottom, high=math.ceil(top / step - 1e-9) * step, step=step)


def _digits(step: float) -> int:
    """How many decimals a step of 2.5, or 0.25, needs to be told truly."""
    return next((n for n in range(9) if math.isclose(step * 10**n, round(step * 10**n), rel_tol=1e-9)), 9)


def _round_step(raw: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw - 1e-12)


def drawn(scale: Scale, unit: str, *, right: bool = False) -> list[SafeString]:
    """Lines across and their labels at the left; only labels at the right."""
    parts = []
    for value in scale.marks:
        y = percent(1 - scale.share(value))
        if not right:
            parts.append(element("line", class_="plot-rule", x1="0", x2="100%", y1=y, y2=y))
        parts.append(_label(scale.label(value), y, right=right))
    # Above the highest mark, where no value stands.
    parts.append(_label(unit, "0%", right=right, css="plot-unit", dy="-9"))
    return parts


def _label(text: str, y: str, *, right: bool, css: str = "plot-mark", dy: str = "4") -> SafeString:
    anchor = "start" if right else "end"
    return element(
        "text",
        text,
        class_=css,
        x="100%" if right else "0",
        dx="7" if right else "-7",
        y=y,
        dy=dy,
        text_anchor=anchor,
    )
