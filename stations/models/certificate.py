"""Certificates: on stations, those they want signed, and the roots that a network trusts."""

from django.db import models
from django.db.models.functions import Now

from emobi.core import checks
from emobi.core.models import Network
from stations.models.station import Station

LONGEST_SUBJECT = 500


class CertificateUse(models.TextChoices):
    """What a certificate is for, in the words of 2.0.1's several enumerations."""

    CHARGING_STATION = "ChargingStationCertificate"
    V2G = "V2GCertificate"
    V2G_CHAIN = "V2GCertificateChain"
    V2G_ROOT = "V2GRootCertificate"
    MO_ROOT = "MORootCertificate"
    CSMS_ROOT = "CSMSRootCertificate"
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"


class InstalledCertificate(models.Model):
    """A certificate that a station has: it listed it, or took it from us.

    Its hashes are kept as the station spells them, for it is to be deleted in the same words (2.0.1,
    M04.FR.07); ``digest`` is the same for every spelling.
    """

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="installed_certificates", db_index=False
    )
    use = models.CharField(max_length=32, choices=CertificateUse)
    hash_algorithm = models.CharField(max_length=6)
    issuer_name_hash = models.CharField(max_length=128)
    issuer_key_hash = models.CharField(max_length=128)
    serial_number = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    parent_digest = models.CharField(max_length=64, blank=True, help_text="Of the leaf it was listed below.")
    pem = models.TextField(blank=True, help_text="Known where it went through us.")
    subject = models.CharField(max_length=LONGEST_SUBJECT, blank=True)
    not_after = models.DateTimeField(null=True)
    installed_at = models.DateTimeField(null=True, help_text="When the station took it from us.")
    listed_at = models.DateTimeField(null=True, help_text="When the station last said that it has it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "use", "digest"], name="installed_certificate_once"),
            *checks.times("installed_certificate", ["not_after"]),
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.serial_number}"


class RootCertificate(models.Model):
    """A root that a network trusts: one of its stations was told to.

    Contract certificates that are sent whole are verified against its MO and V2G roots (2.0.1, C07).
    """

    network = models.ForeignKey(Network, models.CASCADE, related_name="root_certificates", db_index=False)
    use = models.CharField(max_length=32, choices=CertificateUse)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the certificate.")
    pem = models.TextField()
    subject = models.CharField(max_length=LONGEST_SUBJECT, blank=True)
    not_after = models.DateTimeField(null=True)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "use", "fingerprint"], name="root_certificate_once"),
            *checks.times("root_certificate", ["not_after"]),
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.subject}"


class RevocationReason(models.TextChoices):
    """Why a certificate counts no more (RFC 5280, section 5.3.1)."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"


class RevokedCertificate(models.Model):
    """A certificate with which no station of a network gets in any more, whoever issued it.

    It belongs to the network: a station that is deleted, and registered again, doesn't bring it back.
    """

    network = models.ForeignKey(Network, models.CASCADE, related_name="revoked_certificates", db_index=False)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the certificate.")
    serial_number = models.CharField(max_length=40)
    subject = models.CharField(max_length=LONGEST_SUBJECT, blank=True)
    not_after = models.DateTimeField(null=True)
    reason = models.CharField(max_length=24, choices=RevocationReason)
    revoked_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=200, help_text="As in the audit log.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "fingerprint"], name="revoked_certificate_once"),
            *checks.times("revoked_certificate", ["not_after"]),
        ]

    def __str__(self) -> str:
        return f"{self.serial_number} {self.subject}"


class SigningState(models.TextChoices):
    """waiting → signed → installed, or one of the other ends."""

    WAITING = "waiting"
    SIGNED = "signed"
    INSTALLED = "installed"
    REFUSED = "refused"  # by us, or by the authority
    REJECTED = "rejected"  # by the station: it doesn't want the certificate
    FAILED = "failed"  # it couldn't be brought to the station


OPEN_SIGNING_STATES = (SigningState.WAITING, SigningState.SIGNED)


class SigningRequest(models.Model):
    """A station's key that is to be signed, and what came of it (2.0.1, A02 and A03)."""

    id = models.CharField(max_length=26, primary_key=True)
    station = models.ForeignKey(Station, models.CASCADE, related_name="signing_requests", db_index=False)
    use = models.CharField(max_length=32, choices=CertificateUse)
    combined = models.BooleanField(
        default=False, help_text="The station named no use: its one certificate serves for all."
    )
    csr = models.TextField()
    digest = models.CharField(
        max_length=64, help_text="Of the public key; of the text where none can be read."
    )
    common_name = models.CharField(max_length=255, blank=True)
    organization = models.CharField(max_length=255, blank=True)
    key_type = models.CharField(max_length=40, blank=True, help_text='Such as "EC secp256r1", "RSA 2048".')
    state = models.CharField(max_length=10, choices=SigningState, default=SigningState.WAITING)
    reason = models.CharField(max_length=300, blank=True, help_text="Of a refusal or a failure, in words.")
    repeats = models.PositiveIntegerField(default=0, help_text="How often the station asked again.")
    chain = models.TextField(blank=True)
    serial_number = models.CharField(max_length=40, blank=True)
    not_after = models.DateTimeField(null=True)
    # The command that brings it; not a reference, for old commands are swept.
    command_id = models.CharField(max_length=26, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, help_text="When it is to be taken in hand again.")
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    renewal_asked_at = models.DateTimeField(null=True, help_text="When the station was asked for a new key.")

    class Meta:
        constraints = [
            # A station that wasn't brought its certificate in time asks for it again (A02.FR.17).
            models.UniqueConstraint(
                fields=["station", "use", "digest"],
                condition=models.Q(state__in=["waiting", "signed"]),
                name="signing_request_open_once",
            ),
            *checks.times("signing_request", ["not_after"]),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="signing_request_newest"),
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=["waiting", "signed"]),
                name="signing_request_due",
            ),
            models.Index(
                fields=["not_after"],
                condition=models.Q(state="installed"),
                name="signing_request_to_renew",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.common_name} ({self.state})"
