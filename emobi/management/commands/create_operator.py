import json
from typing import Any, override

from django.core.management.base import CommandParser

from emobi.core.models import Role
from emobi.core.selectors import network as network_of
from emobi.core.services import operators
from emobi.management.setup import SetupCommand


class Command(SetupCommand):
    help = "Create a person who may sign in; the generated password is shown this once."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network")
        parser.add_argument("email")
        parser.add_argument("--role", choices=[role.value for role in Role], required=True)

    @override
    def set_up(self, **options: Any) -> str:
        network = network_of(options["network"])
        _, password = operators.create(network, options["email"], Role(options["role"]))
        said = {
            "email": options["email"],
            "role": options["role"],
            "network": network.slug,
            "password": password,
        }
        return json.dumps(said)
