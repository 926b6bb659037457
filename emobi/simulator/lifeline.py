"""A station's connection over its whole life: open, boot, stay alive, come back.

Source: OCPP 1.6 sections 4.2 and 4.6, OCPP-J 1.6 section 5; OCPP 2.0.1 part 2, B01 to B04, and
part 4, section 5. Intervals here are real seconds: the speed of a simulation doesn't change what
was agreed with the central system.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from emobi.simulator import answering, statuses
from emobi.simulator.access import Access
from emobi.simulator.dialect import Report
from emobi.simulator.evse import NotPossible
from emobi.simulator.frames import Payload
from emobi.simulator.link import (
    CallFailed,
    ConnectFailed,
    Disconnected,
    Link,
    Refused,
    Unanswered,
    open_link,
)
from emobi.simulator.moments import BootReason, Registration
from emobi.simulator.plan import Backoff
from emobi.simulator.settings import Setting
from emobi.simulator.tasks import Tasks
from emobi.simulator.timers import Timers

if TYPE_CHECKING:
    from emobi.simulator.station import Station

logger = logging.getLogger(__name__)

# When the central system leaves the wait before the next BootNotification to the station.
BOOT_RETRY_S = 30

# So many CALLs in a row without an answer, and the station takes the socket for dead.
UNANSWERED_LIMIT = 3


class Lifeline:
    """The connection of one station.

    Attributes:
        access: Changed when the central system sets a new password.
        link: The open socket; None while offline.
        registration: The last answer to BootNotification; None from a reboot to the next answer.
        boot_reason: What the next BootNotification says.
        refusals: Handshakes refused or failed since the start.
    """

    def __init__(
        self, station: "Station", access: Access, call_timeout_s: float, record: Callable[[str, str], None]
    ) -> None:
        self._station = station
        self._record = record
        self._call_timeout_s = call_timeout_s
        self.access = access
        self.link: Link | None = None
        self.registration: Registration | None = None
        self.boot_reason = BootReason.POWER_UP
        self.refusals = 0
        self.accepted = asyncio.Event()
        self._cable = asyncio.Event()
        self._cable.set()
        self._powered = False
        self._life = Tasks(station.plan.identity)
        self._reading = Tasks(station.plan.identity)
        self._draining = Tasks(station.plan.identity)
        self._drains = False
        self._timers = Timers(station)
        self._url_after_reboot = access.url
        self._boot_retry_s = BOOT_RETRY_S
        self._booting = False
        self._absence_s: float | None = None
        self._unanswered = 0
        self._lost_at = 0.0

    @property
    def online(self) -> bool:
        """Connected and accepted: reports may go out."""
        return self.link is not None and self.registration is Registration.ACCEPTED

    def power_on(self) -> None:
        """Live by itself from now on: connect, boot, and come back whenever the connection is lost."""
        if not self._powered:
            self._powered = True
            self._life.start(self._live())

    async def power_off(self) -> None:
        await self._life.end()
        self._powered = False
        await self.hang_up(1001)

    async def connect(self) -> None:
        """Open the connection once, and go on where the last one ended if no boot is due.

        Raises:
            ConnectFailed: Without a 101.
        """
        if self.link is not None:
            raise NotPossible("connected already")
        if not self._cable.is_set():
            raise ConnectFailed("the cable is cut")
        station = self._station
        link = await open_link(
            station.plan.identity,
            self.access,
            station.dialect.subprotocol,
            compression=station.plan.compression,
            hear=lambda link, heard: answering.hear(station, link, heard),
            record=self._record,
        )
        if not self._cable.is_set():
            link.reset()
            raise ConnectFailed("the cable was cut")
        self.link = link
        self._unanswered = 0
        self._absence_s = None
        self._reading.start(self._attend(link))
        if self.registration is Registration.ACCEPTED:
            if time.monotonic() - self._lost_at > station.settings.integer(Setting.OFFLINE_THRESHOLD_S):
                station.reported.clear()
            await self._go_online()
            await station.heartbeat()  # B04

    async def boot(self, reason: BootReason | None = None) -> None:
        """Send BootNotification until it is accepted, as far apart as the central system asks.

        Raises:
            Disconnected: If the connection is lost before.
        """
        if reason is not None:
            self.boot_reason = reason
        self._booting = True
        try:
            while not await self._boot_once():
                await self._wait_for_acceptance(self._boot_retry_s)
                if self.accepted.is_set():
                    return
        finally:
            self._booting = False

    async def boot_as_triggered(self) -> None:
        """Send BootNotification because the central system asked, and go on until it is accepted again."""
        accepted = await self.register(BootReason.TRIGGERED) is Registration.ACCEPTED
        if not accepted and not self._booting:
            await self._wait_for_acceptance(self._boot_retry_s)
            await self.boot(BootReason.TRIGGERED)

    async def register(self, reason: BootReason) -> Registration:
        """Send one BootNotification and act on its answer."""
        station = self._station
        answer = await self.call(station.dialect.boot(station.plan, station.firmware_version, reason))
        interval_s = int(answer["interval"])
        self.registration = Registration(answer["status"])
        if self.registration is Registration.ACCEPTED:
            if interval_s > 0:
                station.settings.write(Setting.HEARTBEAT_INTERVAL_S, str(interval_s))
            station.reported.clear()
            await self._go_online()
            await station.booted(reason)
            self.accepted.set()
        else:
            self._boot_retry_s = interval_s or BOOT_RETRY_S
            self._go_quiet()
        return self.registration

    async def call(self, report: Report) -> Payload:
        """Send a CALL and wait for its answer.

        Raises:
            CallFailed: See ``link``; Disconnected at once while there is no connection.
        """
        if (link := self.link) is None:
            raise Disconnected("not connected")
        try:
            answer = await link.call(report.action, report.payload, timeout_s=self._call_timeout_s)
        except CallFailed as failure:
            self._unanswered = self._unanswered + 1 if isinstance(failure, Unanswered) else 0
            if self._unanswered >= UNANSWERED_LIMIT and not link.silent:
                link.reset()
            raise
        self._unanswered = 0
        return answer

    def go_down(self, reason: BootReason) -> None:
        """A reboot begins: nothing goes out any more, and what happens now is told after it."""
        self.registration = None
        self.boot_reason = reason
        self._absence_s = self._station.plan.reboot_s / self._station.speed
        self._go_quiet()

    async def restart(self, reason: BootReason, *, abruptly: bool = False) -> None:
        """Reboot: close, stay away for a while, connect and boot with ``reason``.

        A station that is powered on does the second half by itself, after this returns.
        """
        self.go_down(reason)
        await (self.drop() if abruptly else self.hang_up())
        self.access = replace(self.access, url=self._url_after_reboot)
        if not self._powered:
            await asyncio.sleep(self._absence_s or 0)
            await self.connect()
            await self.boot()

    def use_url_after_reboot(self, url: str) -> None:
        self._url_after_reboot = url

    async def use_password(self, password: str | bytes) -> None:
        """Connect again with a new password; no boot is due."""
        self.access = replace(self.access, password=password)
        self._absence_s = 0
        await self.hang_up()
        if not self._powered:
            await self.connect()

    async def hang_up(self, code: int = 1000) -> None:
        if self.link is not None:
            await self.link.close(code)

    async def drop(self) -> None:
        """Lose the TCP connection; a station that is powered on comes back by itself."""
        if self.link is not None:
            self.link.reset()
            await self.link.closed.wait()

    async def cut(self) -> None:
        """Cut the cable: lose the connection and get no other until :meth:`mend`."""
        self._cable.clear()
        await self.drop()

    def mend(self) -> None:
        self._cable.set()

    def heed_settings(self) -> None:
        """Take up changed intervals."""
        if self.link is not None and self.online:
            self._timers.start(self.link)

    async def _live(self) -> None:
        failures = 0
        while True:
            await self._cable.wait()
            retry_after_s = 0.0
            try:
                await self.connect()
                if not self.online:
                    await self.boot()
                failures = 0
                if self.link is not None:
                    await self.link.closed.wait()
            except ConnectFailed as refusal:
                self.refusals += 1
                retry_after_s = refusal.retry_after_s
                logger.info("%s: %s", self._station.plan.identity, refusal)
            except CallFailed as failure:
                logger.info("%s: %s", self._station.plan.identity, failure)
            failures += 1
            backoff_s = self._backoff.delay_s(failures, self._station.random.random())
            absence_s, self._absence_s = self._absence_s, None
            await asyncio.sleep(max(backoff_s, retry_after_s) if absence_s is None else absence_s)

    @property
    def _backoff(self) -> Backoff:
        settings = self._station.settings
        return Backoff(
            wait_minimum_s=settings.integer(Setting.BACKOFF_WAIT_MINIMUM_S),
            random_range_s=settings.integer(Setting.BACKOFF_RANDOM_RANGE_S),
            repeat_times=settings.integer(Setting.BACKOFF_REPEAT_TIMES),
        )

    async def _boot_once(self) -> bool:
        try:
            return await self.register(self.boot_reason) is Registration.ACCEPTED
        except (Refused, Unanswered) as failure:
            logger.warning("%s: BootNotification: %s", self._station.plan.identity, failure)
        except (KeyError, ValueError):
            logger.warning(
                "%s: BootNotification: unreadable answer", self._station.plan.identity, exc_info=True
            )
        return False

    async def _wait_for_acceptance(self, seconds: float) -> None:
        """Wait; a BootNotification that was triggered meanwhile may be accepted, or the socket go."""
        if (link := self.link) is None:
            raise Disconnected("lost while waiting for acceptance")
        waits = [asyncio.ensure_future(self.accepted.wait()), asyncio.ensure_future(link.closed.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _go_online(self) -> None:
        if not self._drains:
            self._drains = True
            self._draining.start(self._station.outbox.drain())
        self.heed_settings()
        await statuses.report_all(self._station)

    def _go_quiet(self) -> None:
        """Not accepted, or no longer: nothing goes out unasked."""
        self.accepted.clear()
        self._fall_silent()

    def _fall_silent(self) -> None:
        self._timers.stop()
        self._drains = False
        self._draining.cancel()
        self._station.outbox.interrupt(self._station.dialect.mark_offline)

    async def _attend(self, link: Link) -> None:
        await link.run()
        self.link = None
        self._lost_at = time.monotonic()
        self._fall_silent()
