"""`/tariffs`: what charging costs."""

from decimal import Decimal
from typing import Annotated, Any, Required, TypedDict

from django.http import HttpRequest
from ninja import Body, Router, Status
from pydantic import BaseModel, Field, with_config

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import NullIsEmpty, Number, Time, body
from emobi.core.models import Role
from sessions import selectors
from sessions.models import Tariff
from sessions.services import tariffs

router = Router(tags=["tariffs"])

Price = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=4)]


class TariffOut(BaseModel):
    """Prices, taxes in them."""

    name: str
    currency: str
    price_per_kwh: Number
    price_per_minute: Number
    start_fee: Number
    text: str = Field(description="What drivers are shown at the station.")
    default: bool
    update_every_s: int | None
    created_at: Time = Field(description="Since when these are its prices.")


@with_config(body({"price_per_kwh": 0.59}, {"default": True, "update_every_s": 60}))
class TariffChanges(TypedDict, total=False):
    """What may be said of a tariff; what isn't named stays."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217; a new tariff needs it.")]
    price_per_kwh: Price
    price_per_minute: Annotated[Price, Field(description="From the start of the session to its end.")]
    start_fee: Price
    text: Annotated[
        str, Field(max_length=512, description="Shown to drivers; null: the prices in words."), NullIsEmpty()
    ]
    default: Annotated[bool, Field(description="For tokens that have no tariff of their own.")]
    update_every_s: Annotated[
        int | None,
        Field(ge=15, le=86400, description="How often a station is sent the running cost; null: never."),
    ]


@with_config(body({"name": "public", "currency": "EUR", "price_per_kwh": 0.49, "default": True}))
class TariffIn(TariffChanges):
    """A new tariff."""

    name: Required[Annotated[str, Field(min_length=1, max_length=40)]]


def shown(tariff: Tariff) -> dict[str, Any]:
    """A tariff as the API shows it."""
    return {
        "name": tariff.name,
        "currency": tariff.currency,
        "price_per_kwh": tariff.price_per_kwh,
        "price_per_minute": tariff.price_per_minute,
        "start_fee": tariff.start_fee,
        "text": tariff.words,
        "default": tariff.default,
        "update_every_s": tariff.update_every_s,
        "created_at": tariff.created_at,
    }


@router.get("", response=paging.Page[TariffOut], summary="Tariffs, the newest first")
def list_tariffs(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Those in force."""
    found = selectors.tariffs(auth.network_of(request), before=paging.decode_number(cursor))
    return paging.page(found, limit, key=lambda tariff: tariff.pk, shown=shown)


@router.post("", response={201: TariffOut}, summary="Add a tariff")
def create_tariff(request: HttpRequest, body: Body[TariffIn]) -> Status[dict[str, Any]]:
    """Needs the role operator. A name that the network has already is a 409."""
    key = auth.demand(request, Role.OPERATOR)
    made = tariffs.create(key.network, by=auth.actor(key), address=client_address(request), **body)
    return Status(201, shown(made))


@router.patch("/{rest:tariff}", response=TariffOut, summary="Change a tariff")
def change_tariff(request: HttpRequest, tariff: str, body: Body[TariffChanges]) -> dict[str, Any]:
    """Needs the role operator. Sessions that run go on at the old prices."""
    key = auth.demand(request, Role.OPERATOR)
    address = client_address(request)
    return shown(tariffs.change(key.network, tariff, by=auth.actor(key), address=address, **body))
