"""`manage.py up`: what `make run` runs after the install."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, override

from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import BaseCommand

from emobi import embedded, programs
from emobi.core import clock
from emobi.core.errors import Conflict, NotFound
from emobi.core.models import Network, Role
from emobi.core.selectors import network as network_of
from emobi.core.services import api_keys, networks, operators
from emobi.supervisor import Supervisor
from gateway.development_certificates import ensure_development_certificates
from gateway.tls_of_settings import tls_of_settings
from stations.addresses import station_urls
from stations.services.log import frames
from stations.services.playbooks import seeding

DEMO = "demo"
OPERATOR = "admin"


class Command(BaseCommand):
    help = "Migrate, make the demo network, and run every process under one supervisor."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMOBI_OCPP_TLS_BIND:
            tls_of_settings()  # a wrong file refuses here, not in each gateway process
        call_command("migrate", verbosity=0, interactive=False)
        frames.keep_partitions(clock.now().date())
        network = demo_network()
        seeding.seed(network)
        seeding.enable_in_earnest(network)
        login = kept("operator", is_valid=signs_in, make=lambda: new_operator(network))
        kept(
            "api-key",
            is_valid=lambda key: api_keys.verify(key) is not None,
            make=lambda: api_keys.create(network, Role.ADMIN, "made by manage.py up")[1],
        )
        if settings.EMOBI_OCPP_TLS_BIND:
            ensure_development_certificates(
                settings.EMOBI_DATA_DIR / "tls", [settings.EMOBI_OCPP_TLS_BIND.host]
            )
        sys.exit(self._supervised(network, login))

    def _supervised(self, network: Network, login: str) -> int:
        chargers = [bind for bind in (settings.EMOBI_OCPP_BIND, settings.EMOBI_OCPP_TLS_BIND) if bind]
        supervisor = Supervisor(
            programs.programs(
                root=settings.ROOT,
                data_dir=settings.EMOBI_DATA_DIR,
                web=settings.EMOBI_BIND,
                gateways=settings.EMOBI_GATEWAYS if chargers else 0,
                demo_stations=settings.EMOBI_DEMO_STATIONS if chargers else 0,
                for_people=sys.stdout.isatty(),
            ),
            servers=embedded.kept(),
            is_ready=lambda: programs.is_ready(web=settings.EMOBI_BIND, chargers=chargers),
            on_ready=lambda: self._welcome(network, login),
        )
        return supervisor.run()

    def _welcome(self, network: Network, login: str) -> None:
        user, _, password = login.partition(" ")
        urls = station_urls(network.slug, "YOUR-STATION")
        lines = [
            "",
            f"  Dashboard   http://{settings.EMOBI_BIND}/",
            f"  Sign in     {user}  {password}",
            f"  API         http://{settings.EMOBI_BIND}/api/v1/docs   key in {path_of('api-key')}",
            *(f"  Charger     {url}" for url in urls),
            "              first: .venv/bin/python manage.py add_station demo YOUR-STATION",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def demo_network() -> Network:
    """The network for trying things out: it may have stations without a password, too."""
    try:
        return network_of(DEMO)
    except NotFound:
        return networks.create(DEMO, "Demo", security_profile=0)


def new_operator(network: Network) -> str:
    """The operator `admin` with a new password, as "login password"."""
    try:
        _, password = operators.create(network, OPERATOR, Role.ADMIN, superuser=True)
    except Conflict:
        password = None
    password = password or operators.renew_password(OPERATOR)
    return f"{OPERATOR} {password}"


def signs_in(login: str) -> bool:
    """Whether "login password" still is what the database knows."""
    user, _, password = login.partition(" ")
    return authenticate(username=user, password=password) is not None


def path_of(name: str) -> Path:
    return Path(settings.EMOBI_DATA_DIR) / name


def kept(name: str, *, is_valid: Callable[[str], bool], make: Callable[[], str]) -> str:
    """A secret in the data folder, for its owner alone; made anew where it doesn't fit the database."""
    path = path_of(name)
    if not path.exists() or not is_valid(path.read_text().strip()):
        secret = make()
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{secret}\n")
    return path.read_text().strip()
