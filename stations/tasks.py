"""Beat's doors into this app. Each may run twice, or be missed: it looks at rows and does what is due."""

from celery import shared_task

from emobi.core import clock
from stations.services.commanding import bulk_commands, command_ends, following
from stations.services.device_model import reservations
from stations.services.files import firmware_waves
from stations.services.ledger import outages
from stations.services.log import frames, housekeeping
from stations.services.notifications import growth, letters, telling
from stations.services.playbooks import runs
from stations.services.presence import liveness
from stations.services.registry import maintenance_windows
from stations.services.trust import signing


@shared_task
def keep_frame_partitions() -> None:
    frames.keep_partitions(clock.now().date())


@shared_task
def forget_the_old() -> None:
    housekeeping.forget_the_old()
    letters.forget_the_old()


@shared_task
def sweep_liveness() -> None:
    liveness.sweep()


@shared_task
def sweep_firmware_campaigns() -> None:
    firmware_waves.sweep()


@shared_task
def sweep_maintenance_windows() -> None:
    maintenance_windows.sweep()


@shared_task
def advance_bulk_commands() -> None:
    bulk_commands.advance()


@shared_task
def advance_playbooks() -> None:
    runs.advance()


@shared_task
def expire_commands() -> None:
    command_ends.expire_due()
    following.give_up_due()
    reservations.expire_due()


@shared_task
def sign_certificates() -> None:
    signing.sign_due()
    signing.bring_due()


@shared_task
def renew_certificates() -> None:
    signing.renew_due()


@shared_task
def write_outages() -> None:
    outages.advance_all()


@shared_task
def tell_people() -> None:
    telling.read_all()
    growth.tell_all()
    letters.compose_all()
    letters.send_all()
