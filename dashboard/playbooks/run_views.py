"""One run of a playbook: its steps as they go, and what people do about it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from emobi.core.errors import Refused
from stations import playbook_selectors
from stations.models import PlaybookRun, RunState, RunStep
from stations.services.playbooks import interventions

WITH_REASON: Mapping[str, Callable[..., PlaybookRun]] = {
    "refuse": interventions.refuse,
    "cancel": interventions.cancel,
    "take-over": interventions.take_over,
}


@require_safe
@viewer
def run(request: HttpRequest, access: Access, run_id: str) -> HttpResponse:
    """The page."""
    return page(request, access, "dashboard/playbooks/run.html", _context(access, run_id))


@require_safe
@viewer
def progress(request: HttpRequest, access: Access, run_id: str) -> HttpResponse:
    """Its steps alone, asked for every two seconds while it is open."""
    return page(request, access, "dashboard/playbooks/_progress.html", _context(access, run_id))


@require_POST
@operator
def intervene(request: HttpRequest, access: Access, run_id: str, what: str) -> HttpResponse:
    """Approve, refuse, cancel, take over, try again from a step."""
    found = or_404(interventions.get, access.network, run_id)
    how: dict[str, Any] = {"by": access.actor, "address": client_address(request)}
    if what in ("approve", "refuse"):
        # A page may have stood open since another question.
        how["question"] = request.POST.get("question")
    try:
        if what == "approve":
            interventions.approve(found, **how)
        elif what == "retry":
            index = request.POST.get("index", "0")
            interventions.retry(found, index=int(index) if index.isdecimal() and len(index) < 5 else 0, **how)
        elif what in WITH_REASON:
            reason = request.POST.get("reason", "").replace("\0", "").strip()[:200]
            WITH_REASON[what](found, reason=reason, **how)
        else:
            raise Http404("There is no such thing to do.")
    except Refused as error:
        messages.error(request, str(error))
    return redirect("dashboard:playbook-run", run_id)


def _context(access: Access, run_id: str) -> dict[str, Any]:
    runs = playbook_selectors.with_steps(playbook_selectors.runs(access.network))
    found = runs.filter(pk=run_id).first()
    if found is None:
        raise Http404("There is no such run.")
    steps = [
        {
            "step": step,
            "inputs": _text(step.inputs),
            "outputs": _text(step.outputs),
            "query": _query(found, step),
        }
        for step in found.steps.all()
    ]
    return {
        "section": "playbooks",
        "run": found,
        "open": RunState(found.state).open,
        "asks": found.state == RunState.NEEDS_APPROVAL,
        "steps": steps,
        "all_steps": [
            (index, each.label or each.do) for index, each in enumerate(found.version.definition.steps)
        ],
        "cause": _text(found.cause["data"]),
    }


def _query(run: PlaybookRun, step: RunStep) -> str:
    """What finds its command's message in the log."""
    message_id = step.command.message_id if step.command else ""
    return f'station:"{run.station.identity}" id:"{message_id}"' if message_id else ""


def _text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) if value else ""
