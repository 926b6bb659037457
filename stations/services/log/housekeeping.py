"""What may be forgotten, so that nothing grows without bounds; the message log has its own rule."""

from datetime import timedelta

from django.conf import settings
from django.db import connection

from emobi.core import clock
from stations.models import CommandPart, GatewayProcess, RefusedHandshake
from stations.services.files import firmware_images, station_logs

PROCESSES_KEPT_FOR = timedelta(days=7)
REFUSALS_KEPT_FOR = timedelta(days=30)
# Strangers choose what they call themselves: whoever tries a million names fills no more than this.
MOST_REFUSALS = 20_000

_SURPLUS = """
DELETE FROM stations_refusedhandshake WHERE id IN (
    SELECT id FROM stations_refusedhandshake ORDER BY last_at DESC, id DESC OFFSET %s
)
"""


def forget_the_old() -> None:
    """Forget processes that ended long ago, refusals that nobody will ask about, reports and logs whose
    messages are gone from the log, and files of nothing. Safe to run any time.
    """
    now = clock.now()
    GatewayProcess.objects.filter(stopped_at__lt=now - PROCESSES_KEPT_FOR).delete()
    RefusedHandshake.objects.filter(last_at__lt=now - REFUSALS_KEPT_FOR).delete()
    CommandPart.objects.filter(
        received_at__lt=now - timedelta(days=settings.EMOBI_MESSAGE_RETENTION_DAYS)
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute(_SURPLUS, [MOST_REFUSALS])
    station_logs.forget_the_old()
    firmware_images.sweep()
