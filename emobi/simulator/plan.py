"""What a simulated station is: all that stays the same while it lives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from emobi.simulator.tokens import IdToken

Version = Literal["1.6", "2.0.1"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EvsePlan:
    """One EVSE with its single connector.

    Attributes:
        connector: ConnectorEnumType of OCPP 2.0.1; a fixed cable starts with "c", a socket with "s".
        phases: Phases of the supply, 1 or 3; 0 for direct current.
        meter_wh: What the energy register shows when the simulation begins.
    """

    connector: str = "sType2"
    max_w: int = 22_000
    phases: int = 3
    meter_wh: int = 0

    @property
    def is_dc(self) -> bool:
        return self.phases == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """How long a station waits before it connects again, in real seconds.

    Source: OCPP 2.0.1 part 4, section 5.3, whose variables RetryBackOff… these are.
    OCPP 1.6 names no such keys; its stations wait the same way.
    """

    wait_minimum_s: int = 5
    random_range_s: int = 5
    repeat_times: int = 4

    def delay_s(self, failures: int, chance: float) -> float:
        """Time to wait after ``failures`` attempts in a row, 1 or more.

        Args:
            failures: Connections lost or refused since the last that lived.
            chance: In [0, 1), from the caller's randomness, so that a fleet doesn't come back at once.
        """
        doublings = min(failures - 1, self.repeat_times)
        return self.wait_minimum_s * 2.0**doublings + self.random_range_s * chance


@dataclass(frozen=True, kw_only=True, slots=True)
class StationPlan:
    """One station.

    Attributes:
        tokens: Of the drivers who come to this station in a scenario.
        seed: With the identity decides everything that looks like chance. Ids of messages and
            transactions are never made from it: a fleet started again must not repeat them.
        settings: First values that differ from the factory's: configuration keys of 1.6, or
            "Component.Variable" and "Component.Variable.Instance" of 2.0.1.
        operator: Organization in the station's own certificate.
        clock_offset_s: How far the station's clock is ahead of UTC.
        reboot_s: Simulated time from the end of one life to the next connection.
        compression: Whether permessage-deflate is offered.
    """

    identity: str
    version: Version
    vendor: str = "Voltstead"
    model: str = "Duo 22"
    serial_number: str = "VS-0001"
    firmware_version: str = "1.4.2"
    evses: tuple[EvsePlan, ...] = (EvsePlan(),)
    tokens: tuple[IdToken, ...] = ()
    seed: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    security_profile: int = 1
    operator: str = "Emobi"
    iccid: str | None = None
    imsi: str | None = None
    backoff: Backoff = Backoff()
    clock_offset_s: float = 0.0
    reboot_s: float = 20.0
    compression: bool = False
