"""What is awaited of a command: the facts in which its effect shows, and how long they may take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from emobi.core import clock
from stations.commands.everyday import MESSAGES, SIGNED_MESSAGES, Reset, SetAvailability, TriggerMessage
from stations.commands.firmware import UpdateFirmware
from stations.commands.transactions import RemoteStart, RemoteStop
from stations.models import FirmwareImage, Station, Variable

# What happens when a station has finished with its transactions, or is let to: a day is enough for any.
WHEN_IDLE_S = 86_400

# A driver has this long to plug in, or what the station grants and then some; never more than an hour.
STARTED_FOR_S, LONGEST_START_S = 300, 3600
AFTER_TIMEOUT_S = 60

# A message that we asked for may come so long after the station agreed to send it.
TRIGGERED_FOR_S = 120
# What is to be done later than this isn't waited for.
LONGEST_WAIT_S = 30 * 86_400


class Effect(StrEnum):
    """Kinds of facts in which an effect shows, with what is told of each."""

    BOOT = "boot"  # reason, firmware_version
    EVSE_RESET = "evse_reset"  # see `stations.services.device_model.evse_resets`
    AVAILABILITY = "availability"  # see `stations.services.device_model.connectors`
    SESSION_START = "session_start"  # see `sessions.services.remote_starts`
    SESSION_END = "session_end"  # session_id, transaction_id, reason
    MESSAGE = "message"  # action, evse_id
    FIRMWARE = "firmware"  # status, request_id


# Before its answer a station does these, if it does, for another reason.
AFTER_ANSWER = frozenset({Effect.BOOT, Effect.EVSE_RESET})

# Why a station boots that was told to (BootReasonEnumType, OCPP 2.0.1 part 2, section 3.5): 1.6 says no
# reason, and who doesn't know it says nothing against it.
RESET_REASONS = (None, "RemoteReset", "ScheduledReset", "Unknown")

# Two of them in a row are the effects of two commands; of the others one may be the effect of many.
ONE_EACH = frozenset({Effect.SESSION_START, Effect.MESSAGE})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One fact that is awaited: one with what is in ``like``, and without what is in ``unlike``.

    ``among``: the values that it may have. One that is the fact but for that is told in the outcome: it may
    be the effect, and it may be chance.
    """

    effect: Effect
    like: Mapping[str, Any] = field(default_factory=dict)
    unlike: Mapping[str, Any] = field(default_factory=dict)
    among: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """The effect of a command: steps that are seen in any order.

    Attributes:
        within_s: From the answer, or from its sending while there is none.
        scheduled_within_s: The same if the station answers that it will do it later; None: as ``within_s``.
    """

    steps: tuple[Step, ...]
    within_s: int
    scheduled_within_s: int | None = None


def _reset(_station: Station, asked: Reset) -> Awaited | None:
    """A boot for a reason that fits; of one EVSE (B11.FR.08) what its connectors say when it comes back."""
    if asked.evse_id is not None:
        step = Step(effect=Effect.EVSE_RESET, like={"evse_id": asked.evse_id, "asked_at": clock.now()})
    else:
        step = Step(effect=Effect.BOOT, among={"reason": RESET_REASONS})
    return Awaited(steps=(step,), within_s=300, scheduled_within_s=WHEN_IDLE_S)


def _set_availability(_station: Station, asked: SetAvailability) -> Awaited:
    step = Step(effect=Effect.AVAILABILITY, like=asdict(asked))
    return Awaited(steps=(step,), within_s=60, scheduled_within_s=WHEN_IDLE_S)


def _remote_start(station: Station, asked: RemoteStart) -> Awaited:
    """2.0.1 says which command a session came of; in 1.6 it is a new one with that token, on that EVSE."""
    like: dict[str, Any] = {"remote_start_id": asked.remote_start_id}
    if station.ocpp_version == "1.6":
        like = {"id_token": asked.id_token, "evse_id": asked.evse_id}
    steps = (Step(effect=Effect.SESSION_START, like=like),)
    return Awaited(steps=steps, within_s=_started_within_s(station))


def _started_within_s(station: Station) -> int:
    """So long a station may wait for the plug (2.0.1 EVConnectionTimeOut, 1.6 ConnectionTimeOut)."""
    granted_s = Variable.objects.filter(
        station=station,
        component__iexact="TxCtrlr",
        variable__iexact="EVConnectionTimeOut",
        attribute="Actual",
    ).values_list("value", flat=True)
    said = next(iter(granted_s[:1]), None) or ""
    # No more digits than a time-out of hours has.
    seconds = int(said) if len(said) <= 9 and said.isascii() and said.isdecimal() else 0
    return min(max(STARTED_FOR_S, seconds + AFTER_TIMEOUT_S), LONGEST_START_S)


def _remote_stop(_station: Station, asked: RemoteStop) -> Awaited:
    step = Step(effect=Effect.SESSION_END, like={"transaction_id": asked.transaction_id})
    return Awaited(steps=(step,), within_s=120)


def _trigger_message(station: Station, asked: TriggerMessage) -> Awaited:
    message = asked.requested_message
    like: dict[str, Any] = {"action": MESSAGES.get(message, message.value)}
    if asked.security_extension and station.ocpp_version == "1.6":
        like["action"] = SIGNED_MESSAGES.get(message, like["action"])
    if asked.evse_id is not None:
        like["evse_id"] = asked.evse_id
    return Awaited(steps=(Step(effect=Effect.MESSAGE, like=like),), within_s=TRIGGERED_FOR_S)


def _update_firmware(station: Station, asked: UpdateFirmware) -> Awaited:
    """It is done when the station says so, and boots with a new version: the image's, if that is known."""
    image = FirmwareImage.objects.filter(pk=asked.image).first() if asked.image else None
    boot = (
        Step(effect=Effect.BOOT, like={"firmware_version": image.version})
        if image
        else Step(effect=Effect.BOOT, unlike={"firmware_version": station.firmware_version})
    )
    installed = Step(effect=Effect.FIRMWARE, like={"status": "Installed", "request_id": asked.request_id})
    times = [time for time in (asked.retrieve_date_time, asked.install_date_time) if time is not None]
    wait_s = max([0, *((time - clock.now()).total_seconds() for time in times)])
    return Awaited(steps=(installed, boot), within_s=min(int(wait_s), LONGEST_WAIT_S) + WHEN_IDLE_S)


# By command; told the station and the command as it is said.
FOLLOWED: Mapping[str, Callable[[Station, Any], Awaited | None]] = {
    "remote_start": _remote_start,
    "remote_stop": _remote_stop,
    "reset": _reset,
    "set_availability": _set_availability,
    "trigger_message": _trigger_message,
    "update_firmware": _update_firmware,
}
