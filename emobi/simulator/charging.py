"""What drivers do at a station and what it says meanwhile, step by step.

Source: OCPP 1.6 sections 3.1, 4.8 to 4.10; OCPP 2.0.1 part 2, E01 to E12, with the transaction
starting and stopping at PowerPathClosed: it begins when a driver is authorized and an EV is plugged
in, and ends when either is no longer so.

Each step works offline too: transaction reports then wait in the outbox.
"""

import uuid
from typing import TYPE_CHECKING

from emobi.simulator import reservations, resets, statuses
from emobi.simulator.authorization import REFUSED, authorize, may_stop, may_use
from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.evse import Awaited, Evse, NotPossible, Session
from emobi.simulator.moments import ReadingContext, StartTrigger, StopReason
from emobi.simulator.outbox import Waiting
from emobi.simulator.profiles import ChargingProfile
from emobi.simulator.readings import read_meter
from emobi.simulator.settings import Setting
from emobi.simulator.tokens import ACCEPTED, Authorization, IdToken

if TYPE_CHECKING:
    from emobi.simulator.dialect import Report
    from emobi.simulator.frames import Payload
    from emobi.simulator.station import Station


async def plug_in(station: "Station", evse: Evse, ev: ElectricVehicle) -> None:
    evse.plug(ev)
    await statuses.report(station, evse.evse_id)
    if (awaited := evse.awaited) is not None:
        remote = awaited.remote_start_id is not None
        await start(
            station,
            evse,
            awaited.token,
            remote_start_id=awaited.remote_start_id,
            profile=awaited.profile,
            trigger=StartTrigger.REMOTE_START if remote else StartTrigger.CABLE_PLUGGED_IN,
        )


async def unplug(station: "Station", evse: Evse) -> None:
    """Pull the plug; a transaction under way ends with EVDisconnected."""
    if evse.session is not None:
        station.advance(evse)
    evse.unplug()
    if evse.session is not None:
        await stop(station, evse, StopReason.EV_DISCONNECTED)
    await statuses.report(station, evse.evse_id)


async def present(station: "Station", evse: Evse, token: IdToken) -> str:
    """Show a token to the reader: start with it, or stop what it started; returns the status."""
    if evse.session is not None:
        if not may_stop(station, evse.session, token):
            return REFUSED
        await stop(station, evse, StopReason.LOCAL, token)
        return ACCEPTED
    status = await authorize(station, token)
    if status != ACCEPTED:
        return status
    if not may_use(station, evse, token):
        return REFUSED
    if evse.ev is not None:
        await start(station, evse, token)
    else:
        await await_plug(station, evse, Awaited(token=token))
    return ACCEPTED


async def await_plug(station: "Station", evse: Evse, awaited: Awaited) -> None:
    """Keep the EVSE for an authorized driver until ConnectionTimeOut passes."""
    evse.awaited = awaited
    await statuses.report(station, evse.evse_id)
    station.spawn(_give_up_waiting(station, evse, awaited))


async def start(
    station: "Station",
    evse: Evse,
    token: IdToken,
    *,
    remote_start_id: int | None = None,
    profile: ChargingProfile | None = None,
    trigger: StartTrigger = StartTrigger.AUTHORIZED,
) -> Session:
    """Begin a transaction and, unless the central system refuses it, close the contactor.

    Raises:
        NotPossible: Without an EV, while another transaction runs, or on an EVSE out of service.
    """
    if evse.ev is None:
        raise NotPossible(f"EVSE {evse.evse_id}: nothing is plugged in")
    if not may_use(station, evse, token):
        raise NotPossible(f"EVSE {evse.evse_id}: out of service or reserved")
    session = Session(
        transaction_id=str(uuid.uuid4()),
        token=token,
        started_at=station.now(),
        meter_start_wh=round(evse.meter_wh),
        remote_start_id=remote_start_id,
        reservation_id=reservations.consume(station, evse, token),
    )
    station.evses.begin(evse, session)
    if profile is not None:
        station.profiles.put(profile)
    session.begin_readings = read_meter(evse, station.settings.words(Setting.STARTED_MEASURANDS))
    await _post(station, evse, session, station.dialect.started(station, evse, session, trigger))
    if evse.session is session and not session.refused:
        station.advance(evse)
        evse.energised = True
        await note_state(station, evse)
        station.spawn(_keep_metering(station, evse, session))
    return session


