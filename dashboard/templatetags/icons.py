"""Icons as inline SVG: Lucide's for things, our own glyphs (`dashboard/_glyphs.html`) for states."""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard.statuses import Group, Shown

register = template.Library()

_SVG = "{http://www.w3.org/2000/svg}"


@register.simple_tag
@cache
def icon(name: str, size: int = 16) -> SafeString:
    """An icon that says nothing which isn't said in words beside it.

    Raises:
        KeyError: If Lucide has none of that name.
    """
    svg = ElementTree.fromstring(_lucide().read(f"{name}.svg"))
    for node in svg.iter():
        node.tag = node.tag.removeprefix(_SVG)
    side = str(size)
    svg.attrib |= {
        "width": side,
        "height": side,
        "class": "icon",
        "aria-hidden": "true",
        "focusable": "false",
    }
    return mark_safe(ElementTree.tostring(svg, encoding="unicode"))


@cache
def _lucide() -> ZipFile:
    """All icons. Lucide's own tag opens the archive for each, which took a process's first pages a second."""
    return ZipFile(BytesIO(resources.files("lucide").joinpath("lucide.zip").read_bytes()))


# What states look like is asked for hundreds of times a page, and always for the same few.
_DIFFERENT = 2048


@register.simple_tag
@lru_cache(_DIFFERENT)
def glyph(status: str) -> SafeString:
    """The shape of a state; its word stands beside it."""
    return format_html('<svg class="glyph" aria-hidden="true"><use href="#g-{}"></use></svg>', status)


@register.simple_tag
@lru_cache(_DIFFERENT)
def status(shown: Shown, field: str = "", css: str = "") -> SafeString:
    """A state: shape and word. With ``field`` a live page changes it."""
    return format_html(
        '<span class="status {}" data-status="{}"{}>{}<span class="word">{}</span></span>',
        css,
        shown.status,
        format_html(' data-f="{}"', field) if field else "",
        glyph(shown.status),
        shown.word,
    )


@register.simple_tag
def strip(groups: Sequence[Group]) -> SafeString:
    """The connectors of a station: those of one state together."""
    return mark_safe("".join(_group(group) for group in groups)) if groups else _NONE


@lru_cache(_DIFFERENT)
def _group(group: Group) -> SafeString:
    return format_html(
        '<span class="status" data-status="{}">{}<span class="count-word{}">{}</span>'
        '<span class="word">{}</span></span>',
        group.shown.status,
        mark_safe(glyph(group.shown.status) * len(group.glyphs)),
        " sr" if group.count == len(group.glyphs) else "",
        f"{group.count} " if group.count > 1 else "",
        group.shown.word,
    )


_NONE = mark_safe('<span class="muted">–</span>')
