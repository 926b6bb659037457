from datetime import timedelta
from decimal import Decimal

import pytest

from emobi.core import clock
from sessions.models import ChargingSession
from sessions.services import abandoned, charging_sessions
from stations.models import Availability, Connectivity, Connector, Station
from tests.sessions.said import NOON, meter_16, reading, start_16, stop_16, tell, told

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def session(alpha):
    """One that was last heard of at noon, on a connector that has been free since."""
    Station.objects.filter(pk=alpha.pk).update(connectivity=Connectivity.ONLINE)
    session = tell(charging_sessions.start, alpha, start_16()).session
    tell(charging_sessions.meter, alpha, meter_16(session.transaction_id, reading(1, 1400)))
    Connector.objects.create(
        station=alpha, evse_id=1, connector_id=1, status=Availability.AVAILABLE, changed_at=NOON,
        reported_at=NOON,
    )  # fmt: skip
    return session


def sweep(at=LATER):
    with clock.at(at):
        return abandoned.give_up()


def test_a_session_on_a_connector_that_has_long_been_free_is_lost_with_its_last_reading(alpha, session):
    assert sweep() == 1
    session.refresh_from_db()
    assert (session.state, session.energy_wh) == ("lost", Decimal(400))
    kind, ended = told(alpha)[-1]
    assert kind == "session.ended"
    assert (ended["energy_wh"], ended["suspect"], ended["reason"]) == (400, True, None)
    assert sweep() == 0


def test_its_end_counts_if_it_comes_after_all(alpha, session):
    sweep()
    tell(charging_sessions.end, alpha, stop_16(session.transaction_id, meter_stop_wh=Decimal(1900)))
    session.refresh_from_db()
    assert (session.state, session.energy_wh) == ("ended", Decimal(900))


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        (Connector, {"status": Availability.OCCUPIED}),
        (Connector, {"status": Availability.FAULTED}),
        (Connector, {"changed_at": LATER - timedelta(minutes=5)}),
        (Station, {"connectivity": Connectivity.OFFLINE}),
        (ChargingSession, {"heard_at": LATER - timedelta(minutes=5)}),
    ],
)
def test_a_session_that_may_well_go_on_is_left_alone(session, rows, changes):
    rows.objects.update(**changes)
    assert sweep() == 0
    session.refresh_from_db()
    assert session.state == "active"


def test_what_became_of_a_connector_that_never_reported_is_not_known(session):
    Connector.objects.all().delete()
    assert sweep() == 0
