"""Lists kept by name: any list page shows them with one tag."""

from typing import Any

from django import template

from emobi.core.services import saved_views as services

register = template.Library()


@register.inclusion_tag("dashboard/_saved_views.html", takes_context=True)
def saved_views(context: dict[str, Any], page: str) -> dict[str, Any]:
    """One's own and shared views of the list whose URL is named ``page``, and a form that keeps this one.

    One query. What is kept is what stands in the list's address, but for where its page begins.
    """
    access = context["access"]
    asked = context["request"].GET.copy()
    asked.pop("after", None)
    return {
        "access": access,
        "csrf_token": context.get("csrf_token"),
        "page": page,
        "list_url": f"dashboard:{page}",
        "query": asked.urlencode(),
        "views": [] if access.wall else list(services.of(access.network, access.user, page)),
    }
