"""Whether the audit log is as it was written."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from emobi.core import clock, unit_of_work
from emobi.core.models import AuditEntry, Network
from emobi.core.services import audit, audit_seals

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def network(db):
    return Network.objects.create(slug="grid", name="Grid")


def write(network, at, *targets):
    with clock.at(at), unit_of_work.begin():
        for target in targets:
            audit.record(network.pk, "user:ada", "thing.done", target, {"b": 1.5, "a": [target]})


def sealed(at):
    with clock.at(at):
        return audit_seals.seal_all()


def tamper(statement, *parameters):
    """As only the owner of the table can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER core_auditentry_append_only")
        assert not audit_seals.is_guarded()
        cursor.execute(statement, parameters)
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER core_auditentry_append_only")


def test_each_day_is_sealed_once_with_what_has_settled(network):
    assert sealed(NOON) == 0
    write(network, NOON, "one", "two")
    assert sealed(NOON + timedelta(minutes=5)) == 0
    assert sealed(NOON + DAY) == 1
    assert sealed(NOON + DAY) == 0
    write(network, NOON + DAY, "three")
    assert sealed(NOON + 2 * DAY) == 1
    first, second = AuditEntry.objects.filter(action="audit.sealed").order_by("pk")
    assert (first.detail["entries"], second.detail["entries"]) == (2, 2)  # three, and the first seal
    assert second.detail["follows"] == first.detail["digest"]
    verdict = audit_seals.check(network)
    assert (verdict.seals, verdict.entries, verdict.broken) == (2, 4, [])
    assert audit_seals.is_guarded()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET actor = 'user:eve' WHERE target = 'two'",
        "DELETE FROM core_auditentry WHERE target = 'two'",
        "UPDATE core_auditentry SET detail = '{}' WHERE target = 'two'",
    ],
)
def test_what_was_changed_behind_our_back_is_found(network, statement):
    write(network, NOON, "one", "two")
    sealed(NOON + DAY)
    write(network, NOON + DAY, "three")
    sealed(NOON + 2 * DAY)
    first = AuditEntry.objects.filter(action="audit.sealed").earliest("pk")
    tamper(statement)
    assert audit_seals.check(network).broken == [first]


def test_another_networks_log_has_seals_of_its_own(network):
    elsewhere = Network.objects.create(slug="elsewhere", name="Elsewhere")
    write(network, NOON, "one")
    write(elsewhere, NOON, "theirs")
    assert sealed(NOON + DAY) == 2
    assert audit_seals.check(elsewhere).entries == 1
