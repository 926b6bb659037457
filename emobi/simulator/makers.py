"""Invented makers, their models, and fleets made of them. None of the names belongs to a company."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from emobi.simulator.plan import Backoff, EvsePlan, StationPlan
from emobi.simulator.tokens import IdToken

# Cards of the drivers who come to these fleets; a demo network accepts them.
TOKENS = (
    IdToken("04A3F2B1906C80"),
    IdToken("0451D7E2715A81"),
    IdToken("047B09C4A82F82"),
    IdToken("04C6185D3E9183"),
    IdToken("04E21A7740B584"),
    IdToken("048F3CD6127E85"),
    IdToken("04196EBB58D386"),
    IdToken("04D04F83C96A87"),
)

# A card that no network knows.
UNKNOWN_TOKEN = IdToken("04FFFFFFFFFFFF")


@dataclass(frozen=True, slots=True)
class Model:
    vendor: str
    name: str
    firmware_version: str
    evses: tuple[EvsePlan, ...]


_SOCKET_22 = EvsePlan(connector="sType2", max_w=22_000, phases=3)
_CABLE_11 = EvsePlan(connector="cType2", max_w=11_000, phases=3)
_CABLE_7 = EvsePlan(connector="cType2", max_w=7_400, phases=1)

MODELS = (
    Model("Voltstead", "Duo 22", "1.4.2", (_SOCKET_22, _SOCKET_22)),
    Model("Ampervale", "Street 22", "3.0.11", (_SOCKET_22, _SOCKET_22)),
    Model("Kiloforge", "HPC 150", "2.8.0", (EvsePlan(connector="cCCS2", max_w=150_000, phases=0),) * 2),
    Model("Joulehaus", "Home 11", "5.21.3", (_CABLE_11,)),
    Model(
        "Ohmridge", "Rapid 60", "0.9.17", (EvsePlan(connector="cCCS2", max_w=60_000, phases=0), _SOCKET_22)
    ),
    Model("Wattmere", "Plaza Quad", "4.1.6", (_SOCKET_22,) * 4),
    Model("Joulehaus", "Home 7", "5.20.9", (_CABLE_7,)),
    Model("Kiloforge", "HPC 300", "2.8.1", (EvsePlan(connector="cCCS2", max_w=300_000, phases=0),) * 2),
)


def plan_fleet(
    count: int,
    *,
    seed: int = 0,
    prefix: str = "CP",
    settings: Mapping[str, Mapping[str, str]] | None = None,
    backoff: Backoff | None = None,
) -> list[StationPlan]:
    """Plan ``count`` stations, the odd ones of 1.6, the even ones of 2.0.1.

    Args:
        count: How many; their identities are numbered from 1.
        seed: Decides meters and serial numbers.
        prefix: Of the identities.
        settings: First values by version, see :class:`StationPlan`.
        backoff: Of all of them; the factory's without.
    """
    return [
        _plan(number, seed, prefix, settings or {}, backoff or Backoff()) for number in range(1, count + 1)
    ]


def _plan(
    number: int, seed: int, prefix: str, settings: Mapping[str, Mapping[str, str]], backoff: Backoff
) -> StationPlan:
    random = Random(f"{seed}:{prefix}:{number}")
    # Both versions get every model: the versions alternate, and so the models go by pairs.
    model = MODELS[(number - 1) // 2 % len(MODELS)]
    version = "1.6" if number % 2 else "2.0.1"
    return StationPlan(
        identity=f"{prefix}{number:03d}",
        version="1.6" if number % 2 else "2.0.1",
        vendor=model.vendor,
        model=model.name,
        serial_number=f"{model.vendor[:2].upper()}{random.randrange(10**8):08d}",
        firmware_version=model.firmware_version,
        evses=tuple(_with_meter(evse, random.randrange(50_000, 40_000_000)) for evse in model.evses),
        tokens=TOKENS,
        seed=seed,
        settings=settings.get(version, {}),
        backoff=backoff,
    )


def _with_meter(evse: EvsePlan, meter_wh: int) -> EvsePlan:
    return EvsePlan(connector=evse.connector, max_w=evse.max_w, phases=evse.phases, meter_wh=meter_wh)
