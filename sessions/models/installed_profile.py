"""Which charging profiles stations have, as far as we know."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from emobi.core import checks
from sessions import stored_profiles
from stations.commands.charging_profiles import ChargingProfile, LimitSource, ProfilePurpose
from stations.models import Station


class ProfileSource(models.TextChoices):
    """How we know of it: we set it; the station reported it; it stands for somebody else's limit."""

    OURS = "ours"
    REPORTED = "reported"
    EXTERNAL = "external"


def _only(field: str) -> Func:
    """A number as the range that holds it alone: GiST compares ranges without any extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


def _one_at_a_time(purpose: ProfilePurpose, name: str) -> ExclusionConstraint:
    """No two of ours with this purpose, a level and a place are ever valid together (K01.FR.06)."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (_only("station"), RangeOperators.OVERLAPS),
            (_only("evse_id"), RangeOperators.OVERLAPS),
            (_only("stack_level"), RangeOperators.OVERLAPS),
            (
                Func(F("valid_from"), F("valid_to"), function="tstzrange", output_field=DateTimeRangeField()),
                RangeOperators.OVERLAPS,
            ),
        ],
        condition=Q(source=ProfileSource.OURS, purpose=purpose.value),
    )


class InstalledProfile(models.Model):
    """A charging profile at a station, or an external limit there, which is one too (K11.FR.06).

    What stations report keeps to no rule: those of uniqueness hold for what we set ourselves. A TxProfile
    ends with its transaction; its row stays until it is swept, and `sessions.held_profiles` leaves it out.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="charging_profiles", db_index=False)
    evse_id = models.PositiveIntegerField(
        null=True, help_text="0: the whole station; NULL: wherever the remote start begins that it came with."
    )
    profile_id = models.BigIntegerField(null=True, help_text="NULL: a limit that we were only notified of.")
    purpose = models.CharField(
        max_length=40, choices=[(purpose.value, purpose.value) for purpose in ProfilePurpose]
    )
    stack_level = models.PositiveBigIntegerField(default=0)
    transaction_id = models.CharField(
        max_length=64, blank=True, help_text="Of a TxProfile; empty until a remote start has begun."
    )
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    source = models.CharField(max_length=8, choices=ProfileSource)
    limit_source = models.CharField(
        max_length=8,
        choices=[(source.value, source.value) for source in LimitSource],
        default=LimitSource.CSO.value,
    )
    grid_critical = models.BooleanField(null=True)
    content = models.JSONField(help_text="The whole profile, as the API shows it.")
    # With a remote start: whose transaction it is for.
    remote_start_id = models.BigIntegerField(null=True)
    id_token = models.CharField(max_length=255, blank=True)
    set_at = models.DateTimeField(help_text="When we learnt of it, by our clock.")
    reported_at = models.DateTimeField(null=True, help_text="When the station last told that it has it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "profile_id"],
                name="installed_profile_once",
                condition=~Q(source=ProfileSource.EXTERNAL),
            ),
            # External limits are advised to have ids that we don't use; that is no rule (K11.FR.06).
            models.UniqueConstraint(
                fields=["station", "limit_source", "evse_id", "profile_id"],
                name="installed_profile_external_once",
                condition=Q(source=ProfileSource.EXTERNAL),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["station", "transaction_id", "stack_level"],
                name="installed_profile_of_transaction_once",
                condition=Q(source=ProfileSource.OURS, purpose=ProfilePurpose.TX.value)
                & ~Q(transaction_id=""),
            ),
            _one_at_a_time(ProfilePurpose.TX_DEFAULT, "installed_profile_default_at_a_time"),
            _one_at_a_time(ProfilePurpose.STATION_MAX, "installed_profile_max_at_a_time"),
            models.CheckConstraint(
                condition=Q(source=ProfileSource.EXTERNAL, purpose=ProfilePurpose.EXTERNAL_CONSTRAINTS.value)
                | (~Q(source=ProfileSource.EXTERNAL) & ~Q(purpose=ProfilePurpose.EXTERNAL_CONSTRAINTS.value)),
                name="installed_profile_external_by_purpose",
            ),
            models.CheckConstraint(
                condition=~Q(source=ProfileSource.OURS, purpose=ProfilePurpose.STATION_MAX.value)
                | Q(evse_id=0),
                name="installed_profile_max_of_station",
            ),
            models.CheckConstraint(
                condition=~Q(source=ProfileSource.OURS, purpose=ProfilePurpose.TX.value, evse_id=0),
                name="installed_profile_transaction_at_evse",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
                name="installed_profile_valid_forward",
            ),
            *checks.times("installed_profile", ["valid_from", "valid_to"]),
            *checks.places("installed_profile", ["evse_id"]),
            *checks.integers("installed_profile", ["profile_id", "remote_start_id"]),
            *checks.integers("installed_profile", ["stack_level"], 0),
        ]
        indexes = [models.Index(fields=["station", "id"], name="installed_profile_of_station")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.profile_id} at EVSE {self.evse_id}"

    @property
    def profile(self) -> ChargingProfile:
        """The profile itself; without its prices, which limit nothing."""
        return stored_profiles.read(self.content)
