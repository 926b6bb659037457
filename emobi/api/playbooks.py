"""`/playbooks`: what is done when a station is ill, in versions; the kill switch; what would have been."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging, playbook_runs
from emobi.api.fields import Time, body
from emobi.core.models import Network, Role
from stations import playbook_selectors, selectors
from stations.models import Playbook, PlaybookVersion
from stations.playbook_selectors import Record
from stations.playbooks import definition
from stations.services.playbooks import interventions, playbooks, simulating, switches

router = Router(tags=["playbooks"])

EXAMPLE: dict[str, Any] = {
    "trigger": {"event": "station.fault"},
    "goal": [{"fact": "evse.faulted", "value": False}],
    "steps": [
        {"do": "command", "command": "reset", "params": {"type": "Immediate"}},
        {"do": "wait", "timeout_s": 180},
    ],
}
_ABOUT = "Trigger, scope, goal, guard rails and steps: see docs/playbooks.md."
Definition = Annotated[dict[str, Any], Field(description=_ABOUT)]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, Field(max_length=2000)]


class PlaybookIn(BaseModel):
    """A new playbook."""

    model_config = body({"slug": "restart-when-ill", "definition": EXAMPLE})

    slug: str = Field(max_length=48, pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: Name | None = None
    description: Words = ""
    enabled: bool = False
    dry_run: bool = True
    definition: Definition


class PlaybookChanges(BaseModel):
    """What is changed; the rest stays."""

    model_config = body({"enabled": True, "dry_run": True})

    name: Name | None = None
    description: Words | None = None
    enabled: bool | None = None
    dry_run: bool | None = None


class PlaybookVersionIn(BaseModel):
    """What it does from its next run on."""

    model_config = body({"definition": {**EXAMPLE, "needs_approval": True}, "note": "Ask first."})

    definition: Definition
    note: str = Field("", max_length=300)
    expected_version: int | None = Field(
        None,
        ge=1,
        le=2**31 - 1,
        description="The version that you have seen; a newer one is a 409.",
    )


class PlaybookVersionOut(BaseModel):
    """A version; it never changes."""

    version: int
    definition: dict[str, Any]
    note: str | None
    created_by: str
    created_at: Time


class PlaybookOut(BaseModel):
    """A playbook, and how it has done so far."""

    playbook: str = Field(description="Its slug.")
    name: str
    description: str | None
    enabled: bool = Field(description="Whether events start it.")
    dry_run: bool = Field(description="It only notes what it would do.")
    shipped: bool = Field(
        description="Every network has it: it can be switched off or archived, not deleted."
    )
    archived_at: Time | None = Field(description="Null: it is in use, be it switched off.")
    version: int
    trigger: str = Field(description="The type of event that starts it.")
    definition: dict[str, Any]
    open_runs: int
    ends: dict[str, int] = Field(description="By state, how many of its runs ended in it.")
    success_rate: float | None = Field(description="0 to 1: `succeeded` of what wasn't cancelled or dry.")
    last_run_at: Time | None


class KillSwitchIn(BaseModel):
    """Stop all playbooks of the network, or let them work again."""

    model_config = body({"stopped": True, "reason": "Work on the grid."}, {"stopped": False})

    stopped: bool
    reason: str = Field("", max_length=300)


class KillSwitchOut(BaseModel):
    """Whether playbooks may do anything."""

    stopped: bool
    of_all_networks: bool = Field(description="Stopped for all networks, by who runs Emobi.")
    reason: str | None
    changed_by: str | None
    changed_at: Time | None


class SimulationIn(BaseModel):
    """What is to be tried on the past."""

    model_config = body({"hours": 24}, {"definition": EXAMPLE})

    hours: int = Field(168, ge=1, le=168)
    definition: Annotated[dict[str, Any] | None, Field(description="Null: its current version.")] = None


class ImaginedRunOut(BaseModel):
    """An event that fits, and what it would have come to."""

    event_id: str
    sequence: str
    at: Time
    station: str
    fate: simulating.Fate
    why: str | None


class SimulationOut(BaseModel):
    """What would have been; nothing was done."""

    since: Time
    events: int = Field(description="Events of the trigger's type that were looked at.")
    complete: bool = Field(description="Whether that were all of them.")
    run_lasts_s: int = Field(description="How long each run was taken to last, at most.")
    counts: dict[str, int]
    runs: list[ImaginedRunOut] = Field(description="The first 500.")


class StartIn(BaseModel):
    """What the run is about."""

    model_config = body({"evse_id": 1})

    evse_id: int | None = Field(None, ge=1, le=9999)
    session_id: str | None = Field(None, max_length=26)


def shown(playbook: Playbook, version: PlaybookVersion, record: Record) -> dict[str, Any]:
    """A playbook as the API shows it."""
    return {
        "playbook": playbook.slug,
        "name": playbook.name,
        "description": playbook.description or None,
        "enabled": playbook.enabled,
        "dry_run": playbook.dry_run,
        "shipped": playbooks.is_shipped(playbook),
        "archived_at": playbook.archived_at,
        "version": version.number,
        "trigger": version.event,
        "definition": version.written,
        "open_runs": record.open,
        "ends": record.ends,
        "success_rate": record.success_rate,
        "last_run_at": record.last_run_at,
    }


def _one(playbook: Playbook) -> dict[str, Any]:
    record = playbook_selectors.records([playbook])[playbook.pk]
    return shown(playbook, playbooks.version(playbook), record)


def _version(version: PlaybookVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "definition": version.written,
        "note": version.note or None,
        "created_by": version.created_by,
        "created_at": version.created_at,
    }


def _halt(network: Network) -> dict[str, Any]:
    halt = playbook_selectors.halt(network)
    return {
        "stopped": halt.stopped,
        "of_all_networks": halt.of_all,
        "reason": halt.reason or None,
        "changed_by": halt.changed_by or None,
        "changed_at": halt.changed_at,
    }


@router.get("", response=paging.Page[PlaybookOut], summary="Playbooks, by name")
def list_playbooks(
    request: HttpRequest,
    archived: Annotated[bool, Query(description="Those that are archived, and no others.")] = False,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Each with how it has done; archived ones only if they are asked for."""
    found = playbook_selectors.playbooks(auth.network_of(request), archived=archived)
    after = paging.decode(cursor)
    if after is not None:
        last = found.filter(slug=after).first()
        if last is None:
            raise paging.invalid()
        found = playbook_selectors.after(found, last)
    page = paging.page(found, limit, key=lambda each: each.slug, shown=lambda each: {"playbook": each})
    on_page = [item["playbook"] for item in page["items"]]
    versions = playbook_selectors.current_versions(on_page)
    records = playbook_selectors.records(on_page)
    return page | {"items": [shown(each, versions[each.pk], records[each.pk]) for each in on_page]}


