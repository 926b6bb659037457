"""Give the networks that have rules those of the new kinds. Post-deploy: adds rows that old code doesn't know."""

from django.apps.registry import Apps
from django.db import migrations
from django.utils import timezone

RULES = (
    ("certificate_failed", "Certificate doesn't arrive", True, {"days": 30}),
    (
        "security_event",
        "Critical security event",
        False,
        {
            "types": [
                "SecurityLogWasCleared",
                "MemoryExhaustion",
                "TamperDetectionActivated",
                "InvalidFirmwareSignature",
                "InvalidFirmwareSigningCertificate",
                "InvalidCsmsCertificate",
                "InvalidChargingStationCertificate",
                "InvalidTLSVersion",
                "InvalidTLSCipherSuite",
                "MaintenanceLoginAccepted",
                "MaintenanceLoginFailed",
            ],
            "quiet_s": 86_400,
        },
    ),
)


def add(apps: Apps, _schema_editor: object) -> None:
    """Networks without a reader get all rules with the next look at them."""
    reader = apps.get_model("stations", "IncidentReader")
    rule = apps.get_model("stations", "IncidentRule")
    rule.objects.bulk_create(
        (
            rule(
                network_id=network_id,
                name=name,
                kind=kind,
                severity="major",
                params=params,
                auto_resolve=auto_resolve,
                shipped=True,
                changed_at=timezone.now(),
                changed_by="system:setup",
            )
            for network_id in reader.objects.values_list("pk", flat=True)
            for kind, name, auto_resolve, params in RULES
        ),
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("stations", "0032_security_incident_kinds")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
