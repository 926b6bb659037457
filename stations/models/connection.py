"""Which socket of which process speaks for a station."""

from django.db import models
from django.db.models.functions import Now

from emobi.core import checks
from stations.models.station import Station


class GatewayProcess(models.Model):
    """A gateway process and its lease.

    A process whose lease has run out by the database's clock writes nothing and sends nothing; its
    stations are free for others.
    """

    name = models.CharField(max_length=64, primary_key=True, help_text="Unique for each start of a process.")
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, help_text="When it said goodbye; NULL: runs, or was killed.")

    def __str__(self) -> str:
        return self.name


class Connection(models.Model):
    """The newest socket of a station. One row a station; ``epoch`` grows with each socket.

    What a socket wants to write names its epoch. The newest authenticated socket wins, and nothing that an
    older one still does, its close least of all, changes anything.
    """

    station = models.OneToOneField(Station, models.CASCADE, primary_key=True, related_name="connection")
    epoch = models.BigIntegerField()
    # No foreign key: rows of processes are swept while connections keep the name for the log.
    gateway = models.CharField(max_length=64)
    ocpp_version = models.CharField(max_length=8)
    security_profile = models.PositiveSmallIntegerField()
    remote_address = models.CharField(max_length=64, blank=True)
    tls_version = models.CharField(max_length=16, blank=True)
    certificate_not_after = models.DateTimeField(
        null=True, help_text="End of the certificate that the station showed; NULL: none, or it never ends."
    )
    opened_at = models.DateTimeField()
    last_heard_at = models.DateTimeField(help_text="Of any frame, by our clock.")
    closed_at = models.DateTimeField(null=True)
    close_code = models.PositiveIntegerField(null=True)
    close_reason = models.CharField(max_length=200, blank=True)
    by_us = models.BooleanField(default=False, help_text="Closed by our own restart or death.")

    class Meta:
        # A close frame has two bytes for it (RFC 6455, section 5.5.1).
        constraints = [
            *checks.numbers("connection", ["close_code"], 0, 2**16 - 1),
            *checks.times("connection", ["certificate_not_after"]),
        ]
        indexes = [
            # a process's open sockets: leases, nudges, and the sweep for silent ones
            models.Index(fields=["gateway"], name="connection_open", condition=models.Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.station_id}#{self.epoch} at {self.gateway}"


class RefusedHandshake(models.Model):
    """Handshakes that were refused, counted by who tried what and why; shown at onboarding.

    A station that tries again every second is one row, so that a storm of them can't fill the database.
    """

    network = models.ForeignKey(
        "core.Network",
        models.CASCADE,
        null=True,
        related_name="refused_handshakes",
        help_text="NULL: no such network.",
    )
    network_slug = models.CharField(max_length=64)
    identity = models.CharField(max_length=64)
    remote_address = models.CharField(max_length=64)
    reason = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField(help_text="HTTP status of the refusal.")
    detail = models.CharField(
        max_length=300, blank=True, help_text="In words, with what to change; no secret."
    )
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network_slug", "identity", "remote_address", "reason"],
                name="refused_handshake_counted",
            )
        ]
        indexes = [models.Index(fields=["network", "-last_at"], name="refused_handshake_newest")]

    def __str__(self) -> str:
        return f"{self.network_slug}/{self.identity}: {self.reason}"
