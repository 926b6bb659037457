"""`manage.py simulate`: simulated charging stations over real sockets."""

import asyncio
from typing import Any, override

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
from gateway.development_certificates import ensure_development_certificates
from sessions.services import id_tokens
from stations import selectors
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
        passwords = {plan.identity: registered(network, plan) for plan in plans}
        add_tokens(network)
        connection.close()
        url, ca_file = where(network) if not options["url"] else (options["url"], None)
        asyncio.run(
            fleet.main(
                stations=options["stations"],
                prefix=PREFIX,
                operator=network.organization,
                settings=SETTINGS,
                url=url,
                ca_file=ca_file,
                passwords=passwords,
                scenario=options["scenario"],
                speed=options["speed"],
                beside=self._beside if options["on_request"] else None,
            )
        )
        return "stopped"

    async def _beside(self, running: fleet.Fleet) -> None:
        await on_request.keep_to_wishes(running, where, SETTINGS)


def registered(network: Network, plan: StationPlan) -> str:
    """Register a simulated station; its password is the same in every run of this installation."""
    password = simulated.password_of(network.slug, plan.identity)
    try:
        registration.register(
            network,
            plan.identity,
            password=password,
            security_profile=1,
            by="system:simulator",
            site="Demo depot",
        )
    except Conflict:
        station = selectors.station(network, plan.identity)
        if not credentials.matching(station.pk, station.password_hash, password.encode()):
            registration.change(station, {"password": password}, by="system:simulator")
    return password


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
        ca = ensure_development_certificates(settings.EMOBI_DATA_DIR / "tls", [tls.host]).ca
        return f"wss://{tls}{path}", str(ca)
    if not settings.EMOBI_OCPP_BIND:
        raise CommandError("no charger port of this machine to connect to: give --url")
    return f"ws://{settings.EMOBI_OCPP_BIND}{path}", None
