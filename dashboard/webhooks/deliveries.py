"""Deliveries: the list of an endpoint's, one of them with its attempts, and delivering again."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard import filters
from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.bulk import actions
from dashboard.found import or_404
from emobi.core import clock, cloudevents
from emobi.core.errors import Invalid, Refused
from webhooks import selectors
from webhooks.models import DeliveryState, Endpoint
from webhooks.services import deliveries

PAGE = 50
LARGEST_ID = 2**63 - 1
FIELDS = ("state", "type", "station", "id", "since", "until")
STATES = DeliveryState.choices


def listing(request: HttpRequest, endpoint: Endpoint) -> dict[str, Any]:
    """A page of an endpoint's deliveries, by the query string."""
    query = {name: request.GET.get(name, "").replace("\0", "").strip() for name in FIELDS}
    query |= {name: query[name] if filters.time(query[name]) else "" for name in ("since", "until")}
    query["state"] = query["state"] if query["state"] in DeliveryState.values else ""
    types, problem = None, ""
    if query["type"]:
        try:
            types = cloudevents.types(query["type"])
        except Invalid as error:
            problem = str(error)
    before = request.GET.get("before", "")
    found = list(
        selectors.deliveries(
            endpoint,
            state=DeliveryState(query["state"]) if query["state"] else None,
            types=types,
            station=query["station"] or None,
            event_id=query["id"] or None,
            since=filters.time(query["since"]),
            until=filters.time(query["until"]),
            before=_id(before),
        )[: PAGE + 1]
    )
    rest = urlencode({name: value for name, value in query.items() if value})
    return {
        "query": query,
        "problem": problem,
        "states": STATES,
        "deliveries": found[:PAGE],
        "older": f"?{rest}&before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "narrowed": bool(rest),
        "narrowed_to": _narrowed_to(request),
    }


def _narrowed_to(request: HttpRequest) -> str:
    """The query of the page of the list that is shown; "" for the whole of it."""
    given = urlencode({name: text for name in (*FIELDS, "before") if (text := request.GET.get(name))})
    return f"?{given}" if given else ""


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID else None


@require_safe
@viewer
def delivery(request: HttpRequest, access: Access, delivery_id: int) -> HttpResponse:
    """One, with its event and its attempts."""
    if delivery_id > LARGEST_ID:
        raise Http404
    found = or_404(selectors.delivery, access.network, delivery_id)
    envelope = cloudevents.envelope(found.event, access.network.slug)
    context = {
        "section": "webhooks",
        "delivery": found,
        "endpoint": found.endpoint,
        "attempts": found.tries.order_by("-pk"),
        "payload": json.dumps(envelope, indent=2, ensure_ascii=False),
    }
    return page(request, access, "dashboard/webhooks/delivery.html", context)


@require_POST
@operator
def redeliver(request: HttpRequest, access: Access, delivery_id: int) -> HttpResponse:
    """Deliver one again."""
    if delivery_id > LARGEST_ID:
        raise Http404
    found = or_404(selectors.delivery, access.network, delivery_id)
    try:
        deliveries.redeliver(found, by=access.actor, address=client_address(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is delivered again, with the id that it had.")
    return redirect("dashboard:webhook-delivery", delivery_id)


@require_POST
@operator
def replay(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """Deliver again what was selected, or, looked over first, what failed (or happened) since a time.

    The list stays narrowed as it was.
    """
    found = or_404(selectors.endpoint, access.network, webhook_id)
    by: dict[str, Any] = {"by": access.actor, "address": client_address(request)}
    try:
        if request.POST.get("what") == "selected":
            ids = [one for text in request.POST.getlist("delivery")[:500] if (one := _id(text)) is not None]
            if not ids:
                raise Invalid("Select a delivery.", "delivery")
            count = deliveries.redeliver_many(found, ids, **by)
        else:
            wanted = _wanted(request)
            total = deliveries.to_replay(found, **wanted)
            typed = request.POST.get("typed", "")
            if "until" not in request.POST or not actions.confirmed(total, typed, risky=False):
                return _review(request, access, found, wanted, total)
            count = deliveries.replay(found, **wanted, **by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Delivered again: {count}, each with the id that it had.")
    return redirect(reverse("dashboard:webhook", args=[webhook_id]) + _narrowed_to(request))


def _wanted(request: HttpRequest) -> dict[str, Any]:
    """What is to be delivered again, as `deliveries.replay` takes it: until now, or until it was looked over.

    Raises:
        Invalid: If it isn't said since when.
    """
    now, since = clock.now(), filters.time(request.POST.get("since", ""))
    if since is None:
        raise Invalid("Say since when.", "since")
    return {
        "since": max(since, now - deliveries.KEPT_FOR + timedelta(minutes=1)),
        "until": filters.time(request.POST.get("until", "")) or now,
        "only_dead": request.POST.get("what") != "everything",
    }


def _review(
    request: HttpRequest, access: Access, endpoint: Endpoint, wanted: dict[str, Any], total: int
) -> HttpResponse:
    """How many it is, and the button; with many their number is typed."""
    wrong = f"Type {total} to confirm." if "until" in request.POST else ""
    context = {
        "section": "webhooks",
        "endpoint": endpoint,
        **wanted,
        "total": total,
        "typed": not actions.confirmed(total, "", risky=False),
        "refusal": wrong,
        "narrowed_to": _narrowed_to(request),
    }
    return page(request, access, "dashboard/webhooks/replay.html", context, status=422 if wrong else 200)
