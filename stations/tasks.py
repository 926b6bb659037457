"""Beat's doors into this app. Each may run twice, or be missed: it looks at rows and does what is due."""

from celery import shared_task

from emobi.core import clock
from stations.services import commands, frames, housekeeping, liveness


@shared_task
def keep_frame_partitions() -> None:
    frames.keep_partitions(clock.now().date())


@shared_task
def forget_the_old() -> None:
    housekeeping.forget_the_old()


@shared_task
def sweep_liveness() -> None:
    liveness.sweep()


@shared_task
def expire_commands() -> None:
    commands.expire_due()
