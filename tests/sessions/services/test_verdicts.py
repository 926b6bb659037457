"""What else a verdict on a token says: where it may charge, and what its driver is told."""

from decimal import Decimal

import pytest

from sessions.authorization import AuthorizationStatus
from sessions.models import ChargingSession, IdToken
from sessions.reports import Token
from sessions.services import charging_sessions, id_tokens, tariffs
from stations.models import Variable
from tests.sessions.said import (
    GOOD,
    NOON,
    after,
    ended,
    meter_16,
    reading,
    start_16,
    started,
    stop_16,
    tell,
    updated,
)


def authorize(station, text="GOOD"):
    return tell(id_tokens.authorize, station, Token(id_token=text))


def allow(network, *places):
    id_tokens.change(network, "GOOD", by="user:a", allowed_evses=list(places))


def test_a_token_may_charge_at_some_evses_of_a_station(alpha, bravo):
    allow(alpha.network, {"station": "ALPHA", "evse_ids": [2]})
    verdict = authorize(alpha)
    assert (verdict.status, verdict.evse_ids) == (AuthorizationStatus.ACCEPTED, (2,))
    assert authorize(bravo).status == AuthorizationStatus.NOT_AT_THIS_LOCATION
    there = tell(charging_sessions.start, alpha, start_16(evse_id=2))
    assert there.authorization.status == AuthorizationStatus.ACCEPTED
    here = tell(charging_sessions.start, alpha, start_16(1, evse_id=1))
    assert here.authorization.status == AuthorizationStatus.NOT_AT_THIS_LOCATION


@pytest.mark.parametrize("said", [None, "ISO14443", "ISO15693", "Central", "Local", "MacAddress"])
@pytest.mark.parametrize("kept", ["ISO14443", "Central"])
def test_a_token_is_its_text_however_its_reader_calls_it(bravo, said, kept):
    IdToken.objects.update(type=kept)
    verdict = tell(id_tokens.authorize, bravo, Token(id_token="GOOD", type=said))
    assert verdict.status == AuthorizationStatus.ACCEPTED


@pytest.mark.parametrize(
    ("said", "kept", "status"),
    [
        ("KeyCode", "ISO14443", AuthorizationStatus.INVALID),
        ("ISO14443", "KeyCode", AuthorizationStatus.UNKNOWN),
        ("KeyCode", "KeyCode", AuthorizationStatus.ACCEPTED),
        (None, "KeyCode", AuthorizationStatus.ACCEPTED),
        ("ISO14443", "eMAID", AuthorizationStatus.UNKNOWN),
        ("Local", "eMAID", AuthorizationStatus.UNKNOWN),
        ("KeyCode", "eMAID", AuthorizationStatus.INVALID),
        ("eMAID", "ISO14443", AuthorizationStatus.UNKNOWN),
        ("eMAID", "KeyCode", AuthorizationStatus.UNKNOWN),
        ("eMAID", "eMAID", AuthorizationStatus.ACCEPTED),
        ("Central", "eMAID", AuthorizationStatus.ACCEPTED),
        ("Central", "KeyCode", AuthorizationStatus.UNKNOWN),
        (None, "eMAID", AuthorizationStatus.ACCEPTED),
    ],
)
def test_what_is_keyed_in_or_proved_by_an_ev_is_no_card(bravo, said, kept, status):
    IdToken.objects.update(type=kept)
    assert tell(id_tokens.authorize, bravo, Token(id_token="GOOD", type=said)).status == status


def test_a_token_may_stop_where_it_may_no_longer_start(alpha):
    begun = tell(charging_sessions.start, alpha, start_16())
    allow(alpha.network, {"station": "elsewhere"})
    verdict = tell(charging_sessions.end, alpha, stop_16(begun.session.transaction_id, token=GOOD))
    assert verdict.status == AuthorizationStatus.ACCEPTED


def test_a_driver_is_told_in_the_own_language_what_charging_costs(bravo):
    tariffs.create(bravo.network, "public", currency="EUR", price_per_kwh=Decimal("0.49"), default=True)
    said = {"language1": "de", "language2": "fr", "personal_message": "Hallo", "charging_priority": 2}
    id_tokens.change(bravo.network, "GOOD", by="user:a", **said)
    verdict = authorize(bravo)
    assert verdict.personal_message == "Hallo\n0.49 EUR per kWh"
    assert (verdict.language1, verdict.language2, verdict.charging_priority) == ("de", "fr", 2)


def test_a_refused_driver_is_told_no_prices(bravo):
    tariffs.create(bravo.network, "public", currency="EUR", default=True)
    id_tokens.change(bravo.network, "GOOD", by="user:a", status="blocked", personal_message="Hallo")
    assert authorize(bravo).personal_message == ""


