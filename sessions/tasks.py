"""Beat's doors into this app. Each may run twice, or be missed: it looks at rows and does what is due."""

from celery import shared_task

from sessions.services import (
    abandoned,
    incident_findings,
    installed_profiles,
    report_letters,
    running_costs,
    unfinished_lists,
)


@shared_task
def forget_charging_profiles() -> None:
    installed_profiles.forget_the_old()


@shared_task
def give_up_abandoned_sessions() -> None:
    abandoned.give_up()


@shared_task
def tell_running_costs() -> None:
    running_costs.tell_due()


@shared_task
def sweep_incidents() -> None:
    incident_findings.sweep()


@shared_task
def send_reports() -> None:
    report_letters.send_due()


@shared_task
def send_unfinished_lists() -> None:
    unfinished_lists.send_due()
