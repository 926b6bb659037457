"""`/playbook-runs`: what playbooks did at stations, step by step, and what people do about it."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.errors import NotFound
from emobi.core.models import Network, Role
from stations import playbook_selectors, selectors
from stations.models import PlaybookRun, RunState, RunStep, StepState
from stations.services.playbooks import interventions, playbooks

router = Router(tags=["playbooks"])

Question = Annotated[
    str | None,
    Query(
        max_length=40, description="The run's `question` that is answered: a 409 if it asks another by now."
    ),
]


class RunStepOut(BaseModel):
    """One step, as it went."""

    index: int = Field(description="From 0.")
    attempt: int
    label: str | None
    do: str
    state: StepState
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    message: str | None
    command_id: str | None
    begun_at: Time
    ended_at: Time | None
    wait_until: Time | None


class PlaybookRunOut(BaseModel):
    """A playbook at work on a station."""

    run_id: str
    playbook: str
    version: int
    station: str
    state: RunState
    reason: str | None = Field(description="Why it stands where it does, for people.")
    question: str | None = Field(
        description="Which question waits for an answer, in `needs_approval`: `begin`, or a step's "
        "`index:attempt`."
    )
    verified: bool | None = Field(description="Whether its goal held at the end; null: nobody looked.")
    dry_run: bool
    requested_by: str
    approved_by: str | None
    cause_type: str
    cause_event_id: str | None
    incident_id: str | None
    position: int = Field(description="Index of the step that is under way or next.")
    attempt: int
    created_at: Time
    begun_at: Time | None
    ended_at: Time | None
    steps: list[RunStepOut]


class ReasonIn(BaseModel):
    """Why."""

    model_config = body({"reason": "Somebody is there."}, {})

    reason: str = Field("", max_length=200)


class RetryIn(BaseModel):
    """From which step."""

    model_config = body({"index": 0})

    index: int = Field(0, ge=0, le=1000)


def shown(run: PlaybookRun) -> dict[str, Any]:
    """A run as the API shows it."""
    return {
        "run_id": run.pk,
        "playbook": run.playbook.slug,
        "version": run.version.number,
        "station": run.station.identity,
        "state": run.state,
        "reason": run.reason or None,
        "question": run.question,
        "verified": run.verified,
        "dry_run": run.dry_run,
        "requested_by": run.requested_by,
        "approved_by": run.approved_by or None,
        "cause_type": run.cause["type"],
        "cause_event_id": run.cause_event_id,
        "incident_id": run.incident_id,
        "position": run.position,
        "attempt": run.attempt,
        "created_at": run.created_at,
        "begun_at": run.begun_at,
        "ended_at": run.ended_at,
        "steps": [_step(step) for step in run.steps.all()],
    }


def _step(step: RunStep) -> dict[str, Any]:
    return {
        "index": step.index,
        "attempt": step.attempt,
        "label": step.label or None,
        "do": step.do,
        "state": step.state,
        "inputs": step.inputs,
        "outputs": step.outputs,
        "message": step.message or None,
        "command_id": step.command_id,
        "begun_at": step.begun_at,
        "ended_at": step.ended_at,
        "wait_until": step.wait_until,
    }


def read(network: Network, run_id: str) -> dict[str, Any]:
    """A run of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    found = playbook_selectors.with_steps(playbook_selectors.runs(network)).filter(pk=run_id).first()
    if found is None:
        raise NotFound("There is no such run.")
    return shown(found)


@router.get("", response=paging.Page[PlaybookRunOut], summary="Runs of playbooks, the newest first")
def list_playbook_runs(
    request: HttpRequest,
    playbook: Annotated[str | None, Query(max_length=48)] = None,
    station: Annotated[str | None, Query(max_length=48)] = None,
    state: Annotated[RunState | None, Query()] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Those that are open, and those that ended; each with its steps."""
    network = auth.network_of(request)
    found = playbook_selectors.runs(
        network,
        playbook=None if playbook is None else playbooks.get(network, playbook),
        station=None if station is None else selectors.station(network, station),
        states=None if state is None else [state],
        before=paging.decode(cursor),
    )
    return paging.page(playbook_selectors.with_steps(found), limit, key=lambda run: run.pk, shown=shown)


@router.get("/{segment:run_id}", response=PlaybookRunOut, summary="One run of a playbook")
def read_playbook_run(request: HttpRequest, run_id: str) -> dict[str, Any]:
    """Where it stands, with inputs, outputs and times of each step."""
    return read(auth.network_of(request), run_id)


@router.post("/{segment:run_id}/approve", response=PlaybookRunOut, summary="Say yes to what a run asks")
def approve_playbook_run(request: HttpRequest, run_id: str, question: Question = None) -> dict[str, Any]:
    """Needs the role operator. Whether it may begin, or what one of its steps asks."""
    key = auth.demand(request, Role.OPERATOR)
    run = interventions.get(key.network, run_id)
    interventions.approve(run, by=auth.actor(key), question=question, address=client_address(request))
    return read(key.network, run_id)


@router.post("/{segment:run_id}/refuse", response=PlaybookRunOut, summary="Say no to what a run asks")
def refuse_playbook_run(
    request: HttpRequest, run_id: str, body: ReasonIn, question: Question = None
) -> dict[str, Any]:
    """Needs the role operator. It doesn't begin, or its question fails."""
    key = auth.demand(request, Role.OPERATOR)
    run = interventions.get(key.network, run_id)
    interventions.refuse(
        run, by=auth.actor(key), reason=body.reason, question=question, address=client_address(request)
    )
    return read(key.network, run_id)


@router.post("/{segment:run_id}/cancel", response=PlaybookRunOut, summary="End a run")
def cancel_playbook_run(request: HttpRequest, run_id: str, body: ReasonIn) -> dict[str, Any]:
    """Needs the role operator. A command that waits for its station is taken back."""
    key = auth.demand(request, Role.OPERATOR)
    run = interventions.get(key.network, run_id)
    interventions.cancel(run, by=auth.actor(key), reason=body.reason, address=client_address(request))
    return read(key.network, run_id)


@router.post("/{segment:run_id}/take-over", response=PlaybookRunOut, summary="Go on in a run's place")
def take_over_playbook_run(request: HttpRequest, run_id: str, body: ReasonIn) -> dict[str, Any]:
    """Needs the role operator. It ends where it stands; its incident stays open."""
    key = auth.demand(request, Role.OPERATOR)
    run = interventions.get(key.network, run_id)
    interventions.take_over(run, by=auth.actor(key), reason=body.reason, address=client_address(request))
    return read(key.network, run_id)


@router.post("/{segment:run_id}/retry", response=PlaybookRunOut, summary="Try a run again from a step")
def retry_playbook_run(request: HttpRequest, run_id: str, body: RetryIn) -> dict[str, Any]:
    """Needs the role operator. A new attempt, for which the guard rails hold as ever."""
    key = auth.demand(request, Role.OPERATOR)
    run = interventions.get(key.network, run_id)
    interventions.retry(run, by=auth.actor(key), index=body.index, address=client_address(request))
    return read(key.network, run_id)
