"""What a station says that it can do with charging profiles, and how its EVSEs are supplied.

What it never said is None, or empty: then nothing is refused for it.

Sources: OCPP 2.0.1 part 2, section 2.9 of the referenced variables; OCPP 1.6, section 9.4.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.conf import settings

from sessions.composite_schedules import Evse
from stations.commands.charging_profiles import RateUnit
from stations.models import Connector, Station, Variable

CONTROLLER = "SmartChargingCtrlr"
# Both versions' words (quirk 80).
_UNITS = {
    "a": RateUnit.AMPERE,
    "current": RateUnit.AMPERE,
    "w": RateUnit.WATT,
    "power": RateUnit.WATT,
}
_KILO = {"kw": 1000}


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What is known.

    Attributes:
        most_profiles: How many profiles it holds; so many ids may be asked for at once (section 2.9).
        phase_switching: EVSEs that can choose the phase of one-phase charging; 0: all of them.
        phases: Of the supply, by EVSE (0: of the station); 0 is direct current.
        rated_w: The most that an EVSE can deliver, by EVSE.
    """

    max_stack_level: int | None = None
    rate_units: frozenset[RateUnit] = frozenset()
    periods_per_schedule: int | None = None
    most_profiles: int | None = None
    phase_switching: frozenset[int] = frozenset()
    phases: dict[int, int] = field(default_factory=dict)
    rated_w: dict[int, Decimal] = field(default_factory=dict)

    def switches_phases(self, evse_id: int) -> bool:
        """Whether the phase can be chosen at an EVSE (K01.FR.20)."""
        return bool(self.phase_switching & {0, evse_id})

    def evse(self, evse_id: int, *, began_at: datetime | None = None) -> Evse:
        """How an EVSE is supplied; where it never said, as most are. ``began_at``: what runs there."""
        phases = self.phases.get(evse_id, self.phases.get(0))
        direct = phases == 0
        volts = settings.EMOBI_DC_VOLTAGE_V if direct else settings.EMOBI_GRID_VOLTAGE_V
        return Evse(
            evse_id=evse_id,
            phases=None if direct else min(phases or 3, 3),
            voltage_v=Decimal(volts),
            rated_w=self.rated_w.get(evse_id),
            began_at=began_at,
        )


def of(station: Station) -> Abilities:
    """What this station said; one query."""
    found = Variable.objects.filter(
        station=station, component__in=(CONTROLLER, "EVSE", "ChargingStation"), attribute="Actual"
    )
    said = list(found.filter(connector_id=None))
    controller = [each for each in said if each.component == CONTROLLER]
    return Abilities(
        max_stack_level=_number(_value(controller, "ProfileStackLevel")),
        rate_units=_units(_value(controller, "RateUnit") or ""),
        periods_per_schedule=_number(_value(controller, "PeriodsPerSchedule")),
        most_profiles=_most_profiles(controller),
        phase_switching=frozenset(
            each.evse_id or 0
            for each in controller
            if each.variable == "ACPhaseSwitchingSupported" and (each.value or "").lower() == "true"
        ),
        phases={
            each.evse_id or 0: phases
            for each in said
            if each.variable == "SupplyPhases" and (phases := _number(each.value)) is not None
        },
        rated_w={
            each.evse_id: rated
            for each in said
            if each.component == "EVSE" and each.variable == "Power" and each.evse_id
            if (rated := rating(each)) is not None
        },
    )


def evse_ids(station: Station) -> list[int]:
    """The EVSEs that the station has told of."""
    plugs = Connector.objects.filter(station=station, evse_id__gt=0)
    return sorted(set(plugs.values_list("evse_id", flat=True)))


def _value(said: Iterable[Variable], name: str) -> str | None:
    return next((each.value for each in said if each.variable == name), None)


def _most_profiles(said: Iterable[Variable]) -> int | None:
    """The limit of the variable that counts them."""
    counts = (
        each for each in said if (each.variable, each.variable_instance) == ("Entries", "ChargingProfiles")
    )
    return next((_number(str(each.characteristics.get("maxLimit", ""))) for each in counts), None)


def _units(text: str) -> frozenset[RateUnit]:
    words: Sequence[str] = text.replace(" ", "").lower().split(",")
    return frozenset(_UNITS[word] for word in words if word in _UNITS)


def _number(text: str | None) -> int | None:
    """A whole number; nothing for what isn't one, or for what no station means."""
    found = _decimal(text)
    return None if found is None or found < 0 else int(found)


def rating(power: Variable) -> Decimal | None:
    """The most that an EVSE can deliver, which its variable Power has as its limit."""
    most = _decimal(str(power.characteristics.get("maxLimit", "")))
    unit = str(power.characteristics.get("unit", "W")).lower()
    return most * _KILO.get(unit, 1) if most else None


def _decimal(text: str | None) -> Decimal | None:
    try:
        found = Decimal(text or "")
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**9 else None
