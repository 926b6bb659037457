"""Reservations: EVSEs that stations keep for somebody."""

from django.db import models
from django.db.models.functions import Now

from emobi.core import checks
from stations.models.station import Station


class ReservationEnd(models.TextChoices):
    """Why a reservation is over. Expired and Removed are OCPP's (ReservationUpdateStatusEnumType).

    Removed: by its station, whose EVSE is faulted or unavailable.
    """

    USED = "Used"
    EXPIRED = "Expired"
    CANCELLED = "Cancelled"
    REPLACED = "Replaced"
    REMOVED = "Removed"


class Reservation(models.Model):
    """What a station has agreed to keep for a token or its group: an EVSE, or any (with some connector)."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="reservations", db_index=False)
    reservation_id = models.PositiveBigIntegerField(help_text="The number by which the station knows it.")
    evse_id = models.PositiveIntegerField(null=True, help_text="NULL: any.")
    connector_type = models.CharField(max_length=20, blank=True, help_text="ConnectorEnumType of 2.0.1.")
    id_token = models.CharField(max_length=36)
    id_token_type = models.CharField(max_length=20, blank=True)
    group_id_token = models.CharField(max_length=36, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, help_text="By our clock; NULL: it stands.")
    reason = models.CharField(max_length=10, choices=ReservationEnd, blank=True)
    session = models.CharField(
        max_length=26, blank=True, help_text="Id of the charging session that used it."
    )

    class Meta:
        constraints = [
            # A station replaces a reservation by another one of the same number.
            models.UniqueConstraint(
                fields=["station", "reservation_id"],
                name="reservation_open_once",
                condition=models.Q(ended_at=None),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(reason="")),
                name="reservation_reason_known",
            ),
            *checks.times("reservation", ["expires_at", "ended_at"]),
            *checks.integers("reservation", ["reservation_id"], 0),
            *checks.places("reservation", ["evse_id"]),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="reservation_newest"),
            models.Index(
                fields=["expires_at"], name="reservation_by_expiry", condition=models.Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservation_id} for {self.id_token}"
