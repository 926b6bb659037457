"""Types of fields that many resources share."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from emobi.core import clock, events

# ISO 8601 in UTC with milliseconds, as everywhere outside.
Time = Annotated[
    datetime,
    PlainSerializer(clock.iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T07:00:00.123Z"]}),
]
Number = Annotated[
    Decimal | float, PlainSerializer(events.plain, return_type=float), WithJsonSchema({"type": "number"})
]
