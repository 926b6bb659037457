from datetime import timedelta

import pytest

from emobi.core import clock
from stations.models import CommandPart, GatewayProcess, RefusedHandshake
from stations.services.log import housekeeping
from tests.stations.commanding import ask

pytestmark = pytest.mark.django_db


def refused(identity, age=timedelta()):
    at = clock.now() - age
    who = {"network_slug": "n", "identity": identity, "remote_address": "::1"}
    return RefusedHandshake.objects.create(**who, reason="r", status=401, first_at=at, last_at=at)


def test_refusals_of_a_month_ago_are_forgotten():
    refused("old", timedelta(days=31))
    refused("new")
    housekeeping.forget_the_old()
    assert [each.identity for each in RefusedHandshake.objects.all()] == ["new"]


def test_a_stranger_of_many_names_fills_no_more_than_the_limit(monkeypatch):
    monkeypatch.setattr(housekeeping, "MOST_REFUSALS", 3)
    for number in range(6):
        refused(f"S{number}", timedelta(minutes=number))
    housekeeping.forget_the_old()
    assert {each.identity for each in RefusedHandshake.objects.all()} == {"S0", "S1", "S2"}


def test_processes_that_ended_long_ago_are_forgotten():
    now = clock.now()
    for name, stopped_at in (("running", None), ("gone", now - timedelta(days=8)), ("recent", now)):
        GatewayProcess.objects.create(name=name, host="h", pid=1, lease_until=now, stopped_at=stopped_at)
    housekeeping.forget_the_old()
    assert {each.name for each in GatewayProcess.objects.all()} == {"running", "recent"}


def test_reports_are_forgotten_with_their_messages(bravo, settings):
    settings.EMOBI_MESSAGE_RETENTION_DAYS = 2
    command = ask(bravo, "get_base_report")
    for key, age in (("0", timedelta(days=3)), ("1", timedelta(days=1))):
        command.parts.create(key=key, items=[], received_at=clock.now() - age)
    housekeeping.forget_the_old()
    assert [part.key for part in CommandPart.objects.all()] == ["1"]
