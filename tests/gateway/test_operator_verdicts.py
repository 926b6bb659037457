"""Tokens that our table doesn't know, judged by an operator's endpoint: a real one, that follows a script."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from emobi.core import signatures
from emobi.core.models import Network
from gateway import lookups, ocpp16, ocpp201, operator_verdicts
from gateway.lookups import Asker
from gateway.versions import BY_VERSION
from sessions.models import AuthorizationEndpoint, IdToken, Tariff
from stations.models import Station
from tests.gateway.hearing import NOON, hear, told
from tests.gateway.operator_endpoint import Operator, serving

MODULES: dict[tuple[str, str], ModuleType] = {
    ("1.6", "Authorize"): ocpp16.authorize,
    ("1.6", "StartTransaction"): ocpp16.start_transaction,
    ("1.6", "StopTransaction"): ocpp16.stop_transaction,
    ("2.0.1", "Authorize"): ocpp201.authorize,
    ("2.0.1", "TransactionEvent"): ocpp201.transaction_event,
}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
AUTHORIZE = {"idToken": {"idToken": "STRANGE", "type": "ISO14443"}}


@pytest.fixture
def operator() -> Iterator[Operator]:
    with serving(Operator()) as server:
        yield server


@pytest.fixture
def network(db) -> Network:
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture
def bravo(network) -> Station:
    return Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")


@pytest.fixture
def endpoint(network, operator, settings) -> Iterator[AuthorizationEndpoint]:
    settings.EMOBI_AUTHORIZATION_HOSTS = [f"127.0.0.1:{operator.server_port}"]
    url = f"http://127.0.0.1:{operator.server_port}/authorize?key=1"
    made = AuthorizationEndpoint.objects.create(network=network, url=url, secret=SECRET)
    operator_verdicts.refresh()
    yield made
    made.delete()
    operator_verdicts.refresh()


def ask(station: Station, module: ModuleType, payload: dict[str, Any]) -> list[object]:
    """What is looked up for a CALL, as the gateway does it, but on this thread."""
    if not module.OPERATOR.wanted(payload):
        return []
    asker = Asker(
        station_id=station.pk,
        network_id=station.network_id,
        version=station.ocpp_version,
        received_at=NOON,
    )
    return [operator_verdicts.ask(asker, *module.shown(payload))]


def heard(station: Station, action: str, payload: dict[str, Any]) -> Any:
    with lookups.hold(ask(station, MODULES[station.ocpp_version, action], payload)):
        return hear(station, action, payload)


def status(station: Station) -> str:
    said: str = heard(station, "Authorize", AUTHORIZE)["idTokenInfo"]["status"]
    return said


def test_the_question_is_signed_and_says_who_asks_about_what(bravo, operator, endpoint):
    operator.says(status="Blocked")
    status(bravo)
    headers, body = operator.asked[0]
    assert json.loads(body) == {
        "network": "grid",
        "station": "bravo",
        "ocpp_version": "2.0.1",
        "evse_id": None,
        "id_token": "STRANGE",
        "id_token_type": "ISO14443",
        "received_at": "2026-05-04T12:00:00.000Z",
    }
    expected = signatures.signature([SECRET], headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == expected


def test_all_that_the_operator_says_reaches_the_station(bravo, operator, endpoint):
    operator.says(
        status="Accepted",
        expires_at="2099-01-01T00:00:00Z",
        group="FAMILY",
        evse_ids=[2, 1],
        charging_priority=3,
        language1="de",
        language2="fr",
        personal_message="Hallo",
        something="else",
    )
    assert heard(bravo, "Authorize", AUTHORIZE)["idTokenInfo"] == {
        "status": "Accepted",
        "cacheExpiryDateTime": "2099-01-01T00:00:00.000Z",
        "chargingPriority": 3,
        "language1": "de",
        "evseId": [1, 2],
        "language2": "fr",
        "groupIdToken": {"idToken": "FAMILY", "type": "Central"},
        "personalMessage": {"format": "UTF8", "content": "Hallo"},
    }
    assert told(bravo)[0].data["authorization"] == "Accepted"


def test_the_operator_is_asked_at_a_start_and_at_a_stop_too(network, operator, endpoint):
    alpha = Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")
    Tariff.objects.create(network=network, name="public", currency="EUR", default=True)
    operator.says(status="Accepted", evse_ids=[1])
    start = {"connectorId": 1, "idTag": "STRANGE", "meterStart": 0, "timestamp": "2026-05-04T12:00:00Z"}
    begun = heard(alpha, "StartTransaction", start)
    assert begun["idTagInfo"] == {"status": "Accepted"}
    assert alpha.charging_sessions.get().tariff.name == "public"
    assert json.loads(operator.asked[0][1])["evse_id"] == 1
    operator.says(status="NoCredit")
    stop = {"transactionId": begun["transactionId"], "idTag": "STRANGE", "meterStop": 1}
    stop["timestamp"] = "2026-05-04T13:00:00Z"
    assert heard(alpha, "StopTransaction", stop)["idTagInfo"] == {"status": "Invalid"}


def test_what_the_operator_accepts_charges_once_unless_it_may_more_often(network, bravo, operator, endpoint):
    alpha = Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")
    operator.says(status="Accepted")
    start = {"connectorId": 1, "idTag": "STRANGE", "meterStart": 0, "timestamp": "2026-05-04T12:00:00Z"}
    heard(alpha, "StartTransaction", start)
    operator.says(status="Accepted")
    assert status(bravo) == "ConcurrentTx"
    operator.says(status="Accepted", concurrent=True)
    assert status(bravo) == "Accepted"


def test_an_evse_that_the_operator_did_not_name_is_refused(bravo, operator, endpoint):
    operator.says(status="Accepted", evse_ids=[2])
    event = {
        "eventType": "Started",
        "timestamp": "2026-05-04T12:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "tx-1"},
        "evse": {"id": 1},
        "idToken": AUTHORIZE["idToken"],
    }
    assert heard(bravo, "TransactionEvent", event)["idTokenInfo"]["status"] == "NotAtThisLocation"


def test_a_token_of_the_table_is_nobody_elses_business(bravo, operator, endpoint):
    IdToken.objects.create(network=bravo.network, id_token="strange", status="blocked")
    assert status(bravo) == "Blocked"
    assert operator.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b'{"status": "Accepted"}'),
        (201, {}, b'{"status": "Accepted"}'),
        (302, {"Location": "/accepted"}, b""),
        (200, {}, b'{"status": "Fine"}'),
        (200, {}, b'{"status": "Accepted", "evse_ids": [0]}'),
        (200, {}, b'{"status": "Accepted", "expires_at": "soon"}'),
        (200, {}, b'"Accepted"'),
        (200, {}, b"Accepted"),
        (200, {}, b"\xff"),
        (200, {}, b" " * (1 << 20)),
    ],
)
def test_whatever_goes_wrong_nobody_is_let_in(bravo, operator, endpoint, answer):
    operator.answers.append(answer)
    assert status(bravo) == "Unknown"
    assert len(operator.asked) == 1


def test_an_endpoint_that_is_away_lets_nobody_in(bravo, operator, endpoint):
    AuthorizationEndpoint.objects.update(url="http://127.0.0.1:1/authorize")
    operator_verdicts.refresh()
    assert status(bravo) == "Unknown"


def test_an_endpoint_that_takes_its_time_is_not_waited_for(bravo, endpoint, operator, monkeypatch):
    monkeypatch.setattr(operator_verdicts, "BUDGET_S", 0.05)
    operator.says(status="Accepted")
    operator.may_answer.clear()
    assert status(bravo) == "Unknown"


def test_an_endpoint_that_keeps_failing_is_left_alone(bravo, operator, endpoint):
    operator.answers += [(500, {}, b"")] * operator_verdicts.FAILURES
    for _ in range(operator_verdicts.FAILURES + 2):
        assert status(bravo) == "Unknown"
    assert len(operator.asked) == operator_verdicts.FAILURES


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/", "https://127.0.0.1:{}/", "ftp://127.0.0.1:{}/"])
def test_a_host_that_is_not_allowed_is_not_asked(bravo, operator, endpoint, settings, url):
    settings.EMOBI_AUTHORIZATION_HOSTS = []
    AuthorizationEndpoint.objects.update(url=url.format(operator.server_port))
    operator_verdicts.refresh()
    assert status(bravo) == "Unknown"
    assert operator.asked == []


def test_another_networks_endpoint_is_not_asked(operator, endpoint):
    elsewhere = Network.objects.create(slug="elsewhere", name="Elsewhere")
    stranger = Station.objects.create(network=elsewhere, identity="stranger", ocpp_version="2.0.1")
    assert status(stranger) == "Unknown"
    assert operator.asked == []


@pytest.mark.parametrize(("text", "kind"), [("", "NoAuthorization"), (" ", "Local")])
def test_what_is_no_token_raises_no_question(endpoint, text, kind):
    payload = {"idToken": {"idToken": text, "type": kind}}
    assert not ocpp201.authorize.OPERATOR.wanted(payload)


def test_without_endpoints_nothing_is_looked_up():
    assert not ocpp201.authorize.OPERATOR.wanted(AUTHORIZE)


@pytest.mark.parametrize(("version", "action"), MODULES)
def test_every_message_that_shows_a_token_has_it_looked_up(version, action):
    assert MODULES[version, action].OPERATOR in BY_VERSION[version].lookups[action]


def test_an_impossible_expiry_is_none(bravo, operator, endpoint):
    operator.says(status="Accepted", expires_at=datetime(2999, 1, 1, tzinfo=UTC).isoformat())
    assert heard(bravo, "Authorize", AUTHORIZE)["idTokenInfo"] == {"status": "Accepted"}
