"""`/templates`: how stations are to be set up, which differ from it, and setting them right."""

from collections import Counter
from typing import Annotated, Any, NotRequired, TypedDict

from django.http import HttpRequest
from ninja import Body, Query, Router, Status
from pydantic import BaseModel, Field, with_config

from dashboard.addresses import client_address
from emobi.api import auth, commands, paging
from emobi.api.fields import NullIsEmpty, Time, body
from emobi.core.models import Role
from stations import selectors
from stations.models import ConfigurationTemplate, Station
from stations.services.commanding.commands import LONGEST_EXPIRY_S
from stations.services.device_model import configuration_templates
from stations.services.device_model.configuration_templates import Compared, Finding

router = Router(tags=["device model"])
of_station = Router(tags=["device model"])

HEARTBEAT = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}


Name = Annotated[str, Field(min_length=1, max_length=120)]
Vendor = Annotated[
    str, Field(max_length=255, description="Only its stations; null: of any vendor."), NullIsEmpty()
]
Model = Annotated[str, Field(max_length=255, description="Only these; null: any model."), NullIsEmpty()]
Variables = Annotated[
    list[dict[str, Any]],
    Field(min_length=1, max_length=200, description="As in the params of `set_config`; no secrets."),
]


@with_config(body({"vendor": None, "model": "W1"}, {"variables": [HEARTBEAT]}))
class TemplateChanges(TypedDict, total=False):
    """What may be said of a template; what isn't named stays."""

    name: Name
    vendor: Vendor
    model: Model
    variables: Variables


@with_config(body({"name": "W1, public", "vendor": "Wallworks", "model": "W1", "variables": [HEARTBEAT]}))
class TemplateIn(TypedDict):
    """A new template."""

    name: Name
    vendor: NotRequired[Vendor]
    model: NotRequired[Model]
    variables: Variables


class TemplateOut(BaseModel):
    """Variables, and the values that they are to have."""

    template_id: str
    name: str
    vendor: str | None
    model: str | None
    variables: list[dict[str, Any]]
    created_at: Time
    changed_at: Time


class ComparedOut(BaseModel):
    """A variable of a template, and what the station says of it."""

    variable: dict[str, Any] = Field(description="As the template names it, with the value that is wanted.")
    reported: str | None = Field(description="null: never told.")
    finding: Finding = Field(
        description="`differs` is drift. `reboot_required`: set as wanted, in force after the next boot."
    )


class DiffOut(BaseModel):
    """A station beside a template."""

    template_id: str
    template: str
    drift: bool = Field(description="Whether a value differs.")
    variables: list[ComparedOut]


class StationDriftOut(BaseModel):
    """How many of a template's variables are how at a station."""

    station: str
    drift: bool
    same: int
    differs: int
    reboot_required: int
    unknown: int


class ApplyIn(BaseModel):
    """How long the command may wait."""

    model_config = body({}, {"expires_in_s": 86400})

    expires_in_s: float = Field(
        60,
        gt=0,
        le=LONGEST_EXPIRY_S,
        allow_inf_nan=False,
        description="How long it may wait for the station to connect.",
    )


class Applied(BaseModel):
    """What the station was asked."""

    command: commands.CommandOut | None = Field(description="null: nothing differs.")


def shown(template: ConfigurationTemplate) -> dict[str, Any]:
    """A template as the API shows it."""
    return {
        "template_id": template.pk,
        "name": template.name,
        "vendor": template.vendor or None,
        "model": template.model or None,
        "variables": template.variables,
        "created_at": template.created_at,
        "changed_at": template.changed_at,
    }


