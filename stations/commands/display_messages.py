"""Commands about what a station's display shows (OCPP 2.0.1, block O)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from emobi.core.errors import Invalid
from stations.commands.device_model import Name
from stations.commands.entry import Entry
from stations.commands.fields import (
    ConnectorId,
    EvseId,
    Identifier,
    Moment,
    Number,
    TransactionId,
    check_place,
)

MessageId = Annotated[int, Field(ge=0, le=2**31 - 1)]


class MessagePriority(StrEnum):
    """MessagePriorityEnumType. Source: OCPP 2.0.1 part 2, section 3.51."""

    ALWAYS_FRONT = "AlwaysFront"
    IN_FRONT = "InFront"
    NORMAL_CYCLE = "NormalCycle"


class MessageState(StrEnum):
    """MessageStateEnumType. Source: OCPP 2.0.1 part 2, section 3.52."""

    CHARGING = "Charging"
    FAULTED = "Faulted"
    IDLE = "Idle"
    UNAVAILABLE = "Unavailable"


class MessageFormat(StrEnum):
    """MessageFormatEnumType. Source: OCPP 2.0.1 part 2, section 3.50."""

    ASCII = "ASCII"
    HTML = "HTML"
    URI = "URI"
    UTF8 = "UTF8"


@dataclass(frozen=True, kw_only=True)
class Display:
    """Names one display of a station that has several."""

    component: Name
    component_instance: Identifier | None = None
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None


@dataclass(frozen=True, kw_only=True)
class SetDisplayMessage:
    """Show a message; one with the same ``message_id`` is replaced (O06).

    ``language`` is an RFC 5646 tag. Without ``state`` it is shown in every state, without ``start_at`` from
    now on; with ``transaction_id`` for as long as that transaction runs.
    """

    message_id: MessageId
    priority: MessagePriority
    content: Annotated[str, Field(min_length=1, max_length=512)]
    format: MessageFormat = MessageFormat.UTF8
    language: Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,8}$")] | None = None
    state: MessageState | None = None
    start_at: Moment | None = None
    end_at: Moment | None = None
    transaction_id: TransactionId | None = None
    display: Display | None = None


@dataclass(frozen=True, kw_only=True)
class GetDisplayMessages:
    """Ask which messages are set; nothing named: all of them."""

    message_ids: tuple[MessageId, ...] = ()
    priority: MessagePriority | None = None
    state: MessageState | None = None
    request_id: Number | None = None


@dataclass(frozen=True, kw_only=True)
class ClearDisplayMessage:
    """Remove a message."""

    message_id: MessageId


def _check_message(asked: SetDisplayMessage) -> None:
    if asked.start_at and asked.end_at and asked.end_at <= asked.start_at:
        raise Invalid("It would end before it starts.", "params.end_at")
    if asked.display is not None:
        check_place(asked.display)


def _check_ids(asked: GetDisplayMessages) -> None:
    if len(set(asked.message_ids)) < len(asked.message_ids):
        raise Invalid("The same message is named twice.", "params.message_ids")


ENTRIES = (
    Entry(
        command="set_display_message",
        kind=SetDisplayMessage,
        description="Show a message on the station's display; one of the same id is replaced.",
        versions=("2.0.1",),
        example={"message_id": 1, "priority": "NormalCycle", "content": "Welcome", "language": "en"},
        check=_check_message,
    ),
    Entry(
        command="get_display_messages",
        kind=GetDisplayMessages,
        description="Ask which messages the display has to show; the answer comes in parts.",
        versions=("2.0.1",),
        example={},
        check=_check_ids,
    ),
    Entry(
        command="clear_display_message",
        kind=ClearDisplayMessage,
        description="Remove a message from the station's display.",
        versions=("2.0.1",),
        example={"message_id": 1},
    ),
)
