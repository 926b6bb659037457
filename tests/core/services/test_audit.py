from datetime import UTC, datetime
from decimal import Decimal

import pytest

from emobi.core import clock, unit_of_work
from emobi.core.models import AuditEntry
from emobi.core.services import audit

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_an_entry_says_who_did_what_to_whom_and_when(network):
    with unit_of_work.begin(), clock.at(NOON):
        audit.record(
            network.pk, "user:alice", "station.changed", "CP1", {"at": NOON, "wh": Decimal("1.5")}, "10.0.0.1"
        )

    entry = AuditEntry.objects.get()
    assert (entry.network, entry.at, entry.actor) == (network, NOON, "user:alice")
    assert (entry.action, entry.target, entry.address) == ("station.changed", "CP1", "10.0.0.1")
    assert entry.detail == {"at": "2026-05-04T12:00:00.000Z", "wh": 1.5}


def test_an_entry_without_a_unit_of_work_is_refused(network):
    with pytest.raises(unit_of_work.NoUnitOfWork):
        audit.record(network.pk, "user:alice", "station.changed", "CP1")


def test_an_entry_goes_with_the_change_that_failed(network):
    with pytest.raises(ZeroDivisionError):
        change_and_fail(network)
    assert not AuditEntry.objects.exists()


@unit_of_work.begin()
def change_and_fail(network):
    audit.record(network.pk, "user:alice", "station.changed", "CP1")
    raise ZeroDivisionError
