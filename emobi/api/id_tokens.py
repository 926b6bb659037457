"""`/id-tokens`: what drivers may show."""

from typing import Annotated, Any, Literal, Required, TypedDict

from django.http import HttpRequest
from ninja import Body, Query, Router, Status
from pydantic import AwareDatetime, BaseModel, Field, with_config

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import NullIsEmpty, Time, body
from emobi.core.models import Role
from sessions import selectors
from sessions.models import IdToken
from sessions.services import id_tokens

router = Router(tags=["id-tokens"])


class PlaceOut(BaseModel):
    """A station where a token may charge, and its EVSEs that count."""

    station: str
    evse_ids: list[int] = Field(description="Empty: all of them.")


class IdTokenOut(BaseModel):
    """A token. Letters' case makes no difference when it is shown at a station."""

    id_token: str
    type: str
    status: Literal["accepted", "blocked"]
    expires_at: Time | None
    group: str | None
    master_pass: bool
    concurrent: bool
    allowed_evses: list[PlaceOut] = Field(description="Empty: everywhere.")
    charging_priority: int
    language1: str | None
    language2: str | None
    personal_message: str | None
    tariff: str | None = Field(description="null: the network's default.")
    note: str | None
    created_at: Time


@with_config(body({"station": "CP001", "evse_ids": [1]}))
class PlaceIn(TypedDict, total=False):
    """A station where a token may charge, and its EVSEs that count."""

    station: Required[Annotated[str, Field(min_length=1, max_length=48)]]
    evse_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=9999)]],
        Field(max_length=100, description="Empty: all of them."),
    ]


@with_config(body({"status": "blocked"}, {"expires_at": None}))
class IdTokenChanges(TypedDict, total=False):
    """What may be said of a token; what isn't named stays."""

    type: Annotated[
        str,
        Field(
            description="IdTokenEnumType of OCPP 2.0.1; a new one is ISO14443.",
            json_schema_extra={"enum": [*id_tokens.TYPES]},
        ),
    ]
    status: Annotated[Literal["accepted", "blocked"], Field(description="A new one is accepted.")]
    expires_at: Annotated[AwareDatetime | None, Field(description="null: never.")]
    group: Annotated[
        str,
        Field(max_length=36, description="Tokens of a group may stop each other's sessions."),
        NullIsEmpty(),
    ]
    master_pass: Annotated[bool, Field(description="May stop any session, and start none.")]
    concurrent: Annotated[bool, Field(description="May have several sessions at once.")]
    allowed_evses: Annotated[
        list[PlaceIn], Field(max_length=1000, description="Where it may charge; empty: everywhere.")
    ]
    charging_priority: Annotated[int, Field(ge=-9, le=9, description="From low to high; 0 is usual.")]
    language1: Annotated[
        str, Field(max_length=8, description="The driver's, such as de or fr-CH."), NullIsEmpty()
    ]
    language2: Annotated[
        str, Field(max_length=8, description="Where the station hasn't the first."), NullIsEmpty()
    ]
    personal_message: Annotated[
        str, Field(max_length=512, description="Shown at the station (2.0.1)."), NullIsEmpty()
    ]
    tariff: Annotated[
        str | None, Field(max_length=40, description="Name of a tariff; null: the network's default.")
    ]
    note: Annotated[str, Field(max_length=200), NullIsEmpty()]


@with_config(body({"id_token": "04A2B3C4", "group": "fleet", "note": "van 7"}))
class IdTokenIn(IdTokenChanges):
    """A new token."""

    id_token: Required[Annotated[str, Field(min_length=1, max_length=255)]]


def shown(token: IdToken) -> dict[str, Any]:
    """A token as the API shows it."""
    return {
        "id_token": token.id_token,
        "type": token.type,
        "status": token.status,
        "expires_at": token.expires_at,
        "group": token.group or None,
        "master_pass": token.master_pass,
        "concurrent": token.concurrent,
        "allowed_evses": token.allowed_evses,
        "charging_priority": token.charging_priority,
        "language1": token.language1 or None,
        "language2": token.language2 or None,
        "personal_message": token.personal_message or None,
        "tariff": token.tariff.name if token.tariff else None,
        "note": token.note or None,
        "created_at": token.created_at,
    }


@router.get("", response=paging.Page[IdTokenOut], summary="Id tokens, the newest first")
def list_id_tokens(
    request: HttpRequest,
    q: Annotated[str | None, Query(max_length=100, description="Part of the token or its note.")] = None,
    status: Literal["accepted", "blocked"] | None = None,
    group: Annotated[str | None, Query(max_length=36)] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """The network's tokens."""
    found = selectors.id_tokens(
        auth.network_of(request), q=q, status=status, group=group, before=paging.decode_number(cursor)
    )
    return paging.page(found, limit, key=lambda token: token.pk, shown=shown)


@router.post("", response={201: IdTokenOut}, summary="Add an id token")
def create_id_token(request: HttpRequest, body: Body[IdTokenIn]) -> Status[dict[str, Any]]:
    """Needs the role operator. A token that the network has already is a 409."""
    key = auth.demand(request, Role.OPERATOR)
    made = id_tokens.create(key.network, by=auth.actor(key), address=client_address(request), **body)
    return Status(201, shown(made))


@router.patch("/{rest:id_token}", response=IdTokenOut, summary="Block it, let it expire, change its group")
def change_id_token(request: HttpRequest, id_token: str, body: Body[IdTokenChanges]) -> dict[str, Any]:
    """Needs the role operator. A session that runs on it goes on."""
    key = auth.demand(request, Role.OPERATOR)
    address = client_address(request)
    return shown(id_tokens.change(key.network, id_token, by=auth.actor(key), address=address, **body))
