"""Charging sessions: the list, and one of them with its plots, its story and its readings."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from dashboard import file_rows, zones
from dashboard.access import Access, page, viewer
from dashboard.charging import (
    session_flags,
    session_plots,
    session_profiles,
    session_readings,
    session_rows,
    session_standing,
    session_story,
)
from dashboard.charging.session_search import SessionSearch
from dashboard.commands import command_words
from dashboard.found import or_404
from dashboard.saved_views.defaults import opens_by_default
from sessions import selectors
from sessions.models import ChargingSession, SessionState


@require_safe
@viewer
@opens_by_default("charging-sessions")
def session_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    return page(request, access, "dashboard/charging/list.html", _listing(request, access))


@require_safe
@viewer
def session_rows_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The list alone; where another filter was chosen the browser's address follows."""
    context = _listing(request, access)
    response = page(request, access, "dashboard/charging/_list.html", context)
    if request.headers.get("HX-Trigger") == "filters":
        response["HX-Push-Url"] = reverse("dashboard:charging-sessions") + context["search"].query
    return response


@require_safe
@viewer
def export(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse:
    """All that the filter finds, as a file that is named for it; tokens by their end below operators."""
    search = SessionSearch.read(request.GET.dict())
    read = partial(session_rows.exported, access.network, search, whole=access.may_operate)
    return file_rows.answer(
        request,
        access,
        kind,
        session_rows.EXPORT_COLUMNS,
        read,
        "sessions",
        access.network.slug,
        search.written,
    )


@require_safe
@viewer
def session_page(request: HttpRequest, access: Access, session_id: str) -> HttpResponse:
    """One session."""
    return page(request, access, "dashboard/charging/session.html", _session(access, session_id))


@require_safe
@viewer
def session_fragment(request: HttpRequest, access: Access, session_id: str) -> HttpResponse:
    """All of it but the frame, drawn anew: its state changed."""
    return page(request, access, "dashboard/charging/_session.html", _session(access, session_id))


@require_safe
@viewer
def readings(request: HttpRequest, access: Access, session_id: str, kind: str) -> StreamingHttpResponse:
    """Its meter's readings as a file: a row a sampled value."""
    session = or_404(selectors.charging_session, access.network, session_id)
    read = partial(session_readings.exported, session)
    return file_rows.answer(request, access, kind, session_readings.COLUMNS, read, "readings", session.pk)


@require_safe
@viewer
def signed(request: HttpRequest, access: Access, session_id: str) -> HttpResponse:
    """What its meter signed, as it came: for the transparency software that checks it."""
    session = or_404(selectors.charging_session, access.network, session_id)
    found = session_readings.signed(session)
    if not found:
        raise Http404("Its meter signed nothing.")
    answer = JsonResponse(
        {"session_id": session.pk, "transaction_id": session.transaction_id, "signed": found}
    )
    answer["Content-Disposition"] = f'attachment; filename="signed-{session.pk}.json"'
    return answer


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    search = SessionSearch.read(request.GET.dict())
    listing = session_rows.page(access.network, search)
    return {
        "search": search,
        "listing": listing,
        "topic": session_standing.topic(search, listing.rows),
        "states": SessionState.choices,
        "flags": [(name, flag.word) for name, flag in session_flags.FLAGS.items()],
        "first": search.from_("") if search.after else None,
        "section": "sessions",
    }


def _session(access: Access, session_id: str) -> dict[str, Any]:
    session = or_404(selectors.charging_session, access.network, session_id)
    zones.enter(access.preferences, session.station)
    values = session_plots.readings(session)
    found = session_story.events(session)
    profiles = session_profiles.known(session)
    shown, sentence = session_story.banner(session, session_story.stop_under_way(session))
    return {
        "session": session,
        "row": session_rows.of([session])[0],
        "shape": session_rows.shape(session),
        "banner": shown,
        "sentence": sentence,
        "plots": session_plots.of(session, values, profiles),
        "timeline": session_story.timeline(found),
        "evidence": session_story.evidence(session, found),
        "readings": session_readings.table(values),
        "has_signed": session_readings.has_signed(values),
        "in_force": session_profiles.in_force(profiles) if profiles else None,
        "may_limit": access.may_operate and session.state == SessionState.ACTIVE and bool(session.evse_id),
        "actions": _actions(session) if access.may_operate else [],
        "section": "sessions",
    }


def _actions(session: ChargingSession) -> list[tuple[str, str, str]]:
    """What may be asked of its station now: the command's name, its title, and the form's query."""
    if session.state != SessionState.ACTIVE:
        return []
    place = {"evse_id": session.evse_id or "", "connector_id": session.connector_id or ""}
    offered = (("remote_stop", {"session_id": session.pk}), ("unlock", place))
    return [
        (name, command_words.title(name), urlencode(query))
        for name, query in offered
        if name in command_words.WORDS
    ]
