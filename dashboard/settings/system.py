"""How Emobi itself is doing: its processes, what waits, how much is kept."""

import platform
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, engineer, page
from dashboard.settings import latencies
from dashboard.webhooks import reading as webhook_reading
from emobi.core import clock
from stations.models import Command, CommandState, Connection, GatewayProcess
from webhooks.models import Delivery, DeliveryState

PACKAGES = ("django", "channels", "daphne", "celery", "psycopg", "django-allauth")
REDIS_TIMEOUT_S = 1.0

_SIZES = """
SELECT pg_database_size(current_database()),
       COALESCE(SUM(pg_total_relation_size(child.oid)), 0)::bigint,
       COALESCE(SUM(GREATEST(child.reltuples, 0)), 0)::bigint,
       COUNT(child.oid), MIN(child.relname)
FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'stations_frame'::regclass
"""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A gateway process, and the sockets that it holds, of all networks."""

    process: GatewayProcess
    sockets: int
    holds: bool


@require_safe
@engineer
def system(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    now = clock.wall()
    context = {
        "section": "settings",
        "tab": "system",
        "nodes": _nodes(now),
        "queues": _queues(access.network.pk),
        "log": _sizes(),
        "retention": settings.EMOBI_MESSAGE_RETENTION_DAYS,
        "redis": _redis(),
        "to_stream": latencies.to_stream(),
        "to_webhooks": webhook_reading.latency(access.network),
        "promised_ms": latencies.PROMISED_MS,
        "versions": [
            ("Python", platform.python_version()),
            *((name, metadata.version(name)) for name in PACKAGES),
        ],
        "postgresql": connection.cursor().connection.info.parameter_status("server_version"),
    }
    return page(request, access, "dashboard/settings/system.html", context)


def _nodes(now: datetime) -> list[Node]:
    sockets = dict(
        Connection.objects.filter(closed_at=None)
        .order_by()
        .values_list("gateway")
        .annotate(sockets=Count("pk"))
    )
    found = GatewayProcess.objects.filter(stopped_at=None).order_by("host", "pid")
    return [
        Node(process=each, sockets=sockets.get(each.name, 0), holds=each.lease_until > now) for each in found
    ]


def _queues(network_id: int) -> list[tuple[str, int, str]]:
    """What waits in this network: its name, how many, and why it may."""
    commands = Command.objects.filter(network=network_id)
    deliveries = Delivery.objects.filter(endpoint__network=network_id)
    waits = f"a station has {settings.EMOBI_CALL_TIMEOUT_S:g} s"
    queued, sent = (commands.filter(state=state) for state in (CommandState.QUEUED, CommandState.SENT))
    pending, dead = (deliveries.filter(state=state) for state in (DeliveryState.PENDING, DeliveryState.DEAD))
    return [
        ("Commands to be sent", queued.count(), "for stations that are offline or busy"),
        ("Commands without an answer yet", sent.count(), waits),
        ("Webhook deliveries to be made", pending.count(), "new ones, and those to be tried again"),
        ("Webhook deliveries given up", dead.count(), "can be made again from the webhook's page"),
    ]


def _sizes() -> dict[str, Any]:
    """The database's size and the message log's, in bytes; its rows as PostgreSQL estimates them."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        database, log, rows, days, oldest = cursor.fetchone()
    return {"database": database, "size": log, "rows": rows, "days": days, "oldest": oldest}


def _redis() -> dict[str, Any] | None:
    """What Redis says of itself; None if it is away. Then pages and workers look on their own slow timers."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )
    try:
        info: Any = client.info()
    except redis.RedisError:
        return None
    finally:
        client.close()
    return {
        "version": info.get("redis_version"),
        "clients": info.get("connected_clients"),
        "memory": info.get("used_memory"),
    }