@router.get("", response=paging.Page[TemplateOut], summary="Templates of configuration, the oldest first")
def list_templates(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """How stations are to be set up."""
    found = configuration_templates.of_network(auth.network_of(request), after=paging.decode(cursor))
    return paging.page(found, limit, key=lambda template: template.pk, shown=shown)


@router.post("", response={201: TemplateOut}, summary="Add a template")
def create_template(request: HttpRequest, body: Body[TemplateIn]) -> Status[dict[str, Any]]:
    """Needs the role engineer. It changes no station."""
    key = auth.demand(request, Role.ENGINEER)
    template = configuration_templates.create(
        key.network, **body, by=auth.actor(key), address=client_address(request)
    )
    return Status(201, shown(configuration_templates.get(key.network, template.pk)))


@router.get("/{segment:template_id}", response=TemplateOut, summary="One template")
def read_template(request: HttpRequest, template_id: str) -> dict[str, Any]:
    """With its variables."""
    return shown(configuration_templates.get(auth.network_of(request), template_id))


@router.patch("/{segment:template_id}", response=TemplateOut, summary="Change a template")
def change_template(request: HttpRequest, template_id: str, body: Body[TemplateChanges]) -> dict[str, Any]:
    """Needs the role engineer. It changes no station."""
    key = auth.demand(request, Role.ENGINEER)
    template = configuration_templates.get(key.network, template_id)
    configuration_templates.change(template, body, by=auth.actor(key), address=client_address(request))
    return shown(template)


@router.delete("/{segment:template_id}", response={204: None}, summary="Delete a template")
def delete_template(request: HttpRequest, template_id: str) -> Status[None]:
    """Needs the role engineer. Stations stay as they are."""
    key = auth.demand(request, Role.ENGINEER)
    template = configuration_templates.get(key.network, template_id)
    configuration_templates.delete(template, by=auth.actor(key), address=client_address(request))
    return Status(204, None)


@router.get(
    "/{segment:template_id}/stations",
    response=paging.Page[StationDriftOut],
    summary="The stations that a template is meant for, and whether they differ",
)
def list_template_stations(
    request: HttpRequest, template_id: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """By what they last reported, in the order in which they were registered."""
    template = configuration_templates.get(auth.network_of(request), template_id)
    after = paging.decode_number(cursor)
    rows = list(configuration_templates.stations_of(template, after=after)[: limit + 1])
    found = rows[:limit]
    compared = configuration_templates.diffs(found, [template])
    return {
        "items": [_counted(station, compared[station.pk, template.pk]) for station in found],
        "next": paging.encode(found[-1].pk) if len(rows) > limit else None,
    }


@router.post(
    "/{segment:template_id}/stations/{segment:identity}",
    response={202: Applied, 200: Applied},
    summary="Set a station right",
)
def apply_template(
    request: HttpRequest, template_id: str, identity: str, body: ApplyIn
) -> Status[dict[str, Any]]:
    """Needs the role engineer. Asks the station, with `set_config`, for what differs or isn't known."""
    key = auth.demand(request, Role.ENGINEER)
    template = configuration_templates.get(key.network, template_id)
    station = selectors.station(key.network, identity)
    command = configuration_templates.apply(
        station,
        template,
        by=auth.actor(key),
        role=Role(key.role),
        expires_in_s=body.expires_in_s,
        address=client_address(request),
    )
    if command is None:
        return Status(200, {"command": None})
    return Status(202, {"command": commands.shown(command, station.identity, None)})


@of_station.get(
    "/{segment:identity}/configuration-diff",
    response=paging.Page[DiffOut],
    summary="A station beside the templates that are meant for it",
)
def read_configuration_diff(
    request: HttpRequest,
    identity: str,
    template: Annotated[
        str | None, Query(max_length=26, description="Only this one, meant for it or not.")
    ] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """By what the station last reported; `get_config` or a report asks it anew."""
    network = auth.network_of(request)
    station = selectors.station(network, identity)
    if template is not None:
        rows = [configuration_templates.get(network, template)]
    else:
        after = paging.decode(cursor)
        rows = list(configuration_templates.of_station(station, after=after)[: limit + 1])
    found = rows[:limit]
    compared = configuration_templates.diffs([station], found)
    return {
        "items": [_beside(each, compared[station.pk, each.pk]) for each in found],
        "next": paging.encode(found[-1].pk) if len(rows) > limit else None,
    }


def _beside(template: ConfigurationTemplate, compared: list[Compared]) -> dict[str, Any]:
    return {
        "template_id": template.pk,
        "template": template.name,
        "drift": _drifts(compared),
        "variables": [
            {
                "variable": configuration_templates.said(one.wanted),
                "reported": one.reported,
                "finding": one.finding,
            }
            for one in compared
        ],
    }


def _counted(station: Station, compared: list[Compared]) -> dict[str, Any]:
    counts = Counter(one.finding for one in compared)
    findings = {finding.value: counts[finding] for finding in Finding}
    return {"station": station.identity, "drift": _drifts(compared), **findings}


def _drifts(compared: list[Compared]) -> bool:
    return any(one.finding == Finding.DIFFERS for one in compared)
