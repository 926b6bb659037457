"""What OCPP leaves to a station's vendor."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from emobi.core.models import Role
from stations.commands.entry import Entry


@dataclass(frozen=True, kw_only=True)
class DataTransfer:
    """Say something to a station that only its vendor knows the meaning of; ``data`` is any JSON."""

    vendor_id: Annotated[str, Field(min_length=1, max_length=255)]
    message_id: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    data: Any = None


ENTRIES = (
    Entry(
        command="data_transfer",
        kind=DataTransfer,
        description="Say something in the words of the station's vendor.",
        role=Role.ADMIN,
        example={"vendor_id": "com.example", "message_id": "Ping", "data": "hello"},
        effect="Whatever the vendor makes of it.",
    ),
)
