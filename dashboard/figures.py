"""Figures as people read them. Powers come in W, energies in Wh, durations in seconds; unknown is a dash."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from emobi.core import clock

UNKNOWN = "–"
# U+202F, between thousands: a line never breaks there, and no reader takes it for a decimal comma.
THIN = "\u202f"

type Number = Decimal | float | int


def count(number: int) -> str:
    """A whole number: 9 842."""
    return f"{number:,}".replace(",", THIN)


def kilo(number: Number | None, digits: int = 1) -> str:
    """W as kW, Wh as kWh: 47.8."""
    return UNKNOWN if number is None else f"{float(number) / 1000:,.{digits}f}".replace(",", THIN)


def power(power_w: Number | None) -> str:
    """With its unit, MW from a thousand kW on: 84.2 kW, 3.12 MW."""
    if power_w is not None and float(power_w) >= 1e6:
        return f"{float(power_w) / 1e6:.2f} MW"
    return UNKNOWN if power_w is None else f"{kilo(power_w)} kW"


def energy(energy_wh: Number | None) -> str:
    """Wh as kWh, to ten of them: 12.34."""
    return kilo(energy_wh, digits=2)


def masked(id_token: str) -> str:
    """A token, enough of it to tell it from others: it is as good as a key to whoever reads all of it."""
    return f"…{id_token[-4:]}" if len(id_token) > 6 else "…" if id_token else UNKNOWN


def percent(number: Number | None) -> str:
    """A share in percent: 63."""
    return UNKNOWN if number is None else f"{float(number):.0f}"


def duration(seconds: float) -> str:
    """How long: 12 s, 4 min 10 s, 2 h 03 min, 5 d 2 h."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if not minutes:
        return f"{whole} s"
    if not hours:
        return f"{minutes} min {whole % 60:02} s"
    if not days:
        return f"{hours} h {minutes % 60:02} min"
    return f"{days} d {hours % 24} h"


def age(moment: datetime) -> str:
    """How long ago, in one unit: 12 s, 4 min, 2 h, 5 d. `time.js` says the same while the page is open."""
    whole = max(0, int((clock.wall() - moment).total_seconds()))
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if whole >= seconds:
            return f"{whole // seconds} {unit}"
    return f"{whole} s"


def lasting(milliseconds: float | None) -> str:
    """A round trip: 8 ms, 1.42 s."""
    if milliseconds is None:
        return UNKNOWN
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.2f} s"


def size(text: str) -> str:
    """How long a text is on the wire."""
    octets = len(text.encode())
    return f"{octets} B" if octets < 1000 else f"{octets / 1000:.1f} kB"


def zone() -> str:
    """The zone in which whoever looks is shown times, in short: UTC, CET."""
    return timezone.localtime(clock.wall()).strftime("%Z")


def local(when: datetime) -> str:
    """A time in full in the zone of whoever looks, which is named: 2026-11-22 15:02:31 CET."""
    here = timezone.localtime(when)
    # A list has two hundred of them, and `strftime` takes three times as long.
    return f"{here.isoformat(' ', 'seconds')[:19]} {here.tzname()}"


def moment(text: str) -> datetime:
    """The time that `clock.iso` wrote."""
    return datetime.fromisoformat(text)


def local_of(text: str) -> str:
    """The same of a time as JSON has it; what is none stays as it is."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return local(when) if when.tzinfo is not None else text
