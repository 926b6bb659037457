"""Remote start and stop.

Source: OCPP 1.6 sections 5.11 and 5.12; OCPP 2.0.1 part 2, F01 to F03.
"""

from typing import TYPE_CHECKING

from emobi.simulator import authorization, charging
from emobi.simulator.evse import Awaited, Evse
from emobi.simulator.moments import Registration, StartTrigger
from emobi.simulator.profiles import ChargingProfile, Purpose
from emobi.simulator.settings import Setting
from emobi.simulator.tokens import ACCEPTED, IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def choose_evse(station: "Station", evse_id: int | None, token: IdToken) -> Evse | None:
    """The EVSE that a remote start may use: the one named, else a free one, best with a plug in it."""
    if station.registration is not Registration.ACCEPTED:
        return None  # B02.FR.05; 1.6 section 4.2
    usable = [
        evse
        for evse in station.evses
        if evse_id in {None, evse.evse_id}
        and evse.session is None
        and evse.awaited is None
        and authorization.may_use(station, evse, token)
    ]
    return min(usable, key=lambda evse: evse.ev is None, default=None)


def acceptable(profile: ChargingProfile) -> bool:
    """Whether a profile may come with a remote start (F01.FR.09, .11)."""
    return profile.purpose is Purpose.TX and profile.transaction_id is None and profile.well_formed


async def start(
    station: "Station",
    evse: Evse,
    token: IdToken,
    *,
    remote_start_id: int | None = None,
    profile: ChargingProfile | None = None,
) -> None:
    """Begin the transaction, or wait for the plug until ConnectionTimeOut."""
    if station.settings.flag(Setting.AUTHORIZE_REMOTE_START):
        if await authorization.authorize(station, token) != ACCEPTED:
            return
        if evse.session is not None:
            return
    if evse.ev is None:
        awaited = Awaited(token=token, remote_start_id=remote_start_id, profile=profile)
        await charging.await_plug(station, evse, awaited)
        if station.plugs_in_after_s is not None:
            await station.pause(station.plugs_in_after_s)
            if evse.awaited is awaited and evse.ev is None:
                await station.plug_in(evse.evse_id)
        return
    await charging.start(
        station,
        evse,
        token,
        remote_start_id=remote_start_id,
        profile=profile,
        trigger=StartTrigger.REMOTE_START,
    )
