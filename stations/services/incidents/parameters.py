"""What rules can be told, by kind: names, bounds, and what they are if nobody says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emobi.core.errors import Invalid
from stations.models import IncidentKind
from stations.security_event_types import ALARMING


@dataclass(frozen=True, kw_only=True)
class Number:
    """A whole number within bounds."""

    name: str
    default: int
    low: int
    high: int
    says: str

    def checked(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise Invalid(f"{self.name}: {self.low} to {self.high}.", f"params.{self.name}")
        return value


@dataclass(frozen=True, kw_only=True)
class Words:
    """Some texts; none: all."""

    name: str
    says: str
    default: tuple[str, ...] = ()

    def checked(self, value: object) -> list[str]:
        if (
            not isinstance(value, list)
            or len(value) > 50
            or not all(isinstance(each, str) and len(each) <= 100 for each in value)
        ):
            raise Invalid(f"{self.name}: up to 50 texts.", f"params.{self.name}")
        return value


@dataclass(frozen=True)
class Parameters:
    """The parameters of a kind of rule."""

    each: tuple[Number | Words, ...]

    def defaults(self) -> dict[str, Any]:
        return {
            each.name: list(each.default) if isinstance(each, Words) else each.default for each in self.each
        }

    def checked(self, said: object) -> dict[str, Any]:
        """What was said, if all of it can be taken.

        Raises:
            Invalid: If there is no such parameter, or it is out of its bounds.
        """
        if not isinstance(said, Mapping):
            raise Invalid("params: names and values.", "params")
        known = {each.name: each for each in self.each}
        for name in said:
            if name not in known:
                raise Invalid(f"This kind of rule has no parameter {name}.", f"params.{name}")
        return {name: known[name].checked(value) for name, value in said.items()}


# Many at once are one incident.
_TOGETHER = (
    Number(
        name="group_of", default=5, low=2, high=10_000, says="Stations of one place that are one incident."
    ),
    Number(name="mass_of", default=20, low=2, high=10_000, says="Stations of any place that are one."),
    Number(name="within_s", default=90, low=5, high=3600, says="Lost within this time of each other."),
    Number(name="critical_from", default=20, low=2, high=10_000, says="From so many on it is critical."),
)


def _window(count: int, window_s: int, says: str) -> tuple[Number, Number]:
    return (
        Number(name="count", default=count, low=2, high=10_000, says=says),
        Number(name="window_s", default=window_s, low=60, high=7 * 86_400, says="Within this time."),
    )


PARAMETERS: dict[IncidentKind, Parameters] = {
    IncidentKind.OFFLINE: Parameters(_TOGETHER),
    IncidentKind.FLAPPING: Parameters(
        (
            *_window(6, 1800, "Times that it went offline or came back."),
            Number(name="drops", default=15, low=2, high=10_000, says="Or lost connections, however short."),
            Number(name="quiet_s", default=1800, low=60, high=86_400, says="Over after so long a quiet."),
        )
    ),
    IncidentKind.FAULT: Parameters(
        (
            Words(name="codes", says="Only these error codes."),
            Words(name="but", says="Not these error codes."),
            *_TOGETHER,
        )
    ),
    IncidentKind.REBOOT_LOOP: Parameters(
        (
            *_window(5, 1800, "Boots."),
            Number(name="quiet_s", default=1800, low=60, high=86_400, says="Over after so long without one."),
        )
    ),
    IncidentKind.FAILED_STARTS: Parameters(
        (
            *_window(3, 86_400, "Sessions one after the other that delivered nothing."),
            Number(name="longest_s", default=300, low=10, high=3600, says="A session this short failed."),
            Number(name="least_wh", default=10, low=0, high=10_000, says="If it delivered less than this."),
        )
    ),
    IncidentKind.NO_METER_VALUES: Parameters(
        (Number(name="quiet_s", default=900, low=60, high=86_400, says="No reading for so long."),)
    ),
    IncidentKind.ZOMBIE_SESSION: Parameters(
        (
            Number(name="free_s", default=300, low=60, high=86_400, says="Its connector is free so long."),
            Number(name="longest_h", default=24, low=1, high=720, says="Or it goes on for so long."),
        )
    ),
    IncidentKind.CLOCK_SKEW: Parameters(
        (Number(name="seconds", default=60, low=1, high=86_400, says="Further from ours than this."),)
    ),
    IncidentKind.CERTIFICATE_EXPIRING: Parameters(
        (
            Number(name="days", default=30, low=1, high=365, says="Ends within so many days."),
            Number(name="critical_days", default=7, low=0, high=365, says="Critical within so many."),
        )
    ),
    IncidentKind.CERTIFICATE_FAILED: Parameters(
        (Number(name="days", default=30, low=1, high=365, says="Failed within so many days."),)
    ),
    IncidentKind.SECURITY_EVENT: Parameters(
        (
            Words(name="types", says="Only these types of event.", default=ALARMING),
            Number(
                name="quiet_s",
                default=86_400,
                low=60,
                high=7 * 86_400,
                says="One of the same type within this time is the same incident.",
            ),
        )
    ),
    IncidentKind.DEVIATION_RATE: Parameters(
        _window(500, 3600, "Messages that aren't as OCPP has them."),
    ),
    IncidentKind.WEBHOOK_FAILING: Parameters(()),
}
