"""Lists kept by name: any list page shows them with one tag."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def saved_views(context: dict[str, Any], page: str, of: str = "") -> SafeString:
    """Where the views of the list whose URL is named ``page`` come: fetched when the list is there.

    Of a list that each of several things has, ``of`` is the one that is looked at; its views fit the others.
    """
    if context["access"].wall:
        return format_html("")
    return format_html(
        '<div class="saved-views" id="saved-views" hx-get="{}?{}" hx-trigger="load"'
        ' hx-swap="outerHTML"></div>',
        reverse("dashboard:saved-views", args=[page, of] if of else [page]),
        context["request"].GET.urlencode(),
    )
