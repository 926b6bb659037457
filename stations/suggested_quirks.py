"""Quirk flags that would help a station, as far as what is known of it tells. Nothing is set by itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from stations import connection_signs
from stations.capabilities import Capability
from stations.connection_signs import Signs
from stations.models import RefusedHandshake, Station

# Once is an accident.
OFTEN = 3

# Deviations by rule, the flag against them, and why.
RULES: Mapping[str, tuple[str, object, str]] = {
    "message id": ("match_lone_answer", True, "answers came with ids that we never sent"),
    "energy scale": (
        "energy_factor",
        1000,
        "its energy is a thousandth of what its power makes",
    ),
    "power scale": ("power_factor", 0.001, "its power is a thousand times what its energy shows"),
    "register fell": ("session_energy_meter", True, "its register fell to nothing while a session ran"),
    "no token": ("free_vend_token", "FREE", "sessions started without a token"),
}

# What a station is given time for, in seconds: to come up, and to get its breath back.
AFTER_BOOT_S, AFTER_ANSWER_S = 30, 5

# Zones are whole quarters of an hour from UTC; a clock that is off by just that tells the time on the wall.
_QUARTER_S = 900
_CLOSE_S = 90
_FARTHEST_S = 14 * 3600


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A flag, the value to give it, and what was seen."""

    quirk: str
    value: object
    because: str


def of(station: Station, capabilities: Mapping[str, Capability]) -> list[Suggestion]:
    """Flags that the station doesn't have and that would help it; four queries."""
    found = [
        *_of_deviations(station.deviations.filter(rule__in=RULES).values_list("rule").annotate(Sum("count"))),
        *_of_clock(station.clock_skew_s),
        *_of_trigger(capabilities["trigger_message"]),
        *_of_refusals(station),
        *_of_connections(connection_signs.of(station)),
    ]
    decided = station.quirks | station.model_quirks
    return [suggestion for suggestion in found if suggestion.quirk not in decided]


def _of_deviations(counted: Iterable[tuple[str, int]]) -> Iterator[Suggestion]:
    for rule, count in sorted(counted):
        if count >= OFTEN:
            quirk, value, because = RULES[rule]
            yield Suggestion(quirk=quirk, value=value, because=f"{because} ({count} times)")


def _of_clock(skew_s: float | None) -> Iterator[Suggestion]:
    quarters = round((skew_s or 0) / _QUARTER_S)
    if skew_s is None or not quarters or abs(skew_s) > _FARTHEST_S:
        return
    if abs(skew_s - quarters * _QUARTER_S) <= _CLOSE_S:
        hours, minutes = divmod(abs(quarters) * 15, 60)
        offset = f"{'-' if quarters < 0 else '+'}{hours:02}:{minutes:02}"
        yield Suggestion(
            quirk="local_time_zone", value=offset, because=f"its clock is {offset} off, as local time is"
        )


def _of_trigger(trigger: Capability) -> Iterator[Suggestion]:
    unknown = trigger.failure is not None and trigger.failure.startswith(("NotImplemented", "NotSupported"))
    if unknown and trigger.worked_at is None:
        yield Suggestion(quirk="no_trigger", value=True, because=f"TriggerMessage: {trigger.failure}")


def _of_refusals(station: Station) -> Iterator[Suggestion]:
    refused = RefusedHandshake.objects.filter(
        network_slug=station.network.slug, identity=station.identity, reason="no subprotocol"
    )
    if refused.exists():
        yield Suggestion(
            quirk="assume_subprotocol", value="ocpp1.6", because="it connected without naming a subprotocol"
        )


def _of_connections(signs: Signs) -> Iterator[Suggestion]:
    pings = {
        f"its sockets fell silent at our first ping ({signs.unanswered_pings} times)": signs.unanswered_pings,
        f"it left right after our first ping ({signs.dropped_at_ping} times)": signs.dropped_at_ping,
    }
    because, count = max(pings.items(), key=lambda each: each[1])
    if count >= OFTEN:
        yield Suggestion(quirk="ping_interval_s", value=0, because=because)
    if signs.broken_compression >= OFTEN:
        because = f"compressed frames couldn't be read ({signs.broken_compression} times)"
        yield Suggestion(quirk="no_compression", value=True, because=because)
    lost, answered = signs.after_boot
    if lost >= OFTEN and lost > answered:
        because = f"of {lost + answered} CALLs soon after its boot {lost} weren't answered"
        yield Suggestion(quirk="boot_wait_s", value=AFTER_BOOT_S, because=because)
    lost, answered = signs.in_a_row
    if lost >= OFTEN and lost > answered:
        because = f"of {lost + answered} CALLs on the heels of an answer {lost} weren't answered"
        yield Suggestion(quirk="call_pause_s", value=AFTER_ANSWER_S, because=because)
