"""One simulated charging station: the wire on one side, a driver's acts on the other.

Left alone it lives by itself (:meth:`Station.power_on`); a test goes step by step::

    async with Station(plan, Access(url="ws://…/{identity}", password="…")) as station:
        await station.connect()
        await station.boot()
        await station.plug_in()
        await station.authorize("GOOD")
        await station.start("GOOD")
        await station.meter()
        await station.stop()
        await station.unplug()
"""

import asyncio
import itertools
import logging
import random
from collections import deque
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from emobi.simulator import authorization, breakdowns, charging, ocpp16, ocpp201
from emobi.simulator.access import Access
from emobi.simulator.answering import Override
from emobi.simulator.certificates import CertificateStore
from emobi.simulator.dialect import Dialect, Report
from emobi.simulator.drivers import random_ev
from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.evse import Evse, NotPossible, Session
from emobi.simulator.evses import Evses
from emobi.simulator.faults import FAULTS, Fault
from emobi.simulator.firmware import Job
from emobi.simulator.frames import Payload
from emobi.simulator.lifeline import Lifeline
from emobi.simulator.link import CallFailed, Link
from emobi.simulator.moments import BootReason, ReadingContext, Registration, StopReason
from emobi.simulator.outbox import Outbox
from emobi.simulator.plan import StationPlan
from emobi.simulator.profiles import ProfileStore
from emobi.simulator.resets import ScheduledReset
from emobi.simulator.settings import Setting
from emobi.simulator.tasks import Tasks
from emobi.simulator.tokens import IdToken, TokenMemory

logger = logging.getLogger(__name__)

DIALECTS = {"1.6": ocpp16.DIALECT, "2.0.1": ocpp201.DIALECT}


