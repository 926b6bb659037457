"""`manage.py web`: dashboard, API and event stream."""

from typing import Any

from daphne.server import Server
from django.conf import settings
from django.core.management.base import BaseCommand

from emobi.asgi import application


class Command(BaseCommand):
    help = "Serve the dashboard, the API and live pages."

    def handle(self, *args: Any, **options: Any) -> None:
        # Twisted's endpoint descriptions separate their parts with colons.
        interface = settings.EMOBI_BIND.host.replace(":", "\\:")
        Server(
            application=application,
            endpoints=[f"tcp:port={settings.EMOBI_BIND.port}:interface={interface}"],
            server_name="emobi",
            # Browsers reconnect by themselves; a request that takes longer than this is broken.
            http_timeout=120,
            websocket_timeout=-1,
            application_close_timeout=5,
            proxy_forwarded_address_header=None,
        ).run()
