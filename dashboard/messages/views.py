"""The message log."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.filters import MessageFilter
from dashboard.found import or_404
from dashboard.messages import frame_words, message_list


@require_safe
@viewer
def message_log(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    context = _listing(request, access) | {"actions": frame_words.ACTIONS}
    return page(request, access, "dashboard/messages/list.html", context)


@require_safe
@viewer
def message_rows_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The list alone; where another filter was chosen the browser's address follows."""
    context = _listing(request, access)
    response = page(request, access, "dashboard/messages/_list.html", context)
    if request.headers.get("HX-Trigger") == "filters":
        response["HX-Push-Url"] = reverse("dashboard:messages") + context["filter"].query
    return response


@require_safe
@viewer
def message(request: HttpRequest, access: Access, frame_id: int) -> HttpResponse:
    """One exchange: the frame beside what answered it, and what was said around it."""
    row = or_404(message_list.exchange, access.network, frame_id)
    context = {"row": row, "neighbours": message_list.neighbours(row), "section": "messages"}
    return page(request, access, "dashboard/messages/message.html", context)


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    wanted = MessageFilter.read(request.GET.dict())
    return {
        "filter": wanted,
        "listing": message_list.page(access.network, wanted),
        "retention_days": settings.EMOBI_MESSAGE_RETENTION_DAYS,
        "first": wanted.from_("") if wanted.after else None,
        "section": "messages",
    }
