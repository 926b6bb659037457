"""`/health` and `/me`."""

from typing import Any

from django.db import Error
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel

from emobi.api import auth
from emobi.api.fields import Time
from emobi.core.models import Role
from stations import selectors

router = Router(tags=["system"])


class Health(BaseModel):
    """Whether the parts that an operator depends on answer."""

    status: str
    database: bool
    gateways: int


class Me(BaseModel):
    """What the key is."""

    network: str
    network_name: str
    key: str
    prefix: str
    role: str
    created_at: Time


@router.get(
    "/health",
    auth=None,
    response={200: Health, 503: Health},
    summary="Whether the service works",
)
def health(request: HttpRequest) -> Status[dict[str, Any]]:
    """Needs no key. `gateways` counts the gateway processes with a valid lease."""
    try:
        gateways = selectors.live_gateways()
    except Error:
        return Status(503, {"status": "database away", "database": False, "gateways": 0})
    status = "ok" if gateways else "no gateway"
    return Status(200, {"status": status, "database": True, "gateways": gateways})


@router.get("/me", response=Me, summary="The key that asks")
def me(request: HttpRequest) -> dict[str, Any]:
    """Network and role of the key."""
    key = auth.demand(request, Role.VIEWER)
    return {
        "network": key.network.slug,
        "network_name": key.network.name,
        "key": key.name,
        "prefix": key.prefix,
        "role": key.role,
        "created_at": key.created_at,
    }
