"""`/id-tokens/import`: many tokens at once, as CSV."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, token_csv
from emobi.core.models import Role
from sessions.services import token_import

router = Router(tags=["id-tokens"])

EXAMPLE = "id_token,group,expires_at\n04A2B3C4,fleet,2027-12-31T23:59:59Z\n04A2B3C5,fleet,\n"


class RowProblem(BaseModel, from_attributes=True):
    """Why a row was not taken."""

    line: int = Field(description="Of the file, from 1.")
    field: str = Field(description="Empty: the whole row.")
    detail: str


class ImportOut(BaseModel, from_attributes=True):
    """What came of the rows."""

    created: int
    changed: int
    unchanged: int
    refused: int
    errors: list[RowProblem] = Field(
        description=f"Of the first {token_import.MOST_ERRORS} rows that were refused. "
        "The last one tells, too, from which line on nothing was read, if anything wasn't."
    )


@router.post(
    "/import",
    response=ImportOut,
    summary="Add and change many id tokens",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "examples": [EXAMPLE]}}},
        }
    },
)
def import_id_tokens(request: HttpRequest) -> Any:  # noqa: ANN401 — ninja reads the attributes
    """Needs the role operator. CSV in UTF-8; its first row names fields of a token. A row that can't be taken
    is told and stops no other, unless nobody can tell where the next one begins: then that is the last error.
    The same file again changes nothing. An empty cell is a new token's value.
    """
    key = auth.demand(request, Role.OPERATOR)
    rows = token_csv.rows(request)
    return token_import.put(key.network, rows, by=auth.actor(key), address=client_address(request))
