"""Measurands: what meters say, in base units, and which of it counts.

Words that no version of OCPP knows are kept as text and never counted.
Sources: OCPP 1.6, sections 7.30 to 7.45; 2.0.1 part 2, section 2.41 (SampledValueType), appendix 2 (units).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from emobi.core.events import Sample

REGISTER = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
SOC = "SoC"

# What a sample is where it doesn't say; the same in both versions.
DEFAULT_MEASURAND = REGISTER
DEFAULT_CONTEXT = "Sample.Periodic"
DEFAULT_LOCATION = "Outlet"

BEGIN = "Transaction.Begin"
END = "Transaction.End"

# Every measurand of either version, with its base unit.
UNIT_OF: dict[str, str | None] = {
    **{f"Energy.Active.{way}": "Wh" for way in ("Import.Register", "Export.Register", "Import.Interval")},
    **{f"Energy.Active.{way}": "Wh" for way in ("Export.Interval", "Net")},
    **{f"Energy.Reactive.{way}": "varh" for way in ("Import.Register", "Export.Register", "Import.Interval")},
    **{f"Energy.Reactive.{way}": "varh" for way in ("Export.Interval", "Net")},
    **{f"Energy.Apparent.{way}": "VAh" for way in ("Import", "Export", "Net")},
    **{f"Power.{way}": "W" for way in ("Active.Import", "Active.Export", "Offered")},
    **{f"Power.Reactive.{way}": "var" for way in ("Import", "Export")},
    "Power.Factor": None,
    **{f"Current.{way}": "A" for way in ("Import", "Export", "Offered")},
    "Voltage": "V",
    "Frequency": "Hz",
    "SoC": "Percent",
    "Temperature": "Celsius",
    "RPM": "RPM",
}
CONTEXTS = frozenset(
    {
        "Interruption.Begin", "Interruption.End", "Other", "Sample.Clock", "Sample.Periodic",
        "Transaction.Begin", "Transaction.End", "Trigger",
    }
)  # fmt: skip
# Where energy for a car may be measured, the most telling place first; what the car itself says is its own.
LOCATIONS = ("Outlet", "Cable", "Inlet", "Body", "EV")
# Each conductor, as the two spellings that mean it.
LINES = {"L1": "L1", "L1-N": "L1", "L2": "L2", "L2-N": "L2", "L3": "L3", "L3-N": "L3"}
PHASES = frozenset({*LINES, "N", "L1-L2", "L2-L3", "L3-L1"})

# Units by how stations spell them in lower case: base unit and power of ten.
_UNITS: dict[str, tuple[str, int]] = {
    **{unit.lower(): (unit, 0) for unit in ("Wh", "varh", "VAh", "W", "var", "VA", "A", "V", "K", "RPM")},
    **{f"k{unit.lower()}": (unit, 3) for unit in ("Wh", "varh", "VAh", "W", "var", "VA")},
    "percent": ("Percent", 0),
    "%": ("Percent", 0),
    "hz": ("Hz", 0),
    "hertz": ("Hz", 0),
    "celsius": ("Celsius", 0),
    "celcius": ("Celsius", 0),  # how 1.6 first spelt it
    "fahrenheit": ("Fahrenheit", 0),
}

# The columns' range: beyond it is no reading of any meter.
LARGEST = Decimal(10) ** 12
_PLACES = Decimal("0.001")
# Words of a station's own are kept up to this length.
_LONGEST_WORD = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The three figures of a reading that sessions add up and pages plot; None where it doesn't have them.

    ``impossible``: one of them was there, but was no number that can be.
    """

    energy_wh: Decimal | None = None
    power_w: Decimal | None = None
    soc_percent: Decimal | None = None
    impossible: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """What a sampled value is of, and the power of ten that its base unit takes."""

    measurand: str
    phase: str | None
    context: str
    location: str
    unit: str | None
    exponent: int


def sample(
    value: str | float | Decimal | None,
    *,
    at: datetime,
    measurand: str | None = None,
    phase: str | None = None,
    context: str | None = None,
    location: str | None = None,
    unit: str | None = None,
    multiplier: int = 0,
    signed: str | None = None,
) -> Sample:
    """A sampled value in its base unit, with the defaults of OCPP for what it doesn't say.

    Args:
        value: As the station sent it; None where there is only ``signed``.
        multiplier: Power of ten by which 2.0.1 scales ``value``.
        signed: The meter's own signed text, kept as it is.
    """
    kind = _kind(measurand, phase, context, location, unit)
    return Sample(
        measurand=kind.measurand,
        phase=kind.phase,
        context=kind.context,
        location=kind.location,
        value=_scaled(number(value), kind.exponent + multiplier),
        unit=kind.unit,
        at=at,
        signed=signed or None,
    )


