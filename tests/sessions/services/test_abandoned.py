from datetime import timedelta
from decimal import Decimal

import pytest

from emobi.core import clock, unit_of_work
from gateway.effects import EFFECTS
from sessions.models import ChargingSession
from sessions.services import abandoned, charging_sessions, tariffs
from sessions.suspicions import Suspicion
from stations.commands.billing import GetSessionStatus
from stations.commands.outcome import Outcome
from stations.models import Availability, Command, CommandState, Connectivity, Connector, Station
from tests.sessions.said import NOON, ended, meter_16, reading, start_16, started, stop_16, tell, told
from tests.stations.commanding import connect

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


def test_what_is_lost_costs_by_its_last_reading(alpha, session):
    prices = {"currency": "EUR", "price_per_kwh": Decimal("0.50")}
    ChargingSession.objects.update(tariff=tariffs.create(alpha.network, "public", **prices))
    sweep()
    session.refresh_from_db()
    assert session.cost == Decimal("0.20")


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


# ── a station that can be asked ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def asked(bravo):
    """A silent session of a station that is connected."""
    Station.objects.filter(pk=bravo.pk).update(connectivity=Connectivity.ONLINE)
    connect(bravo)
    session = tell(charging_sessions.start, bravo, started()).session
    Connector.objects.create(
        station=bravo, evse_id=1, connector_id=1, status=Availability.AVAILABLE, changed_at=NOON,
        reported_at=NOON,
    )  # fmt: skip
    return session


def answer(session, at, **detail):
    with clock.at(at), unit_of_work.begin():
        Command.objects.filter(state=CommandState.QUEUED).update(state=CommandState.ACCEPTED)
        outcome = Outcome(state=CommandState.ACCEPTED, status="Accepted", detail=detail)
        question = GetSessionStatus(transaction_id=session.transaction_id)
        EFFECTS["get_session_status"](session.station, question, outcome)
    session.refresh_from_db()


def test_a_station_is_asked_first_and_waited_for_while_it_has_more_to_say(asked):
    assert (sweep(), sweep()) == (0, 0)
    question = Command.objects.get()
    assert (question.name, question.params) == ("get_session_status", {"transaction_id": "tx-1"})
    assert question.requested_by == "system:sessions"
    answer(asked, LATER, ongoing=False, messages_in_queue=True)
    assert (asked.state, asked.heard_at, asked.suspect) == ("active", LATER, [Suspicion.MORE_WAITS])
    # It is asked anew after the next silence.
    assert (sweep(LATER + timedelta(minutes=5)), Command.objects.count()) == (0, 1)
    again = LATER + timedelta(minutes=16)
    assert (sweep(again), Command.objects.count()) == (0, 2)
    answer(asked, again, ongoing=False, messages_in_queue=False)
    assert (asked.heard_at, asked.suspect) == (LATER, [])
    assert sweep(again) == 1
    asked.refresh_from_db()
    assert asked.state == "lost"


def test_a_session_that_goes_on_is_not_given_up(asked):
    sweep()
    answer(asked, LATER, ongoing=True, messages_in_queue=False)
    assert (sweep(LATER + timedelta(minutes=5)), asked.suspect) == (0, [])


@pytest.mark.parametrize("state", [CommandState.FAILED, CommandState.UNKNOWN, CommandState.EXPIRED])
def test_a_question_without_an_answer_is_none(asked, state):
    sweep()
    Command.objects.update(state=state)
    assert sweep() == 1


def test_that_more_waits_goes_when_nothing_waits_or_all_has_come(asked):
    answer(asked, LATER, ongoing=False, messages_in_queue=True)
    with clock.at(LATER), unit_of_work.begin():
        outcome = Outcome(state=CommandState.ACCEPTED, status="Accepted", detail={"messages_in_queue": False})
        EFFECTS["get_session_status"](asked.station, GetSessionStatus(), outcome)
    asked.refresh_from_db()
    assert asked.suspect == []
    answer(asked, LATER, ongoing=False, messages_in_queue=True)
    tell(charging_sessions.end, asked.station, ended(1))
    asked.refresh_from_db()
    assert Suspicion.MORE_WAITS not in asked.suspect
