"""Playbooks: the list with the kill switch, one of them, its editor, and what it would have done."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, engineer, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.playbooks import new_playbook, step_cards, yaml_text
from emobi.core import events, storable_json
from emobi.core.errors import Invalid, Refused
from stations import playbook_selectors
from stations.models import Playbook
from stations.playbooks import definition
from stations.playbooks.steps import KINDS
from stations.services.playbooks import playbooks, simulating, switches

SECTION = "playbooks"
RUNS = 25
MOST_IMAGINED = 200
LONGEST_JSON = 100_000


def playbook_list(request: HttpRequest) -> HttpResponseBase:
    """All of a network: read by all, added to by engineers."""
    return _make(request) if request.method == "POST" else _show(request)


@require_safe
@viewer
def _show(request: HttpRequest, access: Access) -> HttpResponse:
    archived = request.GET.get("archived") == "yes"
    return page(request, access, "dashboard/playbooks/list.html", _listing(access, archived=archived))


@require_POST
@engineer
def _make(request: HttpRequest, access: Access) -> HttpResponse:
    sent = _sent(request)
    try:
        made = new_playbook.make(
            access.network,
            sent.get("name", ""),
            sent.get("like", ""),
            by=access.actor,
            address=client_address(request),
        )
    except Refused as error:
        context = _listing(access) | {"refusal": str(error), "sent": sent}
        return page(request, access, "dashboard/playbooks/list.html", context, 422)
    messages.success(request, "It is off, and a dry run, until you let it act.")
    return redirect("dashboard:playbook-edit", made.slug)


def _listing(access: Access, *, archived: bool = False) -> dict[str, Any]:
    """All of a network that are in use, or those that are archived, and its newest runs."""
    found = list(playbook_selectors.playbooks(access.network, archived=archived))
    versions = playbook_selectors.current_versions(found)
    records = playbook_selectors.records(found)
    rows = [
        {
            "playbook": each,
            "version": versions[each.pk],
            "scope": _scope(versions[each.pk].definition.scope),
            "record": records[each.pk],
        }
        for each in found
    ]
    return {
        "section": SECTION,
        "rows": rows,
        "archived": archived,
        "halt": playbook_selectors.halt(access.network),
        "runs": playbook_selectors.runs(access.network)[:RUNS],
    }


def _scope(scope: definition.Scope) -> str:
    return ", ".join((*scope.sites, *scope.tags, *scope.models))


@require_POST
@operator
def switch(request: HttpRequest, access: Access) -> HttpResponse:
    """The kill switch of the network."""
    stopped = request.POST.get("stopped") == "yes"
    switches.switch(
        access.network,
        stopped=stopped,
        reason=request.POST.get("reason", "").replace("\0", "").strip(),
        by=access.actor,
        address=client_address(request),
    )
    messages.success(request, "Playbooks are stopped." if stopped else "Playbooks work again.")
    return redirect("dashboard:playbooks")


@require_safe
@viewer
def playbook(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """One playbook: what it does, its versions, its runs."""
    found = or_404(playbooks.get, access.network, slug)
    number = request.GET.get("version", "")
    version = or_404(
        playbooks.version, found, int(number) if number.isdecimal() and len(number) < 9 else None
    )
    record = playbook_selectors.records([found])[found.pk]
    context = {
        "section": SECTION,
        "playbook": found,
        "version": version,
        "definition": version.definition,
        "steps": step_cards.cards(version.written["steps"]),
        "yaml": yaml_text.dumped(version.written),
        "versions": playbook_selectors.versions(found)[:RUNS],
        "record": record,
        "why_kept": playbooks.why_kept(found, record.open + sum(record.ends.values())),
        "runs": playbook_selectors.runs(access.network, playbook=found)[:RUNS],
        "halt": playbook_selectors.halt(access.network),
    }
    return page(request, access, "dashboard/playbooks/playbook.html", context)


@require_POST
@engineer
def change(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """Enable it, disable it, let it act."""
    found = or_404(playbooks.get, access.network, slug)
    wanted = {name: request.POST[name] == "yes" for name in ("enabled", "dry_run") if name in request.POST}
    try:
        playbooks.change(found, wanted, by=access.actor, address=client_address(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:playbook", slug)


@require_POST
@engineer
def archive(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """Put it away, with what it did."""
    found = or_404(playbooks.get, access.network, slug)
    or_404(playbooks.archive, found, by=access.actor, address=client_address(request))
    messages.success(request, f"{found.name} is archived.")
    return redirect("dashboard:playbook", slug)


@require_POST
@engineer
def restore(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """Take it out of the archive."""
    found = or_404(playbooks.get, access.network, slug)
    or_404(playbooks.restore, found, by=access.actor, address=client_address(request))
    messages.success(request, f"{found.name} is in use again, and off until you switch it on.")
    return redirect("dashboard:playbook", slug)


@require_POST
@engineer
def delete(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """Delete one that was never at work."""
    found = or_404(playbooks.get, access.network, slug)
    try:
        playbooks.delete(found, by=access.actor, address=client_address(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dashboard:playbook", slug)
    messages.success(request, f"{found.name} is deleted.")
    return redirect("dashboard:playbooks")


@engineer
def edit(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """Its steps as cards that are moved with buttons; saved as a new version."""
    found = or_404(playbooks.get, access.network, slug)
    current = playbooks.version(found)
    written, refusal, note, seen = current.written, "", "", current.number
    if request.method == "POST":
        sent = _sent(request)
        note, seen = sent.get("note", ""), _seen(sent, current.number)
        try:
            written, wrong = step_cards.read(sent, written)
            move = sent.get("move", "")
            if move:
                written = {**written, "steps": step_cards.moved(written["steps"], move)}
            elif wrong:
                raise wrong[0]
            else:
                return _save(request, access, found, written, note, seen)
        except Refused as error:
            refusal = str(error)
    return _editor(request, access, found, written, refusal, note, seen)


@engineer
def edit_json(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """The same as text."""
    found = or_404(playbooks.get, access.network, slug)
    current = playbooks.version(found)
    text, refusal, seen = json.dumps(current.written, indent=2), "", current.number
    if request.method == "POST":
        sent = _sent(request)
        text, seen = sent.get("text", "")[:LONGEST_JSON], _seen(sent, current.number)
        try:
            return _save(request, access, found, _object(text), sent.get("note", ""), seen)
        except Refused as error:
            refusal = str(error)
    context = {"section": SECTION, "playbook": found, "text": text, "refusal": refusal, "seen": seen}
    status = 422 if refusal else 200
    return page(request, access, "dashboard/playbooks/json.html", context, status)


@require_safe
@operator
def simulate(request: HttpRequest, access: Access, slug: str) -> HttpResponse:
    """What it would have done in the last days."""
    found = or_404(playbooks.get, access.network, slug)
    told = simulating.simulate(access.network, playbooks.version(found).definition, hours=168)
    context = {
        "section": SECTION,
        "playbook": found,
        "told": told,
        "counts": [(fate.replace("_", " "), count) for fate, count in told.counts.items()],
        "imagined": told.imagined[::-1][:MOST_IMAGINED],
    }
    return page(request, access, "dashboard/playbooks/simulation.html", context)


def _sent(request: HttpRequest) -> dict[str, str]:
    return {name: str(text).replace("\0", "") for name, text in request.POST.dict().items()}


def _object(text: str) -> dict[str, Any]:
    try:
        found = storable_json.read(text)
    except ValueError as error:
        raise Invalid(f"This isn't JSON: {error}.", "text") from error
    if not isinstance(found, dict):
        raise Invalid("A playbook is a JSON object.", "text")
    return found


def _seen(sent: dict[str, str], current: int) -> int:
    seen = sent.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 9 else current


def _save(
    request: HttpRequest, access: Access, found: Playbook, written: dict[str, Any], note: str, seen: int
) -> HttpResponse:
    made = playbooks.add_version(
        found, written, expected=seen, note=note.strip(), by=access.actor, address=client_address(request)
    )
    messages.success(request, f"Version {made.number} is what new runs follow.")
    return redirect("dashboard:playbook", found.slug)


def _editor(
    request: HttpRequest,
    access: Access,
    found: Playbook,
    written: dict[str, Any],
    refusal: str,
    note: str,
    seen: int,
) -> HttpResponse:
    defaults = definition.GuardRails()
    rails = written.get("guard_rails", {})
    context = {
        "section": SECTION,
        "playbook": found,
        "cards": step_cards.cards(written["steps"]),
        "kinds": [(do, getattr(kind, "title", do)) for do, kind in KINDS.items()],
        "types": [name for name in events.TYPES if not name.startswith("playbook.")],
        "event": written["trigger"]["event"],
        "where": step_cards.as_json(written["trigger"].get("where", [])),
        "goal": step_cards.as_json(written["goal"]),
        "scope": {name: ", ".join(words) for name, words in written.get("scope", {}).items()},
        "rails": {
            name: rails.get(name, getattr(defaults, name))
            for name in definition.GuardRails.__dataclass_fields__
        },
        "interrupts": list(definition.Interrupts),
        "needs_approval": written.get("needs_approval", False),
        "refusal": refusal,
        "note": note,
        "seen": seen,
    }
    return page(request, access, "dashboard/playbooks/edit.html", context, 422 if refusal else 200)
