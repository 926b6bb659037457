"""The message log."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard import file_rows
from dashboard.access import Access, operator, page, part, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.live import log_tail
from dashboard.messages import (
    frame_words,
    live_search,
    log_delay,
    message_list,
    message_search,
    one_message,
)
from dashboard.messages.message_search import MessageSearch
from dashboard.saved_views.defaults import opens_by_default
from emobi.core import unit_of_work
from emobi.core.errors import NotFound
from emobi.core.services import audit


@require_safe
@viewer
@opens_by_default("messages")
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
        response["HX-Push-Url"] = reverse("dashboard:messages") + context["search"].query
    return response


@require_safe
@viewer
def volume_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """How many messages there were: counted after the page is there, as it may take a while."""
    search = MessageSearch.read(request.GET.dict())
    context = {
        "section": "messages",
        "boxed": True,
        "volume": message_list.volume(access.network, search),
        "search": search,
        # What a brush adds its times to.
        "rest": message_search.timeless(search).written,
    }
    return part(request, access, "dashboard/messages/_volume.html", context, "How many messages")


@require_safe
@viewer
def live(request: HttpRequest, access: Access) -> HttpResponse:
    """The newest messages of all stations as they come, or those that a search finds by what is followed."""
    asked = MessageSearch.read(request.GET.dict())
    search = live_search.followed(asked)
    context = {
        "lines": message_list.newest_of(access.network, search),
        "topic": log_tail.topic(search),
        "search": search,
        "problems": message_search.wanted(access.network, search)[1],
        "left_out": live_search.left_out(asked),
        "actions": frame_words.ACTIONS,
        "section": "messages",
    }
    return page(request, access, "dashboard/messages/live.html", context)


@require_safe
@viewer
def export(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse:
    """All that the search finds, as a file that is named for it."""
    search = MessageSearch.read(request.GET.dict())
    read = partial(message_list.exported, access.network, search)
    return file_rows.answer(
        request,
        access,
        kind,
        message_list.EXPORT_COLUMNS,
        read,
        "messages",
        access.network.slug,
        search.written,
    )


@require_safe
@viewer
def message(request: HttpRequest, access: Access, frame_id: int) -> HttpResponse:
    """One exchange: the frame beside what answered it, and what was said around it."""
    return _message(request, access, frame_id, revealed=False)


@require_POST
@operator
def reveal(request: HttpRequest, access: Access, frame_id: int) -> HttpResponse:
    """The same with its id tokens in full, once, for a reason that goes to the audit log."""
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:200]
    if len(reason) < one_message.SHORTEST_REASON:
        return _message(
            request, access, frame_id, revealed=False, error="Say why, in a few words.", status=422
        )
    row = or_404(message_list.exchange, access.network, frame_id)
    with unit_of_work.begin():
        audit.record(
            access.network.pk,
            access.actor,
            "message.revealed",
            row.station.identity if row.station else "",
            {"message": str(row.frame.pk), "action": row.frame.action, "reason": reason},
            address=client_address(request),
        )
    return _message(request, access, frame_id, revealed=True)


def _message(
    request: HttpRequest, access: Access, frame_id: int, *, revealed: bool, error: str = "", status: int = 200
) -> HttpResponse:
    row = or_404(message_list.exchange, access.network, frame_id)
    other = request.GET.get("diff", "")[:400]
    compared, diff_error = None, ""
    try:
        compared = one_message.compared(access.network, row, other) if other else None
    except NotFound as missing:
        diff_error = str(missing)
        status = 404
    context: dict[str, Any] = {
        "row": row,
        "sides": one_message.sides(row, revealed=revealed),
        "masked": one_message.masked(row),
        "can_reveal": one_message.hides(row) and not revealed,
        "revealed": revealed,
        "reveal_error": error,
        "compared": compared,
        "diff": other,
        "diff_error": diff_error,
        "neighbours": message_list.neighbours(row),
        "curl": one_message.curl(row, request.build_absolute_uri("/")),
        "section": "messages",
    }
    return page(request, access, "dashboard/messages/message.html", context, status=status)


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    search = MessageSearch.read(request.GET.dict())
    return {
        "search": search,
        "listing": message_list.page(access.network, search),
        "retention_days": settings.EMOBI_MESSAGE_RETENTION_DAYS,
        "live": live_search.followed(search).query,
        "first": search.from_("") if search.after else None,
        "delay": log_delay.of(access.network),
        "section": "messages",
    }
