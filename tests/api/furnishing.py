"""A network with one of everything that a path may name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from emobi.api.playbooks import EXAMPLE
from emobi.core import clock, ulid, unit_of_work
from emobi.core.models import Event, Network, Role
from sessions.models import Every
from sessions.services import charging_sessions, report_letters
from stations.commands.logs import GetLog
from stations.models import (
    FirmwareImage,
    Incident,
    IncidentKind,
    ModelQuirks,
    Severity,
    Station,
    StationLog,
)
from stations.services.commanding import bulk_commands, commands
from stations.services.device_model import configuration_templates
from stations.services.files import firmware_campaigns, firmware_images, station_logs
from stations.services.incidents import opening, rules
from stations.services.incidents.opening import Affected, Finding
from stations.services.ledger import exclusions
from stations.services.notifications import routes
from stations.services.playbooks import interventions, playbooks
from stations.services.registry import maintenance_windows
from stations.services.trust import access_changes, credentials, root_certificates
from tests.certificate_tree import authority
from tests.sessions.said import start_16, tell
from webhooks.models import Delivery, Endpoint


def station(network: Network) -> Station:
    """The network's only station; `alpha` if it has none."""
    return network.stations.first() or Station.objects.create(
        network=network, identity="alpha", ocpp_version="1.6"
    )


def _token(network: Network) -> str:
    id_token = "GOOD" if network.slug == "grid" else "THEIRS"
    network.id_tokens.get_or_create(id_token=id_token)
    return id_token


def _tariff(network: Network) -> str:
    network.tariffs.get_or_create(name="public", replaced_at=None, defaults={"currency": "EUR"})
    return "public"


def _session(network: Network) -> str:
    return tell(charging_sessions.start, station(network), start_16()).session.pk


def _command(network: Network) -> str:
    with unit_of_work.begin():
        return commands.request(
            network, station(network), "clear_cache", {}, requested_by="user:a", role=Role.ADMIN
        ).pk


def _bulk_command(network: Network) -> str:
    asked = [station(network)]
    return bulk_commands.request(
        network, asked, "clear_cache", {}, requested_by="user:a", role=Role.ADMIN, asked={}
    ).pk


def _model_quirks(network: Network) -> int:
    return ModelQuirks.objects.create(network=network, vendor="Acme", model=ulid.new()).pk


def _template(network: Network) -> str:
    variables = [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}]
    name = f"template {ulid.new()}"
    return configuration_templates.create(network, name=name, variables=variables, by="user:a").pk


# What bodies name that are given as examples.
MENTIONED_IMAGE = "01KAN3F6VB00C8J4V7Q2M5X9TH"


def _image(network: Network) -> str:
    said = firmware_images.Description(version="2.0")
    return firmware_images.add(network, "w1-2.0.bin", [b"image"], said, by="user:a").pk


def _mentioned(network: Network) -> None:
    if not Incident.objects.filter(pk=MENTIONED_INCIDENT).exists():
        made = Incident.objects.get(pk=_incident(network))
        made.affected.all().delete()
        made.entries.all().delete()
        Incident.objects.filter(pk=made.pk).update(id=MENTIONED_INCIDENT)
    Incident.objects.filter(pk=MENTIONED_INCIDENT).update(network=network)
    if not FirmwareImage.objects.filter(pk=MENTIONED_IMAGE).exists():
        FirmwareImage.objects.filter(pk=_image(network)).update(id=MENTIONED_IMAGE)


def _campaign(network: Network) -> str:
    image = FirmwareImage.objects.get(pk=_image(network))
    plan = firmware_campaigns.Plan(wave_size=1)
    identities = [station(network).identity]
    return firmware_campaigns.begin(network, image, identities, plan, by="user:a").pk


def _log(network: Network) -> str:
    """One that came to us."""
    asked = GetLog(request_id=StationLog.objects.count() + 1)
    with unit_of_work.begin():
        commands.request(
            network,
            station(network),
            "get_log",
            {"request_id": asked.request_id},
            requested_by="user:a",
            role=Role.ADMIN,
        )
        station_logs.open_for(station(network), asked)
    log = StationLog.objects.latest("pk")
    station_logs.receive(log, [b"log"], "a.log")
    return log.pk


def _root(network: Network) -> int:
    root = authority(f"Root {ulid.new()}")
    return root_certificates.add(network, "MORootCertificate", root.pem, by="user:a").pk


