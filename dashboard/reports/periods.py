"""Which days a report is about: a month, or from one day to another; all in UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import Network
from stations import ledger_reading, uptime

MOST_DAYS = 366
DAY = timedelta(days=1)
FIRST = date(2000, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the first moment of a day until the first after another, and until when the ledger knows."""

    begin: datetime
    end: datetime
    complete_to: datetime

    @property
    def is_month(self) -> bool:
        """Whether it is a whole calendar month."""
        return self.begin == uptime.month_of(self.begin) and self.end == uptime.next_month(self.begin)

    @property
    def days(self) -> int:
        return (self.end - self.begin).days

    @property
    def first_day(self) -> str:
        return f"{self.begin:%Y-%m-%d}"

    @property
    def last_day(self) -> str:
        """With it."""
        return f"{self.end - DAY:%Y-%m-%d}"

    @property
    def name(self) -> str:
        """2026-11, 2026-11-23, or 2026-11-23 to 2026-11-29."""
        if self.is_month:
            return f"{self.begin:%Y-%m}"
        return self.first_day if self.days == 1 else f"{self.first_day} to {self.last_day}"

    @property
    def query(self) -> str:
        """What stands for it in an address."""
        if self.is_month:
            return f"month={self.name}"
        return f"from={self.first_day}&to={self.last_day}"

    @property
    def previous(self) -> "Period":
        """The month before, or as many days."""
        begin = uptime.month_of(self.begin - DAY) if self.is_month else self.begin - (self.end - self.begin)
        return Period(begin=begin, end=self.begin, complete_to=self.complete_to)

    @property
    def next(self) -> "Period | None":
        """The month after, or as many days; None: that hasn't begun."""
        if self.end > clock.now():
            return None
        end = uptime.next_month(self.end) if self.is_month else self.end + (self.end - self.begin)
        return Period(begin=self.end, end=end, complete_to=self.complete_to)


def asked(network: Network, query: Mapping[str, str]) -> Period:
    """What an address asks for: ``month``, or ``from`` and ``to``, days with it; this month if nothing.

    Raises:
        Invalid: If that is no period, or none of which there is a report.
    """
    begin, end = _bounds(query)
    return Period(begin=begin, end=end, complete_to=min(clock.now(), ledger_reading.complete_to(network)))


def _bounds(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    first, last = query.get("from", ""), query.get("to", "")
    if not first and not last:
        begin = _month(query.get("month", ""))
        return begin, uptime.next_month(begin)
    if not first:
        raise Invalid("Say the first day, too.", "from")
    begin = _day(first, "from")
    end = (_day(last, "to") if last else max(begin, _today())) + DAY
    if begin > clock.now():
        raise Invalid("It begins in the future.", "from")
    if end <= begin:
        raise Invalid("It ends before it begins.", "to")
    if end - begin > MOST_DAYS * DAY:
        raise Invalid(f"A report is about {MOST_DAYS} days at most; these are {(end - begin).days}.", "to")
    return begin, end


def _month(text: str) -> datetime:
    """The month that is named; this one, if none is, or one that hasn't begun."""
    if not text:
        return uptime.month_of(clock.now())
    try:
        begin = datetime.fromisoformat(f"{text}-01T00:00:00Z")
    except ValueError:
        raise Invalid("Say the month as 2026-11.", "month") from None
    if begin.date() < FIRST:
        raise Invalid("Between 2000 and today.", "month")
    return uptime.month_of(min(begin, clock.now()))


def _day(text: str, field: str) -> datetime:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid("Say the day as 2026-11-29.", field) from None
    if not FIRST <= found < date(2100, 1, 1):
        raise Invalid("Between 2000 and 2100.", field)
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def _today() -> datetime:
    return clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def presets() -> Sequence[tuple[str, str]]:
    """Periods that are often wanted: what they are called, and what stands for them in an address."""
    today = _today()
    month = uptime.month_of(today)
    found = [
        ("This month", month, uptime.next_month(month)),
        ("Last month", uptime.month_of(month - DAY), month),
        *((f"{days} days", today - (days - 1) * DAY, today + DAY) for days in (7, 30, 90)),
        ("This year", month.replace(month=1), today + DAY),
    ]
    return [(word, Period(begin=begin, end=end, complete_to=end).query) for word, begin, end in found]
