"""What a version of OCPP is to a station: how to say things, and how to answer.

A version is a value: ``ocpp16.DIALECT`` and ``ocpp201.DIALECT`` fill in the same fields. The station
itself knows neither.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emobi.simulator.frames import Payload
from emobi.simulator.moments import BootReason, ReadingContext, StartTrigger, StopReason
from emobi.simulator.settings import Settings
from emobi.simulator.tokens import Authorization, IdToken

if TYPE_CHECKING:
    from emobi.simulator.evse import Evse, Session
    from emobi.simulator.faults import Fault
    from emobi.simulator.plan import StationPlan
    from emobi.simulator.readings import Reading
    from emobi.simulator.station import Station


@dataclass(frozen=True, slots=True)
class Report:
    """Something the station says: a CALL that has no id yet."""

    action: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a CALL, and what the station does once it has gone out."""

    payload: Payload
    then: Callable[[], Coroutine[Any, Any, object]] | None = None


class NotSupported(Exception):
    """The station knows the action and doesn't have what it asks for: a CALLERROR of this name."""


Answerer = Callable[["Station", Payload], Reply]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One version.

    Attributes:
        format_violation: errorCode for a frame that is no PDU; the versions spell it differently.
        serves_rejected: While Rejected, CALLs get a SecurityError (2.0.1, B03.FR.08); 1.6 stations
            then don't answer at all (1.6 section 4.2).
        answers: By action; what isn't here is NotImplemented.
        places: Ids of what has a status of its own; 0 is the station.
        read_authorization: idTagInfo or idTokenInfo of an answer; None without.
        state_changed: None where the version says it by StatusNotification.
        metered: None where there is nothing to say.
        fault_event: What is said of a fault beside StatusNotification.
        complete: Called on the payload of a transaction report right before it goes out.
        mark_offline: Called on the payload of each report that waits when the connection is lost.
    """

    version: str
    subprotocol: str
    format_violation: str
    serves_rejected: bool
    answers: Mapping[str, Answerer]
    make_settings: Callable[["Station"], Settings]
    places: Callable[["Station"], Sequence[int]]

    boot: Callable[["StationPlan", str, BootReason], Report]
    status: Callable[["Station", int], Report]
    authorize: Callable[[IdToken], Report]
    read_authorization: Callable[[Payload], Authorization | None]
    started: Callable[["Station", "Evse", "Session", StartTrigger], Report]
    read_number: Callable[[Payload], int | None]
    state_changed: Callable[["Station", "Evse", "Session"], Report | None]
    metered: Callable[["Station", "Evse", "Session", list["Reading"], ReadingContext], Report | None]
    ended: Callable[["Station", "Evse", "Session", StopReason, IdToken | None], Report]
    readings: Callable[["Station", int, list["Reading"], ReadingContext], Report]
    fault_event: Callable[["Station", int, "Fault", bool], Report | None]
    firmware_status: Callable[[str, int | None], Report]
    log_status: Callable[[str, int | None], Report]
    security_event: Callable[["Station", str, str], Report]
    sign_certificate: Callable[[str], Report]
    reservation_ended: Callable[[int, str], Report | None]
    complete: Callable[[Payload, "Session"], None]
    mark_offline: Callable[[Payload], None]
