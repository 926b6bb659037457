"""More of everything that lists show, so that their cost can be seen to stay the same."""

from datetime import timedelta
from typing import Any

from django.db.models import Model

from emobi.core import clock, ulid
from emobi.core.models import Event, Network
from sessions.models import ChargingSession, EvNegotiation
from sessions.services import charging_sessions
from stations.models import (
    BulkTarget,
    Command,
    FirmwareCampaignTarget,
    FirmwareStep,
    IncidentEntry,
    IncidentStation,
    Letter,
    Notification,
    NotificationRoute,
    Outage,
    PlaybookRun,
    PlaybookVersion,
    RevokedCertificate,
    RunStep,
    Station,
)
from tests.api.furnishing import everything
from tests.sessions.said import meter_16, reading, start_16, tell
from tests.stations.telling import NOON, after
from webhooks.models import Attempt, Delivery


def grow(network: Network, of: Station, by: Station, made: dict[str, Any], number: int) -> None:
    """One more of each.

    Args:
        network: Whose.
        of: The station whose lists grow.
        by: Another one, by which lists of stations grow.
        made: What paths name: lists within it grow, too (`furnishing.everything`).
        number: Another one each time, from 1.
    """
    everything(network)
    _of_station(of, number)
    _of_network(network, of, number)
    _within(network, by, made, number)


def _of_station(of: Station, number: int) -> None:
    now = clock.now()
    tell(charging_sessions.start, of, start_16(number, evse_id=None))
    of.reservations.create(reservation_id=number, id_token="GOOD", expires_at=after(3600))
    of.installed_certificates.create(
        use="MORootCertificate", hash_algorithm="SHA256", issuer_name_hash="a", issuer_key_hash="b",
        serial_number=f"{number}", digest=f"{number}", listed_at=now,
    )  # fmt: skip
    of.signing_requests.create(
        id=ulid.new(), use="ChargingStationCertificate", digest=f"{number}", state="installed",
        serial_number=f"{number}", created_at=now, ended_at=now,
    )  # fmt: skip
    of.display_messages.create(
        message_id=number, priority="NormalCycle", format="UTF8", content="Hallo", reported_at=now
    )
    of.monitors.create(
        monitor_id=number, component="EVSE", variable="Power", type="Delta", value=1, reported_at=now
    )
    of.monitored_events.create(
        event_id=number, received_at=now, trigger="Delta", component="EVSE", variable="Power",
        actual_value="1",
    )  # fmt: skip
    of.variables.create(component="EVSE", variable=f"Power{number}", value="1", reported_at=now)
    of.network_profiles.create(
        configuration_slot=number, ocpp_csms_url="wss://example.org", security_profile=2,
        ocpp_interface="Wired0", ocpp_version="OCPP20", ocpp_transport="JSON", message_timeout_s=30,
        accepted_at=now,
    )  # fmt: skip
    EvNegotiation.objects.create(station=of, evse_id=number, needs={}, needs_at=now, answer="Rejected")
    command = Command.objects.create(
        id=ulid.new(), network=of.network, station=of, name="update_firmware", state="accepted",
        params={"request_id": number, "location": "https://example.org/1"}, requested_by="user:a",
        expires_at=now, sent_at=now, ended_at=now,
    )  # fmt: skip
    for status in ("Downloading", "Installed"):
        FirmwareStep.objects.create(station=of, command=command, status=status, received_at=now)


def _of_network(network: Network, of: Station, number: int) -> None:
    now = clock.now()
    network.tariffs.create(name=f"tariff {number}", currency="EUR")
    RevokedCertificate.objects.create(
        network=network, fingerprint=f"{number}", serial_number=f"{number}", reason="superseded",
        revoked_at=now, revoked_by="user:a",
    )  # fmt: skip
    Outage.objects.create(
        network=network, station=of, identity=of.identity, evse_id=number, cause="faulted",
        began_at=now - timedelta(hours=1), began_event=f"{number}", began_sequence=number,
    )  # fmt: skip
    letter = Letter.objects.create(
        id=ulid.new(), network=network, recipient="noc@example.org", subject="A", message_id=f"<{number}>",
        next_attempt_at=now, created_at=now,
    )  # fmt: skip
    Notification.objects.create(
        id=ulid.new(), network=network, route=NotificationRoute.objects.filter(network=network).last(),
        recipient="noc@example.org", severity="minor", subject="A", key=f"{number}", due_at=now,
        created_at=now, letter=letter,
    )  # fmt: skip


def _within(network: Network, by: Station, made: dict[str, Any], number: int) -> None:
    now = clock.now()
    _again(BulkTarget.objects.filter(bulk=made["bulk_id"]), station=by, position=number, command=None)
    targets = FirmwareCampaignTarget.objects.filter(campaign=made["campaign_id"])
    _again(targets, station=by, command=None)
    _again(IncidentStation.objects.filter(incident=made["incident_id"]), station=by)
    session = ChargingSession.objects.get(pk=made["session_id"])
    said = meter_16(session.transaction_id, reading(number, 1000 + number))
    tell(charging_sessions.meter, session.station, said)
    _again(IncidentEntry.objects.filter(incident=made["incident_id"]))
    of_playbook = PlaybookVersion.objects.filter(playbook__slug=made["playbook"])
    _again(of_playbook, number=of_playbook.count() + 1)
    RunStep.objects.create(
        run=PlaybookRun.objects.get(pk=made["run_id"]), index=number, attempt=1, do="wait",
        since_sequence=0, begun_at=now,
    )  # fmt: skip
    event = Event.objects.create(
        id=ulid.new(), network=network, sequence=2_000_000 + number, type="station.online", time=NOON,
        data={},
    )  # fmt: skip
    of_webhook = Delivery.objects.filter(pk=made["delivery_id"])
    _again(of_webhook, endpoint_id=made["webhook_id"], event=event, sequence=event.sequence)
    Attempt.objects.create(
        delivery_id=made["delivery_id"], at=now, url="https://[::1]/", status=500, duration_ms=1
    )


def _again(rows: Any, **changes: object) -> None:
    """Another row like the last of these."""
    row: Model = rows.order_by("pk").last()
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)