def _access_change(network: Network) -> str:
    of = station(network)
    of.password_hash = of.password_hash or credentials.hashed("the old password")
    of.save(update_fields=["password_hash"])
    change = access_changes.change_password(of, by="user:a")
    return access_changes.cancel(of, change.pk, by="user:a").pk


# As with images.
MENTIONED_INCIDENT = "01KAN3F6VBA0C8J4V7Q2M5X9NC"


def _incident(network: Network) -> str:
    """One that takes the station and another one: what takes one alone can't be split."""
    beside, _ = Station.objects.get_or_create(network=network, identity="beside", ocpp_version="1.6")
    affected = [Affected.from_now(each) for each in (station(network), beside)]
    finding = Finding(
        kind=IncidentKind.OTHER, key=ulid.new(), severity=Severity.MINOR, title="A", affected=affected
    )
    return opening.open_by_hand(network, finding, by="user:a").pk


def _rule(network: Network) -> int:
    """One that may be deleted."""
    return rules.create(network, name=f"rule {ulid.new()}", kind="fault", by="user:a").pk


def _webhook(network: Network) -> str:
    """One that can't be reached: nothing is sent to such an address."""
    return Endpoint.objects.create(
        id=ulid.new(), network=network, url="https://[::1]/", types=["*"], fanned_out_to=0
    ).pk


def _delivery(network: Network) -> int:
    now = clock.now()
    event = Event.objects.create(
        id=ulid.new(),
        network=network,
        sequence=1_000_000 + Event.objects.count(),
        type="station.online",
        time=now,
        data={},
    )
    return Delivery.objects.create(
        endpoint_id=_webhook(network),
        event=event,
        sequence=event.sequence,
        next_attempt_at=now,
        created_at=now,
    ).pk


def _exclusion(network: Network) -> int:
    now = clock.now()
    return exclusions.add(
        station(network),
        evse_id=None,
        from_at=now - timedelta(hours=1),
        to_at=now,
        reason="Grid.",
        by="user:a",
    ).pk


def _route(network: Network) -> str:
    fields = {"name": f"route {ulid.new()}", "recipients": ["noc@example.org"]}
    return routes.create(network, fields, by="user:a").pk


def _letter(network: Network) -> int:
    return report_letters.subscribe(network, f"{ulid.new()}@example.org", Every.WEEK, by="user:a").pk


def _window(network: Network) -> str:
    """One that hasn't begun."""
    begin = clock.now() + timedelta(days=1)
    return maintenance_windows.plan(
        network,
        identities=[station(network).identity],
        begins_at=begin,
        ends_at=begin + timedelta(hours=1),
        reason="A new meter.",
        by="user:a",
    ).pk


def _playbook(network: Network) -> str:
    slug = f"cure-{ulid.new().lower()}"
    asks = EXAMPLE | {"needs_approval": True, "guard_rails": {"cooldown_s": 60}}
    return playbooks.create(network, slug, asks, dry_run=False, by="user:a").slug


def _run(network: Network) -> str:
    """One that asks whether it may begin."""
    playbook = playbooks.get(network, _playbook(network))
    return interventions.start(playbook, station(network), by="user:a").pk


# By the name of a path's parameter, what makes something that it can name.
MAKERS: dict[str, Callable[[Network], Any]] = {
    "identity": lambda network: station(network).identity,
    "id_token": _token,
    "exclusion_id": _exclusion,
    "route_id": _route,
    "letter_id": _letter,
    "session_id": _session,
    "tariff": _tariff,
    "bulk_id": _bulk_command,
    "command_id": _command,
    "template_id": _template,
    "row_id": _model_quirks,
    "image_id": _image,
    "campaign_id": _campaign,
    "log_id": _log,
    "root_id": _root,
    "change_id": _access_change,
    "incident_id": _incident,
    "rule_id": _rule,
    "window_id": _window,
    "webhook_id": _webhook,
    "delivery_id": _delivery,
    "playbook": _playbook,
    "run_id": _run,
}


def everything(network: Network) -> dict[str, Any]:
    """One of everything, by the name that paths have for it."""
    _mentioned(network)
    return {name: make(network) for name, make in MAKERS.items()}


def furnish(network: Network, path: str) -> str:
    """``path`` with its parameters filled in by what was made for them."""
    _mentioned(network)
    made = {name: make(network) for name, make in MAKERS.items() if f"{{{name}}}" in path}
    return path.format(**made)
