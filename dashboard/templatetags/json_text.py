"""Frames of the message log in templates."""

from django import template

from dashboard.messages import json_view
from dashboard.messages.frame_words import DIRECTIONS, KINDS
from stations.models import Direction, Frame, Kind

register = template.Library()

register.filter("pretty", json_view.pretty)


@register.simple_tag
def frame_title(frame: Frame) -> str:
    """What kind of frame it is, and which way it went: CALL from the station."""
    return f"{KINDS[Kind(frame.kind)].word} {DIRECTIONS[Direction(frame.direction)][2]}"
