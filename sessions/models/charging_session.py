"""Charging sessions: our record of OCPP transactions."""

from decimal import Decimal

from django.db import models
from django.db.models.functions import Lower

from emobi.core import checks
from emobi.core.models import Network
from sessions.models.tariff import Tariff
from stations.models import Station


class SessionState(models.TextChoices):
    """Lost: its station went on without it, and never said how it ended."""

    ACTIVE = "active"
    ENDED = "ended"
    LOST = "lost"


class ChargingSession(models.Model):
    """One OCPP transaction: energy metered on one EVSE. Times are the station's, comparable within
    this session only; energy is in Wh of the station's register, power in W.

    What a station says of a session is never refused: nonsense is kept, and ``suspect`` names it.
    """

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="charging_sessions", db_index=False)
    station = models.ForeignKey(Station, models.CASCADE, related_name="charging_sessions", db_index=False)
    evse_id = models.PositiveIntegerField(null=True, help_text="NULL: the station never said.")
    connector_id = models.PositiveIntegerField(null=True)
    transaction_id = models.CharField(max_length=64, help_text="2.0.1: the station's; 1.6: our number.")
    start_key = models.CharField(
        max_length=64,
        null=True,
        help_text="1.6: what the start said, as a hash; a start that is sent again has the same.",
    )
    state = models.CharField(max_length=8, choices=SessionState, default=SessionState.ACTIVE)
    charging_state = models.CharField(max_length=20, blank=True, help_text="ChargingStateEnumType of 2.0.1.")
    id_token = models.CharField(max_length=255, blank=True)
    id_token_type = models.CharField(max_length=20, blank=True)
    authorization = models.CharField(
        max_length=20, blank=True, help_text="AuthorizationStatusEnumType of 2.0.1."
    )
    remote_start_id = models.BigIntegerField(null=True)
    reservation_id = models.BigIntegerField(null=True)
    offline = models.BooleanField(
        default=False, help_text="Some of it happened while the station was offline."
    )
    started_at = models.DateTimeField(help_text="By the station's clock.")
    ended_at = models.DateTimeField(null=True, help_text="By the station's clock.")
    received_at = models.DateTimeField(help_text="When we first heard of it, by our clock.")
    heard_at = models.DateTimeField(help_text="When we last heard of it, by our clock.")
    meter_start_wh = models.DecimalField(max_digits=16, decimal_places=3, null=True)
    meter_stop_wh = models.DecimalField(max_digits=16, decimal_places=3, null=True)
    meter_last_wh = models.DecimalField(
        max_digits=16, decimal_places=3, null=True, help_text="Newest register."
    )
    meter_last_at = models.DateTimeField(
        null=True, help_text="Of the newest reading, by the station's clock."
    )
    power_w = models.DecimalField(max_digits=16, decimal_places=3, null=True)
    soc_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    flow = models.JSONField(
        null=True, help_text="When energy flowed: `sessions.energy_flow`. NULL: no reading has told."
    )
    reason = models.CharField(max_length=40, blank=True, help_text="ReasonEnumType of 2.0.1.")
    tariff = models.ForeignKey(
        Tariff,
        models.RESTRICT,
        null=True,
        db_index=False,
        related_name="charging_sessions",
        help_text="That of its token when that was accepted; NULL: nobody said what it costs.",
    )
    cost = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, help_text="In all, in the tariff's currency."
    )
    cost_told_at = models.DateTimeField(
        null=True, help_text="When its station was last sent its cost, by our clock."
    )
    suspect = models.JSONField(
        default=list, help_text="What is wrong with it, in words; empty: nothing known."
    )
    # 2.0.1: which parts have come. Complete: every number from the first to the last.
    seq_first = models.BigIntegerField(null=True)
    seq_last = models.BigIntegerField(null=True)
    seq_seen = models.JSONField(default=list, help_text="Ranges [from, to] of sequence numbers seen.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "transaction_id"], name="charging_session_transaction_once"
            ),
            # A station that never saw our answer sends the same start again.
            models.UniqueConstraint(fields=["station", "start_key"], name="charging_session_start_once"),
            *checks.times("charging_session", ["started_at", "ended_at", "meter_last_at"]),
            *checks.numbers(
                "charging_session",
                ["meter_start_wh", "meter_stop_wh", "meter_last_wh", "power_w"],
                -1e12,
                1e12,
            ),
            *checks.numbers("charging_session", ["soc_percent"], 0, 100),
            *checks.numbers("charging_session", ["cost"], 0, 1e9),
            *checks.places("charging_session", ["evse_id", "connector_id"]),
            *checks.integers("charging_session", ["remote_start_id", "reservation_id"]),
            *checks.integers("charging_session", ["seq_first", "seq_last"], 0),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="charging_session_newest"),
            models.Index(fields=["station", "-id"], name="charging_session_of_station"),
            models.Index(
                fields=["station", "evse_id"],
                name="charging_session_active",
                condition=models.Q(state="active"),
            ),
            models.Index(fields=["network", "id_token"], name="charging_session_of_token"),
            models.Index(
                fields=["cost_told_at"],
                name="charging_session_with_cost",
                condition=models.Q(state="active", tariff__isnull=False),
            ),
            models.Index(
                "network",
                Lower("id_token"),
                name="charging_session_on_token",
                condition=models.Q(state="active"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} ({self.state})"

    @property
    def energy_wh(self) -> Decimal | None:
        """Energy delivered so far, or in all: never negative; None where the registers don't tell.

        A stop below the start (a meter that was replaced, or never read) leaves the samples to tell.
        """
        start, stop, newest = self.meter_start_wh, self.meter_stop_wh, self.meter_last_wh
        if start is None:
            return None
        if stop is not None and stop >= start:
            return stop - start
        if newest is None or newest < start:
            return None
        # When it is over, a register that never moved is more likely one that was never read.
        return None if newest == start and self.state != SessionState.ACTIVE else newest - start

    @property
    def duration_s(self) -> int | None:
        """From its start to its end by the station's clock, or by ours where the station's went back."""
        if self.ended_at is None or self.start_key is None:
            return None
        seconds = (self.ended_at - self.started_at).total_seconds()
        return int(seconds if seconds >= 0 else (self.heard_at - self.received_at).total_seconds())
