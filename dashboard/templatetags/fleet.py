"""Small drawings of stations' last hours."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.stations.status_bars import Bars

register = template.Library()

# How high a bar is, of 20: what is worse is lower, so that colour isn't all that tells them apart.
_HEIGHT = {"ok": 20, "some": 13, "away": 8, "fault": 10, "none": 3}


@register.simple_tag
def status_bars(bars: Bars) -> SafeString:
    """A bar an hour, the newest on the right; the words say the same."""
    drawn = format_html_join(
        "",
        '<rect class="bar-{}" x="{}" y="{}" width="4" height="{}"/>',
        ((hour, 5 * at, 20 - _HEIGHT[hour], _HEIGHT[hour]) for at, hour in enumerate(bars.hours)),
    )
    return format_html(
        '<svg class="day-bars" viewBox="0 0 119 20" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        bars.words, bars.words, drawn,
    )  # fmt: skip
