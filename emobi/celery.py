"""Celery: the app and the beat schedule, one table. What each task does stands in docs/operations.md."""

import os
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, beat_init, task_prerun, worker_process_init, worker_ready
from kombu import Queue

from emobi import collector, without_beat
from emobi.core import clock_steps, heard
from emobi.core.heard import DELIVER, OPERATE, UPKEEP

# The order in which a worker looks for work: repairing and noticing before telling, and upkeep last. A worker
# takes all of them, or those that it is started with (`--queues`).
QUEUES = (OPERATE, DELIVER, UPKEEP)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobi.settings")

app = Celery("emobi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    task_time_limit=300,
    task_soft_time_limit=240,
    task_queues=[Queue(name) for name in QUEUES],
    task_default_queue=OPERATE,
    task_routes={
        "webhooks.tasks.deliver": {"queue": DELIVER},
        "stations.tasks.tell_people": {"queue": DELIVER},
        "sessions.tasks.send_reports": {"queue": UPKEEP},
        "stations.tasks.sign_certificates": {"queue": DELIVER},
        "stations.tasks.keep_frame_partitions": {"queue": UPKEEP},
        "stations.tasks.write_outages": {"queue": UPKEEP},
        "stations.tasks.renew_certificates": {"queue": UPKEEP},
        "emobi.core.tasks.seal_audit_logs": {"queue": UPKEEP},
        "*.forget_*": {"queue": UPKEEP},
    },
    # What comes every few seconds is acknowledged when it begins: if its worker dies, the next one does its
    # work long before Redis gives it to somebody else. What comes once an hour is given to another worker.
    task_annotations={
        name: {"acks_late": True, "reject_on_worker_lost": True}
        for name in (
            "stations.tasks.keep_frame_partitions",
            "stations.tasks.forget_the_old",
            "stations.tasks.renew_certificates",
            "sessions.tasks.forget_charging_profiles",
            "sessions.tasks.send_reports",
            "webhooks.tasks.forget_the_old",
            "emobi.core.tasks.seal_audit_logs",
        )
    },
    broker_transport_options={"queue_order_strategy": "priority"},
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
    beat_schedule={
        # Any of them may run twice or be missed: each looks at rows and does what is due.
        "keep-frame-partitions": {"task": "stations.tasks.keep_frame_partitions", "schedule": 3600.0},
        "forget-the-old": {"task": "stations.tasks.forget_the_old", "schedule": 3600.0},
        "forget-charging-profiles": {
            "task": "sessions.tasks.forget_charging_profiles",
            "schedule": 3600.0,
        },
        "sweep-liveness": {
            "task": "stations.tasks.sweep_liveness",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "advance-bulk-commands": {
            "task": "stations.tasks.advance_bulk_commands",
            "schedule": 2.0,
            "options": {"expires": 2},
        },
        "advance-playbooks": {
            "task": "stations.tasks.advance_playbooks",
            "schedule": 1.0,
            "options": {"expires": 1},
        },
        "expire-commands": {
            "task": "stations.tasks.expire_commands",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "sweep-firmware-campaigns": {
            "task": "stations.tasks.sweep_firmware_campaigns",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "sweep-maintenance-windows": {
            "task": "stations.tasks.sweep_maintenance_windows",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "give-up-abandoned-sessions": {
            "task": "sessions.tasks.give_up_abandoned_sessions",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "send-unfinished-lists": {
            "task": "sessions.tasks.send_unfinished_lists",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "tell-running-costs": {
            "task": "sessions.tasks.tell_running_costs",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "sweep-incidents": {
            "task": "sessions.tasks.sweep_incidents",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "write-outages": {
            "task": "stations.tasks.write_outages",
            "schedule": 15.0,
            "options": {"expires": 10},
        },
        "tell-people": {
            "task": "stations.tasks.tell_people",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "sign-certificates": {
            "task": "stations.tasks.sign_certificates",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "deliver-webhooks": {"task": "webhooks.tasks.deliver", "schedule": 5.0, "options": {"expires": 5}},
        "forget-webhook-deliveries": {"task": "webhooks.tasks.forget_the_old", "schedule": 3600.0},
        "send-reports": {"task": "sessions.tasks.send_reports", "schedule": 3600.0},
        "seal-audit-logs": {"task": "emobi.core.tasks.seal_audit_logs", "schedule": 3600.0},
        "renew-certificates": {"task": "stations.tasks.renew_certificates", "schedule": 3600.0},
    },
)
app.autodiscover_tasks()
worker_ready.connect(without_beat.begin)


@task_prerun.connect
def _worker_is_heard(task: Any, **_: object) -> None:  # noqa: ANN401 — any task's own class
    # A task that is called in our own process came by no queue.
    queue = (task.request.delivery_info or {}).get("routing_key")
    if queue in QUEUES:
        heard.note(queue)


@worker_process_init.connect
def _works_for_long(**_: object) -> None:
    collector.spare()
    clock_steps.watch()


@beat_init.connect
def _this_is_beat(**_: object) -> None:
    after_task_publish.connect(_beat_is_heard)
    clock_steps.watch()


def _beat_is_heard(**_: object) -> None:
    heard.note(heard.BEAT)
