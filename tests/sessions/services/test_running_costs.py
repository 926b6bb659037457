from datetime import timedelta
from decimal import Decimal

import pytest

from emobi.core import clock
from sessions.models import ChargingSession, Tariff
from sessions.services import charging_sessions, running_costs, tariffs
from stations.models import Command, Connectivity, Registration, Station
from tests.sessions.said import NOON, ended, reading, start_16, started, tell, updated

PRICES = {"currency": "EUR", "price_per_kwh": Decimal("0.50"), "price_per_minute": Decimal("0.10")}


@pytest.fixture
def charging(bravo):
    tariffs.create(bravo.network, "public", default=True, update_every_s=60, **PRICES)
    Station.objects.update(connectivity=Connectivity.ONLINE)
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.update, bravo, updated(1, 10, readings=(reading(10, 3000),)))
    return bravo


def tell_after(seconds):
    with clock.at(NOON + timedelta(seconds=seconds)):
        return running_costs.tell_due()


def costs():
    return [command.params["total_cost"] for command in Command.objects.order_by("id")]


def test_a_station_is_told_as_often_as_the_tariff_says(charging):
    assert [tell_after(seconds) for seconds in (600, 659, 660, 661)] == [1, 0, 1, 0]
    assert costs() == [2.0, 2.1]
    command = Command.objects.first()
    assert (command.name, command.params["transaction_id"]) == ("update_cost", "tx-1")
    assert (command.requested_by, command.expires_at) == ("system:tariffs", NOON + timedelta(seconds=660))


def test_a_session_that_is_over_is_told_nothing_more(charging):
    tell(charging_sessions.end, charging, ended(2))
    assert tell_after(600) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"connectivity": Connectivity.OFFLINE},
        {"ocpp_version": "1.6"},
        {"registration": Registration.REJECTED},
    ],
    ids=["away", "1.6", "rejected"],
)
def test_only_stations_that_can_be_told_are(charging, changes):
    Station.objects.update(**changes)
    assert tell_after(600) == 0
    assert ChargingSession.objects.get().cost_told_at is None


def test_a_session_whose_station_cannot_be_asked_holds_up_no_other(charging):
    # Longer than 2.0.1 has it, and taken all the same.
    tell(charging_sessions.start, charging, started(transaction_id="t" * 40, evse_id=2))
    tell(charging_sessions.update, charging, updated(1, 10, transaction_id="t" * 40))
    odd = ChargingSession.objects.exclude(transaction_id="tx-1")
    odd.update(tariff=Tariff.objects.get())
    assert tell_after(600) == 1
    assert odd.get().cost_told_at == NOON + timedelta(seconds=600)
    assert tell_after(660) == 1


def test_a_tariff_without_an_interval_tells_nothing(bravo):
    tariffs.create(bravo.network, "public", default=True, **PRICES)
    Station.objects.update(connectivity=Connectivity.ONLINE)
    tell(charging_sessions.start, bravo, started())
    assert tell_after(600) == 0


def test_a_cost_that_nobody_knows_is_not_told(charging):
    ChargingSession.objects.update(meter_start_wh=None)
    assert tell_after(600) == 0


def test_what_a_session_of_1_6_costs_is_known_here(alpha):
    tariffs.create(alpha.network, "public", default=True, **PRICES)
    begun = tell(charging_sessions.start, alpha, start_16())
    assert begun.session.tariff.name == "public"
