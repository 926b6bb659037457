"""One EVSE: its plug, its meter, and the transaction on it. State and physics, no messages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from emobi.simulator.ev import Draw, ElectricVehicle
from emobi.simulator.faults import Fault
from emobi.simulator.moments import ChargingState
from emobi.simulator.plan import EvsePlan
from emobi.simulator.profiles import ChargingProfile, volts_of
from emobi.simulator.readings import Reading
from emobi.simulator.tokens import IdToken

# A limit below this stops charging: IEC 61851-1 can't offer less than 6 A.
MINIMUM_OFFER_A = 6.0


class NotPossible(Exception):
    """The act makes no sense now: a second plug in one socket, a stop without a transaction."""


@dataclass(kw_only=True, slots=True)
class Session:
    """One transaction.

    Attributes:
        transaction_id: The station's own id; what 2.0.1 sends.
        number: The central system's id in 1.6; None until it has answered StartTransaction.
        state: The last one reported.
        refused: The central system didn't accept the token after all.
    """

    transaction_id: str
    token: IdToken
    started_at: datetime
    meter_start_wh: int
    begin_readings: list[Reading] = field(default_factory=list)
    number: int | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    state: ChargingState = ChargingState.EV_CONNECTED
    refused: bool = False
    _seq_no: int = -1

    def next_seq_no(self) -> int:
        """0 for the first report, one more for each (OCPP 2.0.1 part 2, E, section 1.3.2)."""
        self._seq_no += 1
        return self._seq_no


@dataclass(frozen=True, kw_only=True, slots=True)
class Awaited:
    """A driver who was authorized, remotely or here, and still has to plug in."""

    token: IdToken
    remote_start_id: int | None = None
    profile: ChargingProfile | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reservation:
    reservation_id: int
    token: IdToken
    group: str | None
    expires_at: datetime


@dataclass(kw_only=True)
class Evse:
    """One EVSE.

    Attributes:
        meter_wh: The energy register; never goes back.
        limit_w: What the charging profiles allow now, asked at each use; None: no limit.
        operative: Set by ChangeAvailability. A transaction under way goes on, and what the
            EVSE reports changes when it has ended.
        energised: The contactor is closed.
        finishing: A transaction has ended and the cable is still in.
        resetting: This EVSE alone reboots (2.0.1).
        warning: A fault that charging goes on with.
    """

    evse_id: int
    plan: EvsePlan
    meter_wh: float
    limit_w: Callable[["Evse"], float | None]
    ev: ElectricVehicle | None = None
    session: Session | None = None
    operative: bool = True
    energised: bool = False
    finishing: bool = False
    resetting: bool = False
    fault: Fault | None = None
    warning: Fault | None = None
    reservation: Reservation | None = None
    awaited: Awaited | None = None
    charged_at: float = 0.0

    @property
    def offered_w(self) -> float:
        if not self.energised:
            return 0.0
        limit_w = self.limit_w(self)
        return self.plan.max_w if limit_w is None else max(min(self.plan.max_w, limit_w), 0.0)

    @property
    def offered_a(self) -> float:
        return self.offered_w / volts_of(self.plan.phases)

    @property
    def draw(self) -> Draw:
        ev = self.ev or ElectricVehicle(wants_charge=False)
        return ev.draw(limit_w=self.offered_w, phases=self.plan.phases)

    @property
    def charging_state(self) -> ChargingState:
        if self.ev is None:
            return ChargingState.IDLE
        if not self.energised:
            refused = self.session is not None and self.session.refused
            return ChargingState.SUSPENDED_EVSE if refused else ChargingState.EV_CONNECTED
        if self.offered_a < MINIMUM_OFFER_A:
            return ChargingState.SUSPENDED_EVSE
        return ChargingState.CHARGING if self.draw.power_w > 0 else ChargingState.SUSPENDED_EV

    def charge(self, seconds: float) -> None:
        """Let ``seconds`` of simulated time pass."""
        if self.ev is not None and self.energised:
            self.meter_wh += self.ev.charge(limit_w=self.offered_w, phases=self.plan.phases, seconds=seconds)

    def plug(self, ev: ElectricVehicle) -> None:
        if self.ev is not None:
            raise NotPossible(f"EVSE {self.evse_id}: an EV is plugged in already")
        self.ev = ev

    def unplug(self) -> None:
        if self.ev is None:
            raise NotPossible(f"EVSE {self.evse_id}: nothing is plugged in")
        self.ev = None
        self.energised = self.finishing = False

    def begin(self, session: Session) -> None:
        if self.session is not None:
            raise NotPossible(f"EVSE {self.evse_id}: a transaction is under way")
        self.session = session
        self.awaited = None

    def end(self) -> Session:
        if self.session is None:
            raise NotPossible(f"EVSE {self.evse_id}: no transaction is under way")
        session, self.session = self.session, None
        self.energised = False
        self.finishing = self.ev is not None
        return session
