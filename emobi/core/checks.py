"""Constraints on what a station can send: PostgreSQL stores values that no driver reads back.

A timestamp of the year 200000, ``infinity`` or NaN is accepted by an INSERT and then breaks every SELECT
of its row, so the database refuses them; services bring them into range or set them to NULL first.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import models

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

# OCPP's integer: 32 bits with a sign (2.0.1 part 2, primitive datatypes).
SMALLEST, LARGEST = -(2**31), 2**31 - 1
# No station has an EVSE of a higher number, nor an EVSE a connector.
LAST_PLACE = 9999


def times(table: str, fields: Iterable[str]) -> list[models.CheckConstraint]:
    """Each time is between 2000 and 2100, or unknown."""
    return [
        models.CheckConstraint(
            condition=models.Q((f"{field}__range", (EARLIEST, LATEST)))
            | models.Q((f"{field}__isnull", True)),
            name=f"{table}_{field}_sane",
        )
        for field in fields
    ]


def numbers(table: str, fields: Iterable[str], low: float, high: float) -> list[models.CheckConstraint]:
    """Each number is between ``low`` and ``high``, or unknown. NaN sorts above all, so it is refused."""
    return [
        models.CheckConstraint(
            condition=models.Q((f"{field}__range", (low, high))) | models.Q((f"{field}__isnull", True)),
            name=f"{table}_{field}_sane",
        )
        for field in fields
    ]


def integers(table: str, fields: Iterable[str], low: int = SMALLEST) -> list[models.CheckConstraint]:
    """Each number is one that OCPP can say, or unknown."""
    return numbers(table, fields, low, LARGEST)


def places(table: str, fields: Iterable[str]) -> list[models.CheckConstraint]:
    """Each number is an EVSE's or connector's, or 0 for what holds them, or unknown."""
    return numbers(table, fields, 0, LAST_PLACE)


def sane_time(moment: datetime | None) -> datetime | None:
    """``moment``, or None where no clock that works can have said it (quirk: 1970 before the first sync)."""
    return moment if moment is not None and EARLIEST <= moment <= LATEST else None


def sane_integer(number: int | None, low: int = SMALLEST) -> int | None:
    """``number``, or None where OCPP has no words for it; some stations find them all the same."""
    return number if number is not None and low <= number <= LARGEST else None
