"""What the fields of commands may hold, as the schema of their params tells it."""

from datetime import datetime
from typing import Annotated, Protocol

from pydantic import AfterValidator, AwareDatetime, Field

from emobi.core import checks
from emobi.core.errors import Invalid


def _sane(moment: datetime) -> datetime:
    if checks.sane_time(moment) is None:
        raise ValueError("A time lies between 2000 and 2100")
    return moment


EvseId = Annotated[int, Field(ge=1, le=9999)]
ConnectorId = Annotated[int, Field(ge=1, le=9999)]

# Chosen by us where none is given. 1.6 has 32 bits for an integer.
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]

# identifierString of the device model; its longest value.
Identifier = Annotated[str, Field(max_length=50)]
Value = Annotated[str, Field(max_length=1000)]
# AttributeEnumType. Source: OCPP 2.0.1 part 2, section 3.2.
Attribute = Annotated[str, Field(pattern="^(Actual|Target|MinSet|MaxSet)$")]

IdTokenText = Annotated[str, Field(min_length=1, max_length=36)]
# IdTokenEnumType. Source: OCPP 2.0.1 part 2, section 3.43.
IdTokenType = Annotated[
    str,
    Field(pattern="^(Central|eMAID|ISO14443|ISO15693|KeyCode|Local|MacAddress|NoAuthorization)$"),
]
TransactionId = Annotated[str, Field(min_length=1, max_length=36)]
# With its offset; nothing that a station is asked lies outside of what can be stored.
Moment = Annotated[AwareDatetime, AfterValidator(_sane)]

# Where a station fetches a file, or leaves one; whatever the protocol.
Location = Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*://[^\s/]\S*$")]
# An image of the firmware store.
ImageId = Annotated[str, Field(pattern="^[0-9A-HJKMNP-TV-Z]{26}$")]
# How often, or how many seconds.
Times = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Placed(Protocol):
    """A command that may name an EVSE, and a connector of it."""

    @property
    def evse_id(self) -> int | None: ...
    @property
    def connector_id(self) -> int | None: ...


def check_place(asked: Placed) -> None:
    """A connector is named within its EVSE.

    Raises:
        Invalid: If the EVSE is missing.
    """
    if asked.connector_id is not None and asked.evse_id is None:
        raise Invalid("A connector needs its EVSE: its number counts within that.", "params.evse_id")
