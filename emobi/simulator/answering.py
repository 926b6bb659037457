"""Hears a CALL of the central system, answers it, then does what was asked.

Source: OCPP-J 1.6 section 4.2.3; OCPP 2.0.1 part 4, section 4.2.3.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from emobi.simulator.dialect import NotSupported, Reply
from emobi.simulator.frames import Call, CallError, CallResult, MalformedFrame, Payload
from emobi.simulator.link import Disconnected, Link
from emobi.simulator.moments import Registration

if TYPE_CHECKING:
    from emobi.simulator.station import Station

logger = logging.getLogger(__name__)

# What a test puts in the place of an answer: a payload, a CALLERROR (its id is filled in), None for
# never answering, or a function of the CALL's payload that returns one of these.
Scripted = Payload | CallError | None
Override = Scripted | Callable[[Payload], Scripted]


async def hear(station: "Station", link: Link, heard: Call | MalformedFrame) -> None:
    """Answer at once; what the command asks for is done afterwards, beside the conversation."""
    reply = _reply_to_damage(station, heard) if isinstance(heard, MalformedFrame) else _reply(station, heard)
    if reply is None:
        return
    frame, afterwards = reply
    try:
        await link.send(frame)
    except Disconnected:
        logger.info("%s: gone before the answer", station.plan.identity)
        return
    if afterwards is not None and afterwards.then is not None:
        station.spawn(afterwards.then())


def _reply_to_damage(station: "Station", damage: MalformedFrame) -> tuple[CallError, None] | None:
    logger.warning("%s: %s", station.plan.identity, damage)
    if damage.message_id is None:
        return None
    return CallError(damage.message_id, station.dialect.format_violation, str(damage)), None


def _reply(station: "Station", call: Call) -> tuple[CallResult | CallError, Reply | None] | None:
    if call.action in station.answers:
        return _scripted(station.answers[call.action], call)
    if station.registration is Registration.REJECTED:
        if not station.dialect.serves_rejected:
            return None
        return CallError(call.message_id, "SecurityError", "the station was rejected"), None
    answerer = station.dialect.answers.get(call.action)
    if answerer is None:
        return CallError(call.message_id, "NotImplemented", f"unknown action {call.action[:50]}"), None
    try:
        reply = answerer(station, call.payload)
    except NotSupported as refusal:
        return CallError(call.message_id, "NotSupported", str(refusal)), None
    except KeyError as missing:
        logger.warning("%s: %s lacks %s", station.plan.identity, call.action, missing, exc_info=True)
        return CallError(call.message_id, "ProtocolError", f"missing {missing}"), None
    except ValueError as wrong:
        logger.warning("%s: %s: %s", station.plan.identity, call.action, wrong, exc_info=True)
        return CallError(call.message_id, "PropertyConstraintViolation", str(wrong)), None
    except Exception:
        logger.exception("%s: %s", station.plan.identity, call.action)
        return CallError(call.message_id, "InternalError"), None
    return CallResult(call.message_id, reply.payload), reply


def _scripted(override: Override, call: Call) -> tuple[CallResult | CallError, None] | None:
    answer = override(call.payload) if callable(override) else override
    if answer is None:
        return None
    if isinstance(answer, CallError):
        return replace(answer, message_id=call.message_id), None
    return CallResult(call.message_id, answer), None
