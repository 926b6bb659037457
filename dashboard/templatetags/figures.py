"""Figures and times in templates: see `dashboard.figures`."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard import figures
from emobi.core import clock

register = template.Library()

register.filter("count", figures.count)
register.filter("kilo", figures.kilo)
register.filter("power", figures.power)
register.filter("energy", figures.energy)
register.filter("masked", figures.masked)
register.filter("percent", figures.percent)
register.filter("duration", figures.duration)
register.filter("lasting", figures.lasting)
register.filter("size", figures.size)
register.filter("local", figures.local)
register.filter("iso", clock.iso)
register.filter("moment", figures.moment)
register.simple_tag(figures.zone)


@register.simple_tag
def ago(moment: datetime | None, field: str = "", never: str = figures.UNKNOWN) -> SafeString:
    """How long ago; `time.js` keeps it true. With ``field`` a live page changes it."""
    begin = _ago(field, never)
    if moment is None:
        return format_html("{}>{}</time>", begin, never)
    # Of what stands between, none has anything to escape: a list has two hundred of them.
    when, title, age = clock.iso(moment), figures.local(moment), figures.age(moment)
    return mark_safe(f'{begin} datetime="{when}" title="{title}">{age}</time>')


@lru_cache(256)
def _ago(field: str, never: str) -> SafeString:
    live = format_html(' data-f="{}"', field) if field else ""
    return format_html('<time data-ago{} data-never="{}"', live, never)


@register.simple_tag
def as_of_now() -> SafeString:
    """From when a list is that no live page changes."""
    return format_html('<p class="drawn muted small">As of {} {}</p>', at(clock.wall()), figures.zone())


@register.simple_tag
def since(moment: datetime, field: str = "") -> SafeString:
    """How long something has lasted, to the second; `time.js` counts on."""
    return format_html(
        '<time data-since{} datetime="{}" title="{}">{}</time>',
        format_html(' data-f="{}"', field) if field else "",
        clock.iso(moment),
        figures.local(moment),
        figures.duration((clock.wall() - moment).total_seconds()),
    )


@register.simple_tag
def remaining(moment: datetime) -> SafeString:
    """How long until then, to the second; `time.js` counts down."""
    return format_html(
        '<time data-until datetime="{}" title="{}">{}</time>',
        clock.iso(moment),
        figures.local(moment),
        figures.duration((moment - clock.wall()).total_seconds()),
    )


@register.simple_tag
def at(moment: datetime, precision: str = "s") -> SafeString:
    """A time of day in the zone of whoever looks, in full as its title; ``precision`` "ms" for messages."""
    parts = f".{moment.microsecond // 1000:03}" if precision == "ms" else ""
    text = timezone.localtime(moment).strftime("%H:%M:%S") + parts
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', clock.iso(moment), figures.local(moment), text
    )
