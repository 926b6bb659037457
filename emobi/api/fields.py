"""Types of fields that many resources share."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from emobi.core import checks, clock

# ISO 8601 in UTC with milliseconds, as everywhere outside.
Time = Annotated[
    datetime,
    PlainSerializer(clock.iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T07:00:00.123Z"]}),
]


def _number(value: Decimal | float) -> int | float:
    whole = int(value)
    return whole if whole == value and abs(whole) < _EXACT else float(value)


# Beyond it a float doesn't know every whole number.
_EXACT = 2**53

# Whole numbers without a point.
Number = Annotated[
    Decimal | float, PlainSerializer(_number, return_type=float), WithJsonSchema({"type": "number"})
]


def _in_range(moment: datetime) -> datetime:
    return min(max(moment, checks.EARLIEST), checks.LATEST)


# A bound of a search. Nothing lies beyond what the database takes, so neither need the bound.
Bound = Annotated[AwareDatetime, AfterValidator(_in_range)]


def body(*examples: dict[str, Any]) -> ConfigDict:
    """Configuration of what comes in: an unknown field is refused, lest a misspelt one be lost."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [*examples]})


def example(of_it: dict[str, Any]) -> ConfigDict:
    """Configuration of what goes out: one as it may be."""
    return ConfigDict(json_schema_extra={"examples": [of_it]})


class NullIsEmpty:
    """Text that is missing: null outside, empty inside. Stands last in an ``Annotated[str, …]``."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._inside, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "null"}]}

    @staticmethod
    def _inside(value: object) -> object:
        return "" if value is None else value
