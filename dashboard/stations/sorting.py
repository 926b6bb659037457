"""Orders of the list of stations. Each ends with the identity, so that a page can begin after any row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import (
    CharField,
    DateTimeField,
    DecimalField,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Lower

from dashboard.stations import station_incidents
from sessions.models import ChargingSession, SessionState
from stations.models import Station

USUAL = "name"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Sort:
    """An order.

    Attributes:
        by: What it sorts by; None: by identity alone.
        descending: Its usual way: what is most comes first.
        read: A value from a cursor; raises ValueError for what is none.
    """

    name: str
    by: Callable[[], Any] | None
    descending: bool
    read: Callable[[str], object]


def _power() -> Expression:
    """What flows at a station, in W."""
    running = ChargingSession.objects.filter(station=OuterRef("pk"), state=SessionState.ACTIVE)
    total = running.order_by().values("station").annotate(total=Sum("power_w")).values("total")
    zero = Value(Decimal(0), output_field=DecimalField())
    return Coalesce(Subquery(total), zero, output_field=DecimalField())


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("no number") from error
    if not found.is_finite():
        raise ValueError("no number")
    return found


def _time(name: str) -> Callable[[], Expression]:
    return lambda: Coalesce(F(name), Value(_LONG_AGO), output_field=DateTimeField())


def _text(name: str) -> Callable[[], Expression]:
    return lambda: Lower(F(name), output_field=CharField())


SORTS = {
    sort.name: sort
    for sort in (
        Sort(name="name", by=None, descending=False, read=str),
        Sort(name="site", by=_text("site"), descending=False, read=str),
        Sort(name="since", by=_time("connectivity_since"), descending=True, read=_moment),
        Sort(name="heard", by=_time("connection__last_heard_at"), descending=True, read=_moment),
        Sort(name="kw", by=_power, descending=True, read=_number),
        Sort(name="incidents", by=station_incidents.weight, descending=True, read=_number),
        Sort(name="firmware", by=_text("firmware_version"), descending=False, read=str),
        Sort(name="model", by=_text("model"), descending=False, read=str),
    )
}


def ordered(found: QuerySet[Station], sort: Sort, *, turned: bool, after: str) -> QuerySet[Station]:
    """These in an order, from after the row that ``after`` names.

    A cursor that can't be read is none: the list begins at its beginning.
    """
    descending = sort.descending != turned
    found = found.annotate(sort_key=Lower("identity"))
    if sort.by is None:
        if after:
            cursor = Lower(Value(after))
            found = found.filter(sort_key__lt=cursor) if descending else found.filter(sort_key__gt=cursor)
        return found.order_by("-sort_key" if descending else "sort_key")
    found = found.annotate(sort_value=sort.by())
    place = _place(sort, after)
    if place is not None:
        value, key = place
        beyond = {f"sort_value__{'lt' if descending else 'gt'}": value}
        found = found.filter(Q(**beyond) | Q(sort_value=value, sort_key__gt=key))
    return found.order_by("-sort_value" if descending else "sort_value", "sort_key")


def cursor(station: Station, sort: Sort) -> str:
    """Where a page ends that ends with ``station``, as the database sorts it: "LENGTH.VALUEKEY"."""
    key = str(vars(station)["sort_key"])
    if sort.by is None:
        return key
    value = vars(station)["sort_value"]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"{len(text)}.{text}{key}"


def _place(sort: Sort, after: str) -> tuple[object, str] | None:
    length, dot, rest = after.partition(".")
    if not dot or not (length.isascii() and length.isdigit() and len(length) < 4):
        return None
    try:
        return sort.read(rest[: int(length)]), rest[int(length) :]
    except ValueError:
        return None