@router.post("", response={201: PlaybookOut}, summary="Make a playbook")
def create_playbook(request: HttpRequest, body: PlaybookIn) -> Status[dict[str, Any]]:
    """Needs the role engineer. It begins disabled, and as a dry run, unless you say otherwise."""
    key = auth.demand(request, Role.ENGINEER)
    playbook = playbooks.create(
        key.network,
        body.slug,
        body.definition,
        name=body.name or "",
        description=body.description,
        enabled=body.enabled,
        dry_run=body.dry_run,
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, _one(playbook))


@router.get("/kill-switch", response=KillSwitchOut, summary="The kill switch")
def read_kill_switch(request: HttpRequest) -> dict[str, Any]:
    """Whether playbooks may do anything in this network."""
    return _halt(auth.network_of(request))


@router.post("/kill-switch", response=KillSwitchOut, summary="Stop all playbooks, or release them")
def switch_playbooks(request: HttpRequest, body: KillSwitchIn) -> dict[str, Any]:
    """Needs the role operator. Within seconds open runs end, and what waits for its station is taken back."""
    key = auth.demand(request, Role.OPERATOR)
    switches.switch(
        key.network,
        stopped=body.stopped,
        reason=body.reason,
        by=auth.actor(key),
        address=client_address(request),
    )
    return _halt(key.network)


@router.get("/{segment:playbook}", response=PlaybookOut, summary="One playbook")
def read_playbook(request: HttpRequest, playbook: str) -> dict[str, Any]:
    """What it does, and how it has done."""
    return _one(playbooks.get(auth.network_of(request), playbook))


@router.patch("/{segment:playbook}", response=PlaybookOut, summary="Enable, disable or rename a playbook")
def change_playbook(request: HttpRequest, playbook: str, body: PlaybookChanges) -> dict[str, Any]:
    """Needs the role engineer. What it does is changed with a new version."""
    key = auth.demand(request, Role.ENGINEER)
    found = playbooks.get(key.network, playbook)
    changes = body.model_dump(exclude_none=True)
    changed = playbooks.change(found, changes, by=auth.actor(key), address=client_address(request))
    return _one(changed)