class Station:
    """One station.

    Args:
        plan: What it is.
        access: How it gets in.
        speed: Simulated seconds in a real one: charging, pauses, reboots. What is agreed with
            the central system (heartbeats, retries, time-outs of CALLs) stays in real seconds.
        record: How many frames of each direction :attr:`sent` and :attr:`received` keep.
        call_timeout_s: How long the station waits for an answer.

    Attributes:
        answers: What to answer instead, by action; see :data:`answering.Override`.
        reported: The last status told of each place, so that only changes are told.
        plugs_in_after_s: When the driver of a remote start plugs in; None: nobody comes.
        fault: What is broken about the station as a whole.
    """

    def __init__(
        self,
        plan: StationPlan,
        access: Access,
        *,
        speed: float = 1.0,
        record: int = 0,
        call_timeout_s: float = 30.0,
    ) -> None:
        self.plan: StationPlan = plan
        self.speed: float = speed
        self.dialect: Dialect = DIALECTS[plan.version]
        self.random = random.Random(f"{plan.seed}:{plan.identity}")
        self.firmware_version: str = plan.firmware_version
        self.operative = True
        self.fault: Fault | None = None
        self.plugs_in_after_s: float | None = None
        self.answers: dict[str, Override] = {}
        self.sent: deque[str] = deque(maxlen=record)
        self.received: deque[str] = deque(maxlen=record)
        self.reported: dict[int, Payload] = {}
        self.tokens: TokenMemory = TokenMemory()
        self.profiles: ProfileStore = ProfileStore()
        self.certificates: CertificateStore = CertificateStore()
        self.firmware_job = Job()
        self.log_job = Job()
        self.scheduled_resets: list[ScheduledReset] = []
        self.evses: Evses = Evses(
            [
                Evse(evse_id=number, plan=evse, meter_wh=evse.meter_wh, limit_w=self._limit_w)
                for number, evse in enumerate(plan.evses, start=1)
            ]
        )
        self.lifeline = Lifeline(self, access, call_timeout_s, self._record)
        self.settings = self.dialect.make_settings(self)
        self.outbox = Outbox(self.call, self.dialect.complete, self._patience)
        self._numbers = itertools.count(1)
        self._work = Tasks(plan.identity)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.power_off()

    # The connection

    @property
    def online(self) -> bool:
        return self.lifeline.online

    @property
    def registration(self) -> Registration | None:
        return self.lifeline.registration

    @property
    def link(self) -> Link | None:
        return self.lifeline.link

    async def connect(self) -> None:
        """Open the socket once; raises ConnectFailed."""
        await self.lifeline.connect()

    async def boot(self, reason: BootReason | None = None) -> None:
        """Send BootNotification until it is accepted, then the statuses."""
        await self.lifeline.boot(reason)

    def power_on(self) -> None:
        """Live by itself: connect, boot, and come back whenever the connection is lost."""
        self.lifeline.power_on()

    async def power_off(self) -> None:
        await self._work.end()
        await self.lifeline.power_off()

    async def until_accepted(self) -> None:
        await self.lifeline.accepted.wait()

    async def drop(self) -> None:
        """Lose the TCP connection without a close frame."""
        await self.lifeline.drop()

    async def cut(self) -> None:
        """Lose the connection and stay away until :meth:`mend`."""
        await self.lifeline.cut()

    def mend(self) -> None:
        self.lifeline.mend()

    async def stay_offline(self, seconds: float) -> None:
        """Be away for ``seconds`` of simulated time."""
        await self.cut()
        await self.pause(seconds)
        self.mend()

    def go_silent(self) -> None:
        """Keep the TCP connection and say nothing more: no answer, no pong, no CALL."""
        self._open_link().silence()

    def speak_again(self) -> None:
        self._open_link().speak_again()

    async def send_text(self, text: str) -> None:
        """Send anything at all."""
        await self._open_link().send_text(text)

    # What the driver does

    async def plug_in(self, evse_id: int = 1, ev: ElectricVehicle | None = None) -> None:
        evse = self.evse(evse_id)
        await charging.plug_in(self, evse, ev or random_ev(self.random, evse.plan))

    async def unplug(self, evse_id: int = 1) -> None:
        await charging.unplug(self, self.evse(evse_id))

    async def authorize(self, token: IdToken | str) -> str:
        return await authorization.authorize(self, _token(token))

    async def present(self, token: IdToken | str, evse_id: int = 1) -> str:
        """Show a token to the reader: authorize and start, or stop."""
        return await charging.present(self, self.evse(evse_id), _token(token))

    async def start(self, token: IdToken | str, evse_id: int = 1) -> Session:
        """Begin a transaction without asking first."""
        return await charging.start(self, self.evse(evse_id), _token(token))

    async def meter(self, evse_id: int = 1, context: ReadingContext = ReadingContext.PERIODIC) -> None:
        await charging.meter(self, self.evse(evse_id), context)

    async def stop(
        self, evse_id: int = 1, reason: StopReason = StopReason.LOCAL, token: IdToken | str | None = None
    ) -> None:
        shown = None if token is None else _token(token)
        await charging.stop(self, self.evse(evse_id), reason, shown)

    async def fast_forward(self, seconds: float, evse_id: int = 1) -> None:
        """Let simulated time pass for the charging on one EVSE, at once, and tell a changed state."""
        self.evse(evse_id).charge(seconds)
        await charging.note_state(self, self.evse(evse_id))

    async def pause_ev(self, evse_id: int = 1, *, paused: bool = True) -> None:
        """The EV stops or goes on taking energy: SuspendedEV and back."""
        evse = self.evse(evse_id)
        if evse.ev is None:
            raise NotPossible("nothing is plugged in")
        self.advance(evse)
        evse.ev.wants_charge = not paused
        await charging.note_state(self, evse)

    async def break_down(self, fault: Fault | str, evse_id: int = 1) -> None:
        await breakdowns.break_down(self, evse_id, FAULTS[fault] if isinstance(fault, str) else fault)

    async def repair(self, evse_id: int = 1) -> None:
        await breakdowns.repair(self, evse_id)

    # Speaking

    async def call(self, report: Report) -> Payload:
        """Send a CALL and return its answer; raises CallFailed."""
        return await self.lifeline.call(report)

    async def tell(self, report: Report, *, asked: bool = False) -> bool:
        """Say something that isn't kept: False if it couldn't be said or wasn't answered.

        Args:
            report: What to say.
            asked: The central system asked for it, so that it goes out while Pending too (B02.FR.02).
        """
        if not self.online and not asked:
            return False
        try:
            await self.call(report)
        except CallFailed as failure:
            logger.info("%s: %s: %s", self.plan.identity, report.action, failure)
            return False
        return True

    async def heartbeat(self) -> None:
        await self.tell(Report("Heartbeat", {}))

    async def security_event(self, kind: str, info: str) -> None:
        await self.tell(self.dialect.security_event(self, kind, info))

    async def booted(self, reason: BootReason) -> None:
        """Right after the acceptance; stations of 2.0.1 tell of it (security events, A04)."""
        if self.plan.version == "2.0.1":
            event = "StartupOfTheDevice" if reason is BootReason.POWER_UP else "ResetOrReboot"
            await self.security_event(event, reason)
        if reason in (BootReason.REMOTE_RESET, BootReason.SCHEDULED_RESET):
            await breakdowns.cure(self)

    async def heed_settings(self) -> None:
        """Configuration has changed."""
        self.lifeline.heed_settings()

    async def heed_limits(self) -> None:
        """Charging profiles have changed: transactions may have been suspended, or go on."""
        for evse in self.evses.charging:
            await charging.note_state(self, evse)

    # State

    def evse(self, evse_id: int) -> Evse:
        """The EVSE of this number; raises NotPossible."""
        return self.evses.get(evse_id)

    def is_operative(self, evse: Evse) -> bool:
        return self.operative and evse.operative

    def next_number(self) -> int:
        """For what the station numbers itself: events and monitors."""
        return next(self._numbers)

    # Time and work

    def now(self) -> datetime:
        """The station's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.plan.clock_offset_s)

    async def pause(self, seconds: float) -> None:
        """Wait for simulated time."""
        await asyncio.sleep(seconds / self.speed)

    async def wait_until(self, at: datetime) -> None:
        """Wait for a time of the real clock."""
        await asyncio.sleep(max((at - self.now()).total_seconds(), 0))

    def advance(self, evse: Evse) -> None:
        """Charge for the simulated time since the last look."""
        now = asyncio.get_running_loop().time()
        elapsed_s, evse.charged_at = now - evse.charged_at, now
        if evse.energised:
            evse.charge(elapsed_s * self.speed)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something beside the conversation; it ends with the station."""
        self._work.start(work)

    def _limit_w(self, evse: Evse) -> float | None:
        began = evse.session.started_at if evse.session is not None else None
        sharing = sum(1 for other in self.evses if other.energised)
        return self.profiles.limit_w(evse.evse_id, evse.plan.phases, self.now(), began, sharing)

    def _patience(self) -> tuple[int, float]:
        return self.settings.integer(Setting.MESSAGE_ATTEMPTS), self.settings.integer(Setting.MESSAGE_RETRY_S)

    def _record(self, direction: str, text: str) -> None:
        (self.sent if direction == "sent" else self.received).append(text)

    def _open_link(self) -> Link:
        if self.link is None:
            raise NotPossible("not connected")
        return self.link


def _token(token: IdToken | str) -> IdToken:
    return IdToken(token) if isinstance(token, str) else token
