"""Commands about charging."""

from dataclasses import dataclass

from stations.commands.fields import (
    ConnectorId,
    EvseId,
    Identifier,
    IdTokenText,
    IdTokenType,
    Number,
    TransactionId,
)


@dataclass(frozen=True, kw_only=True)
class RemoteStart:
    """Start charging for a token. Accepted means that the station will try.

    ``remote_start_id`` ties the session to the command (2.0.1); one is chosen where none is given.
    """

    id_token: IdTokenText
    id_token_type: IdTokenType = "Central"
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    remote_start_id: Number | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteStop:
    """End a transaction, named by its own id or by our session's."""

    transaction_id: TransactionId | None = None
    session_id: Identifier | None = None
