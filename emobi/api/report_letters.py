"""`/reports/letters`: who is sent the report of the network by e-mail, and how often."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.models import Role
from sessions.models import Every, ReportSubscription
from sessions.services import report_letters

router = Router(tags=["reports"])

LARGEST_ID = 2**63 - 1
LetterId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class ReportLetterIn(BaseModel):
    """Who is to be sent it, and how often."""

    model_config = body({"recipient": "boss@example.org", "every": "month"})

    recipient: Annotated[str, Field(min_length=1, max_length=254, description="An e-mail address.")]
    every: Every = Field(description="A week from Monday on, or a calendar month; both UTC.")


class ReportLetterOut(BaseModel):
    """A recipient, who is sent the report of each period once."""

    letter_id: int
    recipient: str
    every: Every
    next_at: Time = Field(description="Then the report of the period that ended before is sent.")
    created_at: Time
    created_by: str


def _shown(row: ReportSubscription) -> dict[str, Any]:
    return {
        "letter_id": row.pk,
        "recipient": row.recipient,
        "every": row.every,
        "next_at": row.next_at,
        "created_at": row.created_at,
        "created_by": row.created_by,
    }


@router.get("/letters", response=paging.Page[ReportLetterOut], summary="Who is sent reports")
def list_report_letters(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """The newest first. Needs the role admin: these are people's addresses."""
    found = ReportSubscription.objects.filter(network=auth.demand(request, Role.ADMIN).network)
    before = paging.decode_number(cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return paging.page(found.order_by("-pk"), limit, key=lambda row: row.pk, shown=_shown)


@router.post("/letters", response={201: ReportLetterOut}, summary="Send somebody reports")
def create_report_letter(request: HttpRequest, body: ReportLetterIn) -> Status[dict[str, Any]]:
    """Needs the role admin. The first report is of the period that goes on now; asked for twice it is one."""
    key = auth.demand(request, Role.ADMIN)
    made = report_letters.subscribe(
        key.network, body.recipient, body.every, by=auth.actor(key), address=client_address(request)
    )
    return Status(201, _shown(made))


@router.get("/letters/{letter_id}", response=ReportLetterOut, summary="One who is sent reports")
def read_report_letter(request: HttpRequest, letter_id: LetterId) -> dict[str, Any]:
    """Needs the role admin."""
    return _shown(report_letters.get(auth.demand(request, Role.ADMIN).network, letter_id))


@router.delete("/letters/{letter_id}", response={204: None}, summary="Send somebody reports no more")
def delete_report_letter(request: HttpRequest, letter_id: LetterId) -> Status[None]:
    """Needs the role admin."""
    key = auth.demand(request, Role.ADMIN)
    found = report_letters.get(key.network, letter_id)
    report_letters.unsubscribe(found, by=auth.actor(key), address=client_address(request))
    return Status(204, None)
