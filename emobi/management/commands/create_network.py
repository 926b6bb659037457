import json
from typing import Any, override

from django.core.management.base import CommandParser

from emobi.core.errors import Conflict
from emobi.core.selectors import network as network_of
from emobi.core.services import networks
from emobi.management.setup import SetupCommand
from stations.services.playbooks import seeding


class Command(SetupCommand):
    help = "Create a network; doing it again changes nothing."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", default="")

    @override
    def set_up(self, **options: Any) -> str:
        try:
            network, created = networks.create(options["slug"], options["name"]), True
        except Conflict:
            network, created = network_of(options["slug"]), False
        seeding.seed(network)
        return json.dumps({"network": network.slug, "name": network.name, "created": created})
