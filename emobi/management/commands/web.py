"""`manage.py web`: dashboard, API and event stream."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard.live import own_watch
from emobi import collector
from emobi.api import event_tails
from emobi.asgi import application
from emobi.core import clock_steps, metric_snapshots
from emobi.web_server import WebServer

# What a form needs beside the file that it holds.
FORM_BYTES = 1 << 20


class Command(BaseCommand):
    help = "Serve the dashboard, the API and live pages."

    def handle(self, *args: Any, **options: Any) -> None:
        collector.spare()
        clock_steps.watch()
        # Twisted's endpoint descriptions separate their parts with colons.
        interface = settings.EMOBI_BIND.host.replace(":", "\\:")
        WebServer(
            max_body_bytes=(settings.EMOBI_UPLOAD_LIMIT_MB << 20) + FORM_BYTES,
            beside=_beside,
            drain=event_tails.close,
            application=application,
            endpoints=[f"tcp:port={settings.EMOBI_BIND.port}:interface={interface}"],
            server_name="emobi",
            # Browsers reconnect by themselves; a request that has no answer after this is broken.
            http_timeout=120,
            websocket_timeout=-1,
            application_close_timeout=5,
            proxy_forwarded_address_header=None,
        ).run()


async def _beside() -> None:
    await asyncio.gather(metric_snapshots.publish(), own_watch.watch())
