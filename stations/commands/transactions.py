"""Commands about charging."""

from dataclasses import dataclass

from emobi.core.errors import Invalid
from stations.commands.charging_profiles import ChargingProfile, check_for_start
from stations.commands.entry import Entry
from stations.commands.fields import (
    ConnectorId,
    EvseId,
    Identifier,
    IdTokenText,
    IdTokenType,
    Number,
    TransactionId,
    check_place,
)
from stations.commands.tokens import GROUP_TYPE, AdditionalInfo, check_group


@dataclass(frozen=True, kw_only=True)
class RemoteStart:
    """Start charging for a token. Accepted means that the station will try.

    ``remote_start_id`` ties the session to the command (2.0.1); one is chosen where none is given.
    ``charging_profile`` is a TxProfile for the transaction (K05).
    """

    id_token: IdTokenText
    id_token_type: IdTokenType = "Central"
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    remote_start_id: Number | None = None
    additional_info: tuple[AdditionalInfo, ...] = ()
    group_id_token: IdTokenText | None = None
    group_id_token_type: IdTokenType = GROUP_TYPE
    group_additional_info: tuple[AdditionalInfo, ...] = ()
    charging_profile: ChargingProfile | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteStop:
    """End a transaction, named by its own id or by our session's."""

    transaction_id: TransactionId | None = None
    session_id: Identifier | None = None


def _check_start(asked: RemoteStart) -> None:
    check_place(asked)
    check_group(asked)
    if asked.charging_profile is not None:
        check_for_start(asked.charging_profile, "params.charging_profile")


def _one_transaction(asked: RemoteStop) -> None:
    if (asked.transaction_id is None) == (asked.session_id is None):
        raise Invalid("Name either the transaction or the session.", "params.transaction_id")


ENTRIES = (
    Entry(
        command="remote_start",
        kind=RemoteStart,
        description="Start charging for a token. Accepted means that the station will try.",
        example={"id_token": "DEMO0001", "evse_id": 1},
        check=_check_start,
    ),
    Entry(
        command="remote_stop",
        kind=RemoteStop,
        description="End a charging session, named by our session or by the station's transaction.",
        example={"transaction_id": "1"},
        effect="Ends the session.",
        check=_one_transaction,
    ),
)
