"""Plots in templates: see `dashboard.plots`."""

import json
from typing import Any

from django import template

from dashboard import plots

register = template.Library()


@register.inclusion_tag("dashboard/_plot.html")
def plot(shown: plots.Plot, css: str = "") -> dict[str, Any]:
    """A plot with its finding, legend and table; ``css`` are more classes."""
    drawing = plots.draw(shown)
    return {
        "drawing": drawing,
        "data": json.dumps(drawing.data, separators=(",", ":")) if drawing.data else "",
        "css": css,
    }
