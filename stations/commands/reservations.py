"""Commands about reservations."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, Field

from emobi.core import checks, clock
from emobi.core.errors import Invalid
from stations.commands.entry import Entry
from stations.commands.fields import EvseId, IdTokenText, IdTokenType, Number
from stations.commands.tokens import GROUP_TYPE, AdditionalInfo, check_group

# ConnectorEnumType. Source: OCPP 2.0.1 part 2, section 3.22.
ConnectorType = Annotated[
    str,
    Field(
        pattern="^(cCCS1|cCCS2|cG105|cTesla|cType1|cType2|s309-1P-16A|s309-1P-32A|s309-3P-16A|s309-3P-32A"
        "|sBS1361|sCEE-7-7|sType2|sType3|Other1PhMax16A|Other1PhOver16A|Other3Ph|Pan|wInductive|wResonant"
        "|Undetermined|Unknown)$"
    ),
]


@dataclass(frozen=True, kw_only=True)
class Reserve:
    """Keep an EVSE, any EVSE, or any with a connector of some type, for a token or its group.

    A reservation with the same ``reservation_id`` is replaced; one is chosen where none is given. The type of
    the token and its group are known where the token is one of the network's.
    """

    id_token: IdTokenText
    expires_at: AwareDatetime
    id_token_type: IdTokenType | None = None
    additional_info: tuple[AdditionalInfo, ...] = ()
    group_id_token: IdTokenText | None = None
    group_id_token_type: IdTokenType = GROUP_TYPE
    group_additional_info: tuple[AdditionalInfo, ...] = ()
    evse_id: EvseId | None = None
    connector_type: ConnectorType | None = None
    reservation_id: Number | None = None


@dataclass(frozen=True, kw_only=True)
class CancelReservation:
    """Give up a reservation."""

    reservation_id: Number


def _check(asked: Reserve) -> None:
    check_group(asked)
    if checks.sane_time(asked.expires_at) is None:
        raise Invalid("A reservation ends before 2100.", "params.expires_at")
    if asked.expires_at <= clock.now():
        raise Invalid("The reservation would be over already.", "params.expires_at")


ENTRIES = (
    Entry(
        command="reserve",
        kind=Reserve,
        description="Keep an EVSE for a token or its group.",
        example={"id_token": "DEMO0001", "expires_at": "2099-12-31T12:00:00Z", "evse_id": 1},
        effect="Until it ends nobody else can charge there.",
        check=_check,
    ),
    Entry(
        command="cancel_reservation",
        kind=CancelReservation,
        description="Give up a reservation.",
        example={"reservation_id": 1},
    ),
)
