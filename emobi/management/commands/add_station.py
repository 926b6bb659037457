import json
from typing import Any, override

from django.core.management.base import CommandParser

from emobi.core.selectors import network as network_of
from emobi.management.setup import SetupCommand
from stations.addresses import station_urls
from stations.services.registry import registration


class Command(SetupCommand):
    help = "Register a station; its password is shown this once."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network")
        parser.add_argument("identity")
        parser.add_argument("--password", help="16 to 40 characters; generated if not given")
        parser.add_argument(
            "--security-profile",
            type=int,
            choices=range(4),
            help="unset: as the network asks; 0: no password",
        )

    @override
    def set_up(self, **options: Any) -> str:
        network = network_of(options["network"])
        station, password = registration.register(
            network,
            options["identity"],
            password=options["password"],
            security_profile=options["security_profile"],
            by="system:manage.py",
        )
        urls = station_urls(network.slug, station.identity)
        return json.dumps({"identity": station.identity, "password": password, "urls": urls})
