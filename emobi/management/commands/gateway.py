"""`manage.py gateway`: one gateway process on the charger ports."""

# First: it chooses the event loop that Daphne finds.
from gateway.listener import Endpoint, Listener, bind  # isort: skip

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from emobi import collector
from emobi.core import clock_steps
from gateway.consumer import StationConsumer
from gateway.process import Gateway
from gateway.tls_of_settings import tls_of_settings


class Command(BaseCommand):
    help = "Serve chargers: one gateway process. Any number share the ports."
    # The URLs of the web process aren't ours to check.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        gateway = Gateway(os.environ.get("EMOBI_PROCESS", "gateway"))
        application = StationConsumer.as_asgi(gateway=gateway, call_timeout_s=settings.EMOBI_CALL_TIMEOUT_S)
        try:
            endpoints = [
                Endpoint(bind(address.host, address.port), tls)
                for address, tls in (
                    (settings.EMOBI_OCPP_BIND, None),
                    (
                        settings.EMOBI_OCPP_TLS_BIND,
                        tls_of_settings() if settings.EMOBI_OCPP_TLS_BIND else None,
                    ),
                )
                if address
            ]
        except OSError as exc:
            raise CommandError(f"can't serve chargers: {exc}") from exc
        if not endpoints:
            raise CommandError("EMOBI_OCPP_BIND and EMOBI_OCPP_TLS_BIND are both empty: nothing to serve")
        collector.spare()
        clock_steps.watch()
        Listener(
            application,
            endpoints,
            on_start=gateway.start,
            drain=gateway.drain,
            on_refused=gateway.note_refusal,
            ping_interval_s=settings.EMOBI_PING_INTERVAL_S,
            ping_timeout_s=settings.EMOBI_PING_INTERVAL_S or 20,
        ).run()
        sys.exit(0)
