"""`/id-tokens`: what drivers may show."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from emobi.api import auth, paging
from emobi.api.fields import Time
from emobi.core.models import Role
from sessions import selectors
from sessions.models import IdToken
from sessions.services import id_tokens

router = Router(tags=["id-tokens"])


class IdTokenOut(Schema):
    """A token. Letters' case makes no difference when it is shown at a station."""

    id_token: str
    type: str
    status: Literal["accepted", "blocked"]
    expires_at: Time | None
    group: str | None
    master_pass: bool
    concurrent: bool
    note: str | None
    created_at: Time


class IdTokenChanges(Schema, extra="forbid"):
    """What may be said of a token; what isn't named stays."""

    type: str = "ISO14443"
    status: Literal["accepted", "blocked"] = "accepted"
    expires_at: datetime | None = None
    group: str | None = Field(
        None, max_length=36, description="Tokens of a group may stop each other's sessions."
    )
    master_pass: bool = False
    concurrent: bool = Field(False, description="May have several sessions at once.")
    note: str | None = Field(None, max_length=200)

    def given(self) -> id_tokens.Fields:
        """The fields that the request named, as the service takes them."""
        fields: id_tokens.Fields = {}
        named = self.model_fields_set
        if "type" in named:
            fields["type"] = self.type
        if "status" in named:
            fields["status"] = self.status
        if "expires_at" in named:
            fields["expires_at"] = self.expires_at
        if "group" in named:
            fields["group"] = self.group or ""
        if "master_pass" in named:
            fields["master_pass"] = self.master_pass
        if "concurrent" in named:
            fields["concurrent"] = self.concurrent
        if "note" in named:
            fields["note"] = self.note or ""
        return fields


class IdTokenIn(IdTokenChanges):
    """A new token."""

    id_token: str = Field(min_length=1, max_length=255, examples=["04A2B3C4"])


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
    page = list(found[: limit + 1])
    more = len(page) > limit
    return {
        "items": [shown(token) for token in page[:limit]],
        "next": paging.encode(page[limit - 1].pk) if more else None,
    }


@router.post("", response={201: IdTokenOut}, summary="Add an id token")
def create_id_token(request: HttpRequest, body: IdTokenIn) -> Status[dict[str, Any]]:
    """Needs the role operator. A token that the network has already is a 409."""
    network = auth.demand(request, Role.OPERATOR).network
    token = id_tokens.create(network, body.id_token, **body.given())
    token.refresh_from_db()
    return Status(201, shown(token))


@router.patch("/{id_token}", response=IdTokenOut, summary="Block it, let it expire, change its group")
def change_id_token(request: HttpRequest, id_token: str, body: IdTokenChanges) -> dict[str, Any]:
    """Needs the role operator. A session that runs on it goes on."""
    network = auth.demand(request, Role.OPERATOR).network
    return shown(id_tokens.change(network, id_token, **body.given()))
