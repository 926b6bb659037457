"""Charging profiles: which of them limits an EVSE now, and how they add up over time.

Source: OCPP 1.6 section 3.13; OCPP 2.0.1 part 2, K01, K08 and K10. Limits of different purposes
hold together (the lowest counts); within a purpose the highest stack level that has something to
say overrules the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from emobi.simulator.ev import AC_VOLTAGE_V

# For limits in amperes on direct current, where no phase voltage exists.
NOMINAL_DC_V = 400.0

RECURRENCE = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}


class Purpose(StrEnum):
    """As 2.0.1 spells them."""

    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """``limit`` in the schedule's unit, from ``start_s`` seconds after the schedule's start."""

    start_s: int
    limit: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargingProfile:
    """One profile with one schedule.

    Attributes:
        evse_id: 0 for the whole station.
        transaction_id: Of a TxProfile; None in a remote start until the transaction has an id.
        start: Start of the schedule; None for Relative, which starts with the transaction.
        unit: "W", or "A" of each phase.
        wire: As it came, to be reported back (GetChargingProfiles).
    """

    profile_id: int
    evse_id: int
    purpose: Purpose
    stack_level: int
    kind: str
    unit: str
    periods: tuple[Period, ...]
    recurrence: timedelta | None = None
    start: datetime | None = None
    duration_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | None = None
    wire: dict[str, Any]

    @property
    def well_formed(self) -> bool:
        """The rules that a station may check (K01.FR.31, .35, .40, .41; 1.6 section 5.16)."""
        starts = [period.start_s for period in self.periods]
        ordered = bool(starts) and starts[0] == 0 and starts == sorted(set(starts))
        return ordered and (self.kind == "Relative") == (self.start is None)

    def limit_at(self, at: datetime, began: datetime | None) -> float | None:
        """The limit in ``unit``, or None where the profile has nothing to say.

        Args:
            at: The moment asked about.
            began: Start of the transaction on the EVSE; None without one.
        """
        if (self.valid_from and at < self.valid_from) or (self.valid_to and at >= self.valid_to):
            return None
        elapsed_s = self._elapsed_s(at, began)
        if (
            elapsed_s is None
            or elapsed_s < 0
            or (self.duration_s is not None and elapsed_s >= self.duration_s)
        ):
            return None
        return [period.limit for period in self.periods if period.start_s <= elapsed_s][-1]

    def _elapsed_s(self, at: datetime, began: datetime | None) -> float | None:
        start = self.start or began
        if start is None:
            return None
        elapsed_s = (at - start).total_seconds()
        if self.recurrence is not None and elapsed_s >= 0:
            elapsed_s %= self.recurrence.total_seconds()
        return elapsed_s


class ProfileStore:
    """The profiles that a station holds; they survive a reboot (K01.FR.27)."""

    def __init__(self) -> None:
        self._profiles: list[ChargingProfile] = []

    def __len__(self) -> int:
        return len(self._profiles)

    def __iter__(self) -> Iterator[ChargingProfile]:
        return iter(tuple(self._profiles))

    def put(self, profile: ChargingProfile) -> None:
        """Add a profile in the place of the one with its id, or with its purpose and level."""
        self._profiles = [held for held in self._profiles if not _replaces(profile, held)]
        self._profiles.append(profile)

    def clear(
        self,
        *,
        profile_id: int | None = None,
        evse_id: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> int:
        """Remove what matches all that is given, and say how many that were."""
        kept = [
            held
            for held in self._profiles
            if (profile_id is not None and held.profile_id != profile_id)
            or (evse_id is not None and held.evse_id != evse_id)
            or (purpose is not None and held.purpose != purpose)
            or (stack_level is not None and held.stack_level != stack_level)
        ]
        removed = len(self._profiles) - len(kept)
        self._profiles = kept
        return removed

    def forget_transaction(self, evse_id: int) -> None:
        """A TxProfile ends with its transaction."""
        self.clear(evse_id=evse_id, purpose=Purpose.TX)

    def limit_w(
        self, evse_id: int, phases: int, at: datetime, began: datetime | None, sharing: int = 1
    ) -> float | None:
        """What the profiles allow an EVSE, in W; None if they say nothing.

        Args:
            evse_id: 0 asks for the limit of the station as a whole.
            phases: Of the supply, to turn amperes into watts.
            at: The moment asked about.
            began: Start of the transaction on the EVSE; None without one.
            sharing: How many EVSEs share what the station as a whole may take.
        """
        station_w = self._leading([Purpose.STATION_MAX], 0, phases, at, None)
        own_w = self._leading([Purpose.TX, Purpose.TX_DEFAULT], evse_id, phases, at, began)
        limits = [station_w / max(sharing, 1)] if station_w is not None else []
        if own_w is not None:
            limits.append(own_w)
        return min(limits, default=None)

    def boundaries(
        self, evse_id: int, since: datetime, until: datetime, began: datetime | None
    ) -> list[datetime]:
        """Moments in between at which a limit may change, in order, ``since`` first."""
        moments = {since}
        for profile in self._profiles:
            if profile.evse_id in {0, evse_id}:
                moments.update(_edges(profile, since, until, began))
        return sorted(moment for moment in moments if since <= moment < until)

    def _leading(
        self, purposes: Sequence[Purpose], evse_id: int, phases: int, at: datetime, began: datetime | None
    ) -> float | None:
        """The limit of the first purpose that has one: a TxProfile overrules the default (K01.FR.17)."""
        for purpose in purposes:
            speaking = [
                (profile.stack_level, limit, profile.unit)
                for profile in self._profiles
                if profile.purpose is purpose
                and profile.evse_id in {0, evse_id}
                and (limit := profile.limit_at(at, began)) is not None
            ]
            if speaking:
                _, limit, unit = max(speaking)
                return limit if unit == "W" else limit * volts_of(phases)
        return None


def volts_of(phases: int) -> float:
    """W for each ampere of a limit."""
    return AC_VOLTAGE_V * phases if phases else NOMINAL_DC_V


def _replaces(new: ChargingProfile, held: ChargingProfile) -> bool:
    same_place = (new.purpose, new.stack_level, new.evse_id) == (held.purpose, held.stack_level, held.evse_id)
    return new.profile_id == held.profile_id or same_place


def _edges(
    profile: ChargingProfile, since: datetime, until: datetime, began: datetime | None
) -> Iterable[datetime]:
    if profile.valid_from is not None:
        yield profile.valid_from
    if profile.valid_to is not None:
        yield profile.valid_to
    start = profile.start or began
    if start is None:
        return
    offsets = [period.start_s for period in profile.periods]
    if profile.duration_s is not None:
        offsets.append(profile.duration_s)
    if profile.recurrence is None:
        yield from (start + timedelta(seconds=offset) for offset in offsets)
        return
    round_start = start + profile.recurrence * ((since - start) // profile.recurrence)
    while round_start < until:
        yield from (round_start + timedelta(seconds=offset) for offset in offsets)
        round_start += profile.recurrence
