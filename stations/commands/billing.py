"""Commands about what a session costs, and whether all of it is known."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from emobi.core.errors import Invalid
from stations.commands.entry import Entry
from stations.commands.fields import Identifier, TransactionId

# In the station's currency (its variable TariffCostCtrlr.Currency).
Cost = Annotated[Decimal, Field(ge=0, le=1_000_000_000, decimal_places=4)]


@dataclass(frozen=True, kw_only=True)
class UpdateCost:
    """Show the driver what a transaction, named by its own id or by our session's, has cost so far."""

    total_cost: Cost
    transaction_id: TransactionId | None = None
    session_id: Identifier | None = None


@dataclass(frozen=True, kw_only=True)
class GetSessionStatus:
    """Ask whether a transaction goes on, and whether the station still has messages about it to deliver.

    Of no transaction: whether it has any such messages at all.
    """

    transaction_id: TransactionId | None = None
    session_id: Identifier | None = None


def _one_transaction(asked: UpdateCost) -> None:
    if (asked.transaction_id is None) == (asked.session_id is None):
        raise Invalid("Name either the transaction or the session.", "params.transaction_id")


def _no_two_transactions(asked: GetSessionStatus) -> None:
    if asked.transaction_id is not None and asked.session_id is not None:
        raise Invalid("Name either the transaction or the session.", "params.transaction_id")


ENTRIES = (
    Entry(
        command="update_cost",
        kind=UpdateCost,
        description="Show the driver what a charging session has cost so far.",
        versions=("2.0.1",),
        example={"total_cost": 12.34, "transaction_id": "1"},
        check=_one_transaction,
    ),
    Entry(
        command="get_session_status",
        kind=GetSessionStatus,
        description="Ask whether a session goes on, and whether the station has more to say of it.",
        versions=("2.0.1",),
        check=_no_two_transactions,
    ),
)
