from typing import Any, override

from django.core.management.base import CommandParser

from emobi.core.models import Role
from emobi.core.selectors import network as network_of
from emobi.core.services import api_keys
from emobi.management.setup import SetupCommand


class Command(SetupCommand):
    help = "Create an API key; it is shown this once, alone."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network")
        parser.add_argument("--role", choices=[role.value for role in Role], required=True)
        parser.add_argument("--name", default="manage.py")

    @override
    def set_up(self, **options: Any) -> str:
        network = network_of(options["network"])
        _, secret = api_keys.create(network, Role(options["role"]), options["name"])
        return secret