@pytest.mark.parametrize(
    ("displays", "tariff_too", "told"),
    [("false", "false", ""), ("true", "false", "cheap"), ("false", "true", "cheap")],
)
def test_a_station_without_a_display_is_told_no_prices(bravo, displays, tariff_too, told):
    tariffs.create(bravo.network, "public", currency="EUR", text="cheap", default=True)
    for component, value in [("DisplayMessageCtrlr", displays), ("TariffCostCtrlr", tariff_too)]:
        Variable.objects.create(
            station=bravo, component=component, variable="Available", value=value, reported_at=NOON
        )
    assert authorize(bravo).personal_message == told


def test_a_token_has_its_own_tariff_before_the_networks(bravo):
    tariffs.create(bravo.network, "public", currency="EUR", text="dear", default=True)
    tariffs.create(bravo.network, "staff", currency="EUR", text="cheap")
    assert authorize(bravo).personal_message == "dear"
    id_tokens.change(bravo.network, "GOOD", by="user:a", tariff="staff")
    assert authorize(bravo).personal_message == "cheap"
    id_tokens.change(bravo.network, "GOOD", by="user:a", tariff=None)
    assert authorize(bravo).personal_message == "dear"


def charge(station, **prices):
    tariffs.create(station.network, "public", currency="EUR", default=True, **prices)
    tell(charging_sessions.start, station, started(readings=(reading(0, 1000, context="Transaction.Begin"),)))


def test_a_session_costs_what_it_cost_when_it_began(bravo):
    charge(bravo, price_per_kwh=Decimal("0.50"), price_per_minute=Decimal("0.10"), start_fee=Decimal(1))
    tariffs.change(bravo.network, "public", by="user:a", price_per_kwh=Decimal(9))
    closing = reading(60, 11000, context="Transaction.End")
    tell(charging_sessions.end, bravo, ended(1, 60, readings=(closing,)))
    assert ChargingSession.objects.get().cost == Decimal("12.00")


def test_a_session_without_a_tariff_has_no_cost(bravo):
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.end, bravo, ended(1))
    assert ChargingSession.objects.get().cost is None


def test_a_free_session_costs_nothing(bravo):
    charge(bravo)
    tell(charging_sessions.end, bravo, ended(1))
    assert ChargingSession.objects.get().cost == 0


def test_the_cost_follows_a_part_that_comes_late(bravo):
    charge(bravo, price_per_kwh=Decimal("0.50"))
    tell(charging_sessions.end, bravo, ended(2, 60, readings=()))
    assert ChargingSession.objects.get().cost is None
    tell(charging_sessions.update, bravo, updated(1, 50, readings=(reading(50, 3000),)))
    assert ChargingSession.objects.get().cost == Decimal("1.00")


def test_the_cost_follows_closing_readings_that_come_after_the_stop(alpha):
    tariffs.create(alpha.network, "public", currency="EUR", default=True, price_per_kwh=Decimal("0.50"))
    number = tell(charging_sessions.start, alpha, start_16()).session.transaction_id
    tell(charging_sessions.end, alpha, stop_16(number, meter_stop_wh=None))
    assert ChargingSession.objects.get().cost is None
    closing = reading(60, 5000, context="Transaction.End")
    tell(charging_sessions.meter, alpha, meter_16(number, closing), received=after(61))
    assert ChargingSession.objects.get().cost == Decimal("2.00")


def test_the_cost_follows_a_start_that_comes_after_its_end(bravo):
    tariffs.create(bravo.network, "public", currency="EUR", default=True, price_per_kwh=Decimal("0.50"))
    tell(charging_sessions.end, bravo, ended(1))
    tell(charging_sessions.start, bravo, started())
    assert ChargingSession.objects.get().cost == Decimal("2.00")


def test_a_session_that_its_station_went_on_without_costs_by_its_last_reading(alpha):
    tariffs.create(alpha.network, "public", currency="EUR", default=True, price_per_kwh=Decimal("0.50"))
    begun = tell(charging_sessions.start, alpha, start_16()).session
    tell(charging_sessions.meter, alpha, meter_16(begun.transaction_id, reading(10, 3000)))
    tell(charging_sessions.start, alpha, start_16(60, meter_start_wh=Decimal(3000)))
    assert [(one.state, one.cost) for one in ChargingSession.objects.order_by("started_at")] == [
        ("lost", Decimal("1.00")),
        ("active", None),
    ]


def test_a_refused_token_has_no_tariff(bravo):
    IdToken.objects.create(network=bravo.network, id_token="BLOCKED", status="blocked")
    tariffs.create(bravo.network, "public", currency="EUR", default=True)
    begun = tell(charging_sessions.start, bravo, started(token=Token(id_token="BLOCKED")))
    assert begun.session.tariff_id is None
