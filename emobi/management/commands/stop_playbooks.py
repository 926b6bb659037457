import getpass
import json
from typing import Any, override

from django.core.management.base import CommandParser

from emobi.core.selectors import network as network_of
from emobi.management.setup import SetupCommand
from stations.services.playbooks import switches


class Command(SetupCommand):
    help = "Stop all playbooks within seconds, of one network or of all; --release lets them work again."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--network", default="", help="its slug; default: all networks")
        parser.add_argument("--reason", default="", help="shown to everybody who looks at playbooks")
        parser.add_argument("--release", action="store_true", help="let them work again")

    @override
    def set_up(self, **options: Any) -> str:
        stopped, slug = not options["release"], options["network"]
        said = {"stopped": stopped, "by": f"system:{getpass.getuser()}", "reason": options["reason"]}
        if slug:
            switches.switch(network_of(slug), **said)
        else:
            switches.switch_all(**said)
        return json.dumps({"networks": slug or "all", "playbooks_stopped": stopped})
