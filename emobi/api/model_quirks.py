"""`/model-quirks`: what is done differently for all stations of a model."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.models import Role
from stations.models import ModelQuirks
from stations.services.registry import model_quirks

router = Router(tags=["stations"])

Quirks = Annotated[dict[str, str | int | float | bool | None], Field(max_length=50)]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


class ModelQuirksIn(BaseModel):
    """Quirks of a model, or of one firmware of it. Names are the same in whatever case."""

    model_config = body(
        {"vendor": "Wallworks", "model": "W1", "quirks": {"boot_wait_s": 10}},
        {"vendor": "Wallworks", "model": "W1", "firmware_version": "1.0.3", "quirks": {"no_trigger": True}},
    )

    vendor: str = Field(min_length=1, max_length=255)
    model: str = Field(min_length=1, max_length=255)
    firmware_version: str = Field("", max_length=255, description="Empty: every firmware.")
    quirks: Quirks


class ModelQuirksChange(BaseModel):
    """Quirks in place of those that the model has."""

    model_config = body({"quirks": {"boot_wait_s": 10, "ping_interval_s": 0}})

    quirks: Quirks


class ModelQuirksOut(BaseModel):
    """Quirks of a model."""

    id: int
    vendor: str
    model: str
    firmware_version: str | None = Field(description="null: every firmware.")
    quirks: dict[str, Any]
    created_at: Time


def shown(row: ModelQuirks) -> dict[str, Any]:
    """Quirks as the API shows them."""
    return {
        "id": row.pk,
        "vendor": row.vendor,
        "model": row.model,
        "firmware_version": row.firmware_version or None,
        "quirks": row.quirks,
        "created_at": row.created_at,
    }


@router.get("", response=paging.Page[ModelQuirksOut], summary="Quirks of models, the oldest first")
def list_model_quirks(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """What a station's own quirks don't say, these do; those of its firmware before those of its model."""
    found = ModelQuirks.objects.filter(network=auth.network_of(request)).order_by("pk")
    after = paging.decode_number(cursor)
    if after is not None:
        found = found.filter(pk__gt=after)
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown)


@router.post("", response={201: ModelQuirksOut}, summary="Give a model quirks")
def create_model_quirks(request: HttpRequest, body: ModelQuirksIn) -> Status[dict[str, Any]]:
    """Needs the role operator. They go to its stations at once, and to those that come later."""
    key = auth.demand(request, Role.OPERATOR)
    row = model_quirks.create(
        key.network,
        body.vendor,
        body.model,
        body.firmware_version,
        body.quirks,
        by=auth.actor(key),
        address=client_address(request),
    )
    row.refresh_from_db(fields=["created_at"])
    return Status(201, shown(row))


@router.patch("/{segment:row_id}", response=ModelQuirksOut, summary="Change a model's quirks")
def change_model_quirks(request: HttpRequest, row_id: Id, body: ModelQuirksChange) -> dict[str, Any]:
    """Needs the role operator. All of them are replaced."""
    key = auth.demand(request, Role.OPERATOR)
    row = model_quirks.get(key.network, row_id)
    model_quirks.change(row, body.quirks, by=auth.actor(key), address=client_address(request))
    return shown(row)


@router.delete("/{segment:row_id}", response={204: None}, summary="Take a model's quirks away")
def delete_model_quirks(request: HttpRequest, row_id: Id) -> Status[None]:
    """Needs the role operator. Stations keep their own."""
    key = auth.demand(request, Role.OPERATOR)
    row = model_quirks.get(key.network, row_id)
    model_quirks.delete(row, by=auth.actor(key), address=client_address(request))
    return Status(204, None)
