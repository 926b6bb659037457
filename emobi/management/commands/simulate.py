"""`manage.py simulate`: simulated charging stations over real sockets."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, override
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from emobi.core.errors import Conflict
from emobi.core.models import Network
from emobi.core.selectors import network as network_of
from emobi.management import on_request
from emobi.management.setup import SetupCommand
from emobi.simulator import fleet, makers
from emobi.simulator.plan import StationPlan
from emobi.simulator.scenarios import SCENARIOS
from gateway.development_certificates import (
    LOCAL_NAMES,
    DevelopmentCertificates,
    ensure_development_certificates,
    issue_client_certificate,
)
from sessions.services import id_tokens
from stations import selectors
from stations.models import Station
from stations.services.registry import registration, simulated
from stations.services.trust import credentials

PREFIX = "SIM"

# Readings more often than stations send them by themselves: whoever watches wants to see something move.
SETTINGS = {
    "1.6": {"MeterValueSampleInterval": "10"},
    "2.0.1": {"SampledDataCtrlr.TxUpdatedInterval": "10"},
}


class Command(SetupCommand):
    help = "Connect a fleet of simulated stations, both versions, until Ctrl-C. Registers them first."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stations", type=int, default=12)
        parser.add_argument("--network", default="demo")
        parser.add_argument("--url", default="", help="without the identity; default: this machine's gateway")
        parser.add_argument(
            "--ca", default="", help="PEM file of what they trust; default: what our own ports need"
        )
        parser.add_argument(
            "--security-profile",
            type=int,
            choices=range(4),
            help="unset: 1, and those that are registered already keep theirs",
        )
        parser.add_argument("--scenario", default="demo", choices=sorted(SCENARIOS))
        parser.add_argument(
            "--on-request", action="store_true", help="also those that people ask for in the dashboard"
        )
        parser.add_argument("--speed", type=float, default=1.0, help="60: a minute of their lives a second")

    @override
    def set_up(self, **options: Any) -> str:
        if options["stations"] < 1 or not options["speed"] > 0:
            raise CommandError("--stations and --speed must be more than 0")
        network = network_of(options["network"])
        plans = makers.plan_fleet(options["stations"], prefix=PREFIX)
        url, ca_file = where(network) if not options["url"] else (options["url"], ca_of(options["url"]))
        if (options["security_profile"] or 0) >= 2 and not url.startswith("wss:"):
            raise CommandError(f"security profile {options['security_profile']} needs wss, not {url}")
        if options["security_profile"] == 3 and settings.EMOBI_TLS_CLIENT_CA:
            raise CommandError(
                "security profile 3 needs the development CA: EMOBI_TLS_CLIENT_CA is another one"
            )
        stations = [registered(network, plan, options["security_profile"]) for plan in plans]
        add_tokens(network)
        certificates = certificates_of(stations)
        connection.close()
        asyncio.run(
            fleet.main(
                stations=options["stations"],
                prefix=PREFIX,
                operator=network.organization,
                settings=SETTINGS,
                url=url,
                ca_file=options["ca"] or ca_file,
                passwords={
                    station.identity: simulated.password_of(network.slug, station.identity)
                    for station in stations
                    if station.has_password and station.profile != 3
                },
                certificates=certificates,
                security_profiles={station.identity: station.profile for station in stations},
                scenario=options["scenario"],
                speed=options["speed"],
                beside=self._beside if options["on_request"] else None,
            )
        )
        return "stopped"

    async def _beside(self, running: fleet.Fleet) -> None:
        await on_request.keep_to_wishes(running, where, SETTINGS)


def registered(network: Network, plan: StationPlan, profile: int | None) -> Station:
    """Register a simulated station; its password is the same in every run of this installation.

    One that is there already keeps its security profile unless another is asked for: it may have been raised.
    """
    password = simulated.password_of(network.slug, plan.identity)
    try:
        station, _ = registration.register(
            network,
            plan.identity,
            password=password if profile in (None, 1, 2) else None,
            security_profile=1 if profile is None else profile,
            by="system:simulator",
            site="Demo depot",
            serial_number=plan.serial_number,  # profile 3 wants it in the certificate and in the boot
        )
    except Conflict:
        station = selectors.station(network, plan.identity)
        wanted = station.profile if profile is None else profile
        changes: dict[str, object] = {"security_profile": wanted} if station.profile != wanted else {}
        if wanted == 3 and station.serial_number != plan.serial_number:
            changes["serial_number"] = plan.serial_number
        # Whoever has a password has to prove it, with profile 0 too, and none is ever taken away.
        if (station.has_password or wanted in (1, 2)) and not credentials.matching(
            station.pk, station.password_hash, password.encode()
        ):
            changes["password"] = password
        if changes:
            registration.change(station, changes, by="system:simulator")
    return station


def certificates_of(stations: Sequence[Station]) -> dict[str, tuple[str, str]]:
    """Certificates for those of security profile 3, as files, by identity; none that wouldn't be trusted."""
    owners = [station for station in stations if station.profile == 3]
    if not owners or settings.EMOBI_TLS_CLIENT_CA:
        return {}
    found, authority = {}, development_certificates()
    for station in owners:
        certificate, key = issue_client_certificate(
            authority,
            tls_folder(),
            organisation=station.network.organization,
            common_name=station.serial_number,
        )
        found[station.identity] = str(certificate), str(key)
    return found


def add_tokens(network: Network) -> None:
    """What simulated drivers show."""
    for token in makers.TOKENS:
        try:
            id_tokens.create(network, token.value, type=token.type, note="simulated driver", concurrent=True)
        except Conflict:
            continue


def where(network: Network) -> tuple[str, str | None]:
    """This machine's gateway, over TLS where its development CA is at hand."""
    path = f"/ocpp/{network.slug}"
    tls = settings.EMOBI_OCPP_TLS_BIND
    if tls and not settings.EMOBI_TLS_CERTIFICATES:
        return f"wss://{tls}{path}", str(development_certificates().ca)
    if not settings.EMOBI_OCPP_BIND:
        raise CommandError("no charger port of this machine to connect to: give --url")
    return f"ws://{settings.EMOBI_OCPP_BIND}{path}", None


def ca_of(url: str) -> str | None:
    """The development CA's file if the URL is that of our own port for wss; None: what the machine trusts."""
    ours = settings.EMOBI_OCPP_TLS_BIND
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise CommandError(f"--url: {error}") from error
    if not ours or settings.EMOBI_TLS_CERTIFICATES or parts.scheme != "wss":
        return None
    is_ours = port == ours.port and host in {ours.host, *LOCAL_NAMES}
    return str(development_certificates().ca) if is_ours else None


def development_certificates() -> DevelopmentCertificates:
    bind = settings.EMOBI_OCPP_TLS_BIND
    return ensure_development_certificates(tls_folder(), [bind.host] if bind else [])


def tls_folder() -> Path:
    return Path(settings.EMOBI_DATA_DIR) / "tls"