async def note_state(station: "Station", evse: Evse) -> None:
    """Report a charging state that has changed: the EV suspends, a limit suspends, energy flows again."""
    station.advance(evse)
    session, state = evse.session, evse.charging_state
    if session is None or session.state is state:
        return
    session.state = state
    report = station.dialect.state_changed(station, evse, session)
    if report is not None:
        await _post(station, evse, session, report)
    await statuses.report(station, evse.evse_id)


async def meter(station: "Station", evse: Evse, context: ReadingContext = ReadingContext.PERIODIC) -> None:
    """Report the meter within the transaction."""
    await note_state(station, evse)
    if (session := evse.session) is None:
        raise NotPossible(f"EVSE {evse.evse_id}: no transaction is under way")
    readings = read_meter(evse, station.settings.words(Setting.SAMPLED_MEASURANDS))
    report = station.dialect.metered(station, evse, session, readings, context)
    if report is not None:
        await _post(station, evse, session, report)


async def report_readings(
    station: "Station", evse: Evse, context: ReadingContext, *, asked: bool = False
) -> None:
    """Tell the meter outside the transaction's own reports."""
    station.advance(evse)
    readings = read_meter(evse, station.settings.words(Setting.ALIGNED_MEASURANDS))
    if readings:
        report = station.dialect.readings(station, evse.evse_id, readings, context)
        await station.tell(report, asked=asked)


async def stop(station: "Station", evse: Evse, reason: StopReason, token: IdToken | None = None) -> None:
    """End the transaction.

    Raises:
        NotPossible: If there is none.
    """
    station.advance(evse)
    session = station.evses.end(evse)
    session.state = evse.charging_state
    station.profiles.forget_transaction(evse.evse_id)
    await _post(station, evse, session, station.dialect.ended(station, evse, session, reason, token), token)
    await statuses.report(station, evse.evse_id)
    await resets.carry_out_scheduled(station)


async def _give_up_waiting(station: "Station", evse: Evse, awaited: Awaited) -> None:
    await station.pause(station.settings.integer(Setting.CONNECTION_TIMEOUT_S))
    if evse.awaited is awaited:
        evse.awaited = None
        await statuses.report(station, evse.evse_id)


async def _keep_metering(station: "Station", evse: Evse, session: Session) -> None:
    """Report at the configured interval, in simulated time; 0 is asked again each minute."""
    while True:
        interval_s = station.settings.integer(Setting.SAMPLE_INTERVAL_S)
        await station.pause(interval_s or 60)
        if evse.session is not session:
            return
        if interval_s:
            await meter(station, evse)


async def _post(
    station: "Station", evse: Evse, session: Session, report: "Report", shown: IdToken | None = None
) -> None:
    """Queue a transaction report; return once it was answered, or is known to have to wait.

    Args:
        station: Whose outbox it goes into.
        evse: Where the transaction is.
        session: The transaction.
        report: What to say.
        shown: The token that the answer is about, where it isn't the one that started.
    """

    def settle(answer: "Payload") -> None:
        number = station.dialect.read_number(answer)
        if number is not None:
            session.number = number
        authorization = station.dialect.read_authorization(answer)
        if authorization is not None:
            station.tokens.remember(shown or session.token, authorization)
            _heed(station, evse, session, authorization)

    waiting = Waiting(report, session, settle)
    if not station.online:
        station.dialect.mark_offline(report.payload)
        waiting.tried.set()
    station.outbox.put(waiting)
    await waiting.tried.wait()


def _heed(station: "Station", evse: Evse, session: Session, authorization: Authorization) -> None:
    if not authorization.accepted and not session.refused and evse.session is session:
        session.refused = True
        station.spawn(_deauthorize(station, evse, session))


async def _deauthorize(station: "Station", evse: Evse, session: Session) -> None:
    """The token was refused after the start (1.6 section 4.8, StopTransactionOnInvalidId; E05)."""
    if evse.session is not session:
        return
    if station.settings.flag(Setting.STOP_ON_INVALID_TOKEN):
        await stop(station, evse, StopReason.DE_AUTHORIZED)
    else:
        station.advance(evse)
        evse.energised = False
        await note_state(station, evse)
