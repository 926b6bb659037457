"""How stations were told to reach a central system (2.0.1), slot by slot."""

from django.db import models
from django.db.models import Q

from emobi.core import checks
from stations.models.station import Station


class NetworkProfile(models.Model):
    """What a station accepted for a slot: our copy, which no message of OCPP 2.0.1 reads back.

    Source: NetworkConnectionProfileType, OCPP 2.0.1 part 2, section 2.35. Passwords, keys and PINs aren't
    kept: ``***`` stands for those that were said.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="network_profiles", db_index=False)
    configuration_slot = models.BigIntegerField()
    ocpp_csms_url = models.CharField(max_length=512, help_text="Without the station's identity.")
    security_profile = models.SmallIntegerField()
    ocpp_interface = models.CharField(max_length=20, help_text="OCPPInterfaceEnumType of 2.0.1.")
    ocpp_version = models.CharField(max_length=20, help_text="OCPPVersionEnumType of 2.0.1.")
    ocpp_transport = models.CharField(max_length=20, help_text="OCPPTransportEnumType of 2.0.1.")
    message_timeout_s = models.PositiveIntegerField()
    apn = models.JSONField(null=True, help_text="As the command has it, masked; NULL: none.")
    vpn = models.JSONField(null=True, help_text="As the command has it, masked; NULL: none.")
    accepted_at = models.DateTimeField(help_text="By our clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "configuration_slot"], name="network_profile_once"),
            models.CheckConstraint(
                condition=Q(security_profile__range=(0, 3)), name="network_profile_security_profile"
            ),
            *checks.times("network_profile", ["accepted_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.configuration_slot}: {self.ocpp_csms_url[:60]}"