def register_sample(value_wh: Decimal, *, context: str, at: datetime) -> Sample:
    """The register as 1.6 says it outside its sampled values: meterStart and meterStop."""
    return Sample(
        measurand=REGISTER,
        phase=None,
        context=context,
        location=DEFAULT_LOCATION,
        value=value_wh,
        unit="Wh",
        at=at,
        signed=None,
    )


def number(value: str | float | Decimal | None) -> Decimal | None:
    """``value`` as a number; None for what is none, as is NaN. A decimal comma is read as a dot."""
    if value is None or isinstance(value, bool):
        return None
    text = str(value)
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        read = Decimal(text)
    except (InvalidOperation, ValueError):
        return None
    return read if read.is_finite() else None


def possible(value: Decimal | None, low: Decimal | int, high: Decimal | int) -> Decimal | None:
    """``value`` to three places, or None where it is out of range."""
    if value is None or not low <= value <= high:
        return None
    return value.quantize(_PLACES)


def register(value_wh: Decimal | None) -> Decimal | None:
    """A register as our columns hold it; None for what none shows (-1 is how some stations say unknown)."""
    return possible(value_wh, 0, LARGEST)


def figures(samples: Sequence[Sample]) -> Figures:
    """The figures that count, from the samples of one reading.

    Of several places of measurement the outlet counts, of total and conductors the total. Power isn't made
    up from voltage and current: it stays None.
    """
    counting: dict[str, list[Sample]] = {REGISTER: [], POWER: [], SOC: []}
    for found in samples:
        if found.measurand in counting:
            counting[found.measurand].append(found)
    energies, powers, socs = counting.values()
    if len(energies) > 1:
        # The closing reading may hold the first register too.
        energies = [found for found in energies if found.context != BEGIN] or energies
    energy, power, soc = _total(energies, "Wh"), _total(powers, "W"), _total(socs, "Percent", anywhere=True)
    energy_wh = register(energy)
    power_w = possible(power, -LARGEST, LARGEST)
    soc_percent = possible(soc, 0, 100)
    return Figures(
        energy_wh=energy_wh,
        power_w=power_w,
        soc_percent=soc_percent,
        impossible=(energy_wh, power_w, soc_percent).count(None) > (energy, power, soc).count(None)
        or any(found.value is None and found.signed is None for found in (*energies, *powers, *socs)),
    )


def register_of(samples: Iterable[Sample], context: str) -> Decimal | None:
    """The register that was read on this occasion; None if it wasn't."""
    return register(_total([s for s in samples if s.measurand == REGISTER and s.context == context], "Wh"))


def _total(samples: Sequence[Sample], unit: str, *, anywhere: bool = False) -> Decimal | None:
    """The value of the whole, or the sum over conductors, at the place that counts most."""
    places = LOCATIONS if anywhere else LOCATIONS[:-1]
    counting = [s for s in samples if s.value is not None and s.unit in (unit, None) and s.location in places]
    if not counting:
        return None
    if len(counting) > 1:
        place = min((s.location for s in counting if s.location), key=places.index)
        counting = [s for s in counting if s.location == place]
    whole = [s.value for s in counting if s.phase is None]
    if whole:
        return whole[-1]
    lines = {LINES[s.phase]: s.value for s in counting if s.phase in LINES and s.value is not None}
    return sum(lines.values(), Decimal(0)) if lines else None


# A station says the same of its samples all day long.
@lru_cache(maxsize=1024)
def _kind(
    measurand: str | None, phase: str | None, context: str | None, location: str | None, unit: str | None
) -> _Kind:
    measurand = _word(measurand) or DEFAULT_MEASURAND
    base, exponent = _base_unit(measurand, _word(unit))
    return _Kind(
        measurand=measurand,
        phase=_word(phase),
        context=_word(context) or DEFAULT_CONTEXT,
        location=_word(location) or DEFAULT_LOCATION,
        unit=base,
        exponent=exponent,
    )


def _base_unit(measurand: str, unit: str | None) -> tuple[str | None, int]:
    if unit is None:
        return (UNIT_OF.get(measurand) if measurand.startswith("Energy.") else None), 0
    return _UNITS.get(unit.lower(), (unit, 0))


def _scaled(value: Decimal | None, exponent: int) -> Decimal | None:
    # Digits are counted first: 1E999999 can be written, but not be scaled.
    if value is None or not -18 <= exponent <= 18 or value.adjusted() > 30:
        return None
    if exponent:
        value = value.scaleb(exponent)
    return value if -LARGEST <= value <= LARGEST else None


def _word(text: str | None) -> str | None:
    return text[:_LONGEST_WORD] if text else None
