"""Whether a driver may charge: asked of the central system, or decided here.

Source: OCPP 1.6 sections 3.5 and 4.1; OCPP 2.0.1 part 2, C01, C12 to C15.
"""

from typing import TYPE_CHECKING

from emobi.simulator import reservations
from emobi.simulator.evse import Evse, Session
from emobi.simulator.link import CallFailed
from emobi.simulator.settings import Setting
from emobi.simulator.tokens import ACCEPTED, Authorization, IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station

REFUSED = "Invalid"


async def authorize(station: "Station", token: IdToken) -> str:
    """Ask whether the token may charge, or decide it here while offline; returns the status."""
    known = station.tokens.find(token, station.now())
    if known is not None and known.accepted and station.settings.flag(Setting.AUTHORIZE_LOCALLY_FIRST):
        return known.status
    if not station.online:
        return _decide(station, known)
    try:
        answer = await station.call(station.dialect.authorize(token))
    except CallFailed:
        return _decide(station, known)
    authorization = station.dialect.read_authorization(answer)
    if authorization is None:
        return REFUSED
    station.tokens.remember(token, authorization)
    return authorization.status


def may_use(station: "Station", evse: Evse, token: IdToken) -> bool:
    """Whether the EVSE is in service, and not kept for someone else."""
    if evse.fault is not None or evse.resetting or not station.is_operative(evse):
        return False
    return evse.reservation is None or reservations.matches(station, evse.reservation, token)


def may_stop(station: "Station", session: Session, token: IdToken) -> bool:
    """The token that started a transaction stops it, and so does any of its group (C09)."""
    if token.key == session.token.key:
        return True
    now = station.now()
    started, shown = station.tokens.find(session.token, now), station.tokens.find(token, now)
    if started is None or shown is None or started.group is None:
        return False
    return shown.accepted and shown.group == started.group


def _decide(station: "Station", known: Authorization | None) -> str:
    if known is not None:
        return known.status if station.settings.flag(Setting.AUTHORIZE_OFFLINE_LOCALLY) else REFUSED
    return ACCEPTED if station.settings.flag(Setting.AUTHORIZE_OFFLINE_UNKNOWN) else REFUSED
