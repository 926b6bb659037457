"""How a station reaches its central system: its slots, the order in which it tries them, the one in use.

What is in a slot no message of OCPP 2.0.1 tells: it is known where the station accepted it from us. The order
and the slot in use are variables of the device model, as it told them last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stations.models import NetworkProfile, Station, Variable

COMPONENT = "OCPPCommCtrlr"
PRIORITY = "NetworkConfigurationPriority"
ACTIVE = "ActiveNetworkProfile"

# What is read of an order; a station has a few slots.
MOST_SLOTS = 100


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A slot of a station.

    Attributes:
        number: configurationSlot.
        priority: Its place in the order in which the station tries its slots, from 1; None: it isn't in
            there, or the order isn't known.
        after_reboot: Whether that order is in force only after a reboot.
        active: Whether the station is connected by it; None: it doesn't say.
        profile: What the station accepted for it; None: nothing from us.
    """

    number: int
    priority: int | None
    after_reboot: bool
    active: bool | None
    profile: NetworkProfile | None


def slots(station: Station) -> Sequence[Slot]:
    """Its slots that are known, by number. Three queries."""
    accepted = {each.configuration_slot: each for each in NetworkProfile.objects.filter(station=station)}
    order, in_use = _variable(station, PRIORITY), _variable(station, ACTIVE)
    places = _places(order)
    active = _number((in_use.value or "").strip()) if in_use else None
    return [
        Slot(
            number=number,
            priority=places.get(number),
            after_reboot=bool(order and order.reboot_required and number in places),
            active=None if active is None else number == active,
            profile=accepted.get(number),
        )
        for number in sorted({*accepted, *places, *([] if active is None else [active])})
    ]


def order(station: Station) -> list[str]:
    """The slots that the station tries, the first one first; empty: it doesn't say."""
    return _order(_variable(station, PRIORITY))


def lower_first(station: Station, component: str, variable: str, value: str) -> NetworkProfile | None:
    """The slot that a setting puts first, if its security profile is known to be lower than the station's."""
    if (component.casefold(), variable.casefold()) != (COMPONENT.casefold(), PRIORITY.casefold()):
        return None
    slot = _number(value.partition(",")[0].strip())
    if slot is None:
        return None
    return NetworkProfile.objects.filter(
        station=station, configuration_slot=slot, security_profile__lt=station.profile
    ).first()


def _variable(station: Station, name: str) -> Variable | None:
    return Variable.objects.filter(
        station=station, component__iexact=COMPONENT, variable__iexact=name, attribute="Actual"
    ).first()


def _order(known: Variable | None) -> list[str]:
    said = (known.value or "") if known else ""
    return [slot.strip() for slot in said.split(",") if slot.strip()]


def _places(known: Variable | None) -> dict[int, int]:
    """By slot its place in the order; of one that is named twice the first counts."""
    places: dict[int, int] = {}
    for place, said in enumerate(_order(known)[:MOST_SLOTS], start=1):
        number = _number(said)
        if number is not None:
            places.setdefault(number, place)
    return places


def _number(said: str) -> int | None:
    """A slot's number, if it is one."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None