@router.delete(
    "/{segment:playbook}", response={204: None}, summary="Delete a playbook that was never at work"
)
def delete_playbook(request: HttpRequest, playbook: str) -> Status[None]:
    """Needs the role engineer. One that has run, or came with Emobi, is archived instead: 409."""
    key = auth.demand(request, Role.ENGINEER)
    found = playbooks.get(key.network, playbook)
    playbooks.delete(found, by=auth.actor(key), address=client_address(request))
    return Status(204, None)


@router.post("/{segment:playbook}/archive", response=PlaybookOut, summary="Archive a playbook")
def archive_playbook(request: HttpRequest, playbook: str) -> dict[str, Any]:
    """Needs the role engineer. Nothing starts it any more; open runs go on, and all of them stay readable."""
    key = auth.demand(request, Role.ENGINEER)
    found = playbooks.get(key.network, playbook)
    return _one(playbooks.archive(found, by=auth.actor(key), address=client_address(request)))


@router.post(
    "/{segment:playbook}/restore", response=PlaybookOut, summary="Take a playbook out of the archive"
)
def restore_playbook(request: HttpRequest, playbook: str) -> dict[str, Any]:
    """Needs the role engineer. It is off."""
    key = auth.demand(request, Role.ENGINEER)
    found = playbooks.get(key.network, playbook)
    return _one(playbooks.restore(found, by=auth.actor(key), address=client_address(request)))


@router.get(
    "/{segment:playbook}/versions",
    response=paging.Page[PlaybookVersionOut],
    summary="Versions of a playbook, the newest first",
)
def list_playbook_versions(
    request: HttpRequest, playbook: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """They never change; a run follows the one that it began with."""
    found = playbook_selectors.versions(playbooks.get(auth.network_of(request), playbook))
    after = paging.decode_number(cursor)
    if after is not None:
        found = found.filter(number__lt=min(after, 2**31 - 1))
    return paging.page(found, limit, key=lambda version: version.number, shown=_version)


@router.post(
    "/{segment:playbook}/versions",
    response={201: PlaybookVersionOut},
    summary="Write a new version",
)
def add_playbook_version(
    request: HttpRequest, playbook: str, body: PlaybookVersionIn
) -> Status[dict[str, Any]]:
    """Needs the role engineer. Runs that are open go on with theirs."""
    key = auth.demand(request, Role.ENGINEER)
    made = playbooks.add_version(
        playbooks.get(key.network, playbook),
        body.definition,
        expected=body.expected_version,
        note=body.note,
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, _version(made))


@router.post("/{segment:playbook}/simulate", response=SimulationOut, summary="Try a playbook on the past")
def simulate_playbook(request: HttpRequest, playbook: str, body: SimulationIn) -> dict[str, Any]:
    """Needs the role operator. Which runs the last hours would have started, and what guard rails say."""
    key = auth.demand(request, Role.OPERATOR)
    found = playbooks.get(key.network, playbook)
    written = body.definition
    what = playbooks.version(found).definition if written is None else definition.parse(written)
    told = simulating.simulate(key.network, what, hours=body.hours)
    return {
        "since": told.since,
        "events": told.events,
        "complete": told.complete,
        "run_lasts_s": told.lasts_s,
        "counts": told.counts,
        "runs": [
            {
                "event_id": each.event_id,
                "sequence": str(each.sequence),
                "at": each.at,
                "station": each.station,
                "fate": each.fate,
                "why": each.why or None,
            }
            for each in told.imagined[: paging.LARGEST]
        ],
    }


@router.post(
    "/{segment:playbook}/stations/{segment:identity}",
    response={202: playbook_runs.PlaybookRunOut},
    summary="Start a playbook at a station",
)
def start_playbook(
    request: HttpRequest, playbook: str, identity: str, body: StartIn
) -> Status[dict[str, Any]]:
    """Needs the role operator. Guard rails hold as ever; it needs no event, and minds no cool-down."""
    key = auth.demand(request, Role.OPERATOR)
    run = interventions.start(
        playbooks.get(key.network, playbook),
        selectors.station(key.network, identity),
        by=auth.actor(key),
        evse_id=body.evse_id,
        session_id=body.session_id,
        address=client_address(request),
    )
    return Status(202, playbook_runs.read(key.network, run.pk))
