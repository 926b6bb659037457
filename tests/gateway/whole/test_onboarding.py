"""Stations that nobody registered, and those that wait for an operator or were turned away."""

import pytest

from emobi.core.errors import Conflict
from emobi.core.models import Event
from stations.models import Registration, Station
from stations.services.registry import registration
from tests.gateway.whole.asking import ask
from tests.gateway.whole.charger import Charger, refusal

PASSWORD = "a stranger's password"


@pytest.fixture
def open_network(make_network):
    """A network that lists the stations that it doesn't know."""
    return make_network(auto_register=True)


def path(network, identity="stranger"):
    return f"/ocpp/{network.slug}/{identity}"


def types(network):
    return list(Event.objects.filter(network=network).order_by("sequence").values_list("type", flat=True))


def decide(station, decision):
    registration.set_registration(station, decision, by="user:test")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_an_unknown_station_is_listed_and_waits(gateway, open_network, version):
    with Charger(gateway, path(open_network), offered=(f"ocpp{version}",)) as charger:
        answer = charger.boot()
        assert (answer["status"], answer["interval"]) == ("Pending", 30)
    station = Station.objects.get(network=open_network)
    assert (station.identity, station.registration) == ("stranger", Registration.PENDING)
    assert station.vendor == "Wallworks"
    assert types(open_network)[:3] == ["station.connected", "station.online", "station.pending"]


def test_an_unknown_station_may_say_nothing_else(gateway, open_network):
    with Charger(gateway, path(open_network)) as charger:
        charger.boot()
        assert charger.error("Heartbeat", {}) == "SecurityError"
        assert charger.error("StartTransaction", START) == "SecurityError"
    with Charger(gateway, path(open_network), offered=("ocpp2.0.1",)) as charger:
        assert charger.error("Heartbeat", {}) == "SecurityError"


START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": "2026-01-15T10:00:00Z"}


def test_a_station_that_was_listed_without_a_password_can_come_back(gateway, open_network):
    for _ in range(2):
        with Charger(gateway, path(open_network)) as charger:
            assert charger.boot()["status"] == "Pending"
    assert Station.objects.filter(network=open_network).count() == 1


def test_the_password_that_came_first_is_the_stations(gateway, open_network):
    with Charger(gateway, path(open_network), user="stranger", password=PASSWORD):
        pass
    assert refusal(gateway, path(open_network)).status_code == 401
    wrong = refusal(gateway, path(open_network), user="stranger", password="another long password")
    assert wrong.status_code == 401
    with Charger(gateway, path(open_network), user="stranger", password=PASSWORD):
        pass


def test_an_accepted_station_needs_a_password_again(gateway, open_network):
    with Charger(gateway, path(open_network)):
        pass
    station = Station.objects.get(network=open_network)
    decide(station, "accepted")
    assert refusal(gateway, path(open_network)).status_code == 401
    registration.change(station, {"password": PASSWORD}, by="user:test")
    with Charger(gateway, path(open_network), user="stranger", password=PASSWORD) as charger:
        charger.heartbeat()


@pytest.mark.parametrize(
    "options",
    [
        {"offered": None},
        {"user": "somebody", "password": PASSWORD},
        {"identity": "blank "},
        {"identity": "a/b"},
    ],
    ids=["no version", "another's name", "a blank at its end", "a slash"],
)
def test_who_would_not_get_in_is_not_listed(gateway, open_network, options):
    identity = options.pop("identity", "stranger").replace(" ", "%20").replace("/", "%2f")
    assert refusal(gateway, path(open_network, identity), **options).status_code in (400, 401)
    assert not Station.objects.filter(network=open_network).exists()


def test_a_network_that_wants_tls_lists_nobody_who_comes_without(gateway, make_network):
    network = make_network(auto_register=True, security_profile=2)
    assert refusal(gateway, path(network)).status_code == 401
    assert not Station.objects.filter(network=network).exists()


def test_a_decision_takes_effect_at_the_next_boot(gateway, open_network):
    with Charger(gateway, path(open_network)) as charger:
        assert charger.boot()["status"] == "Pending"
        station = Station.objects.get(network=open_network)
        decide(station, "accepted")
        assert charger.error("Heartbeat", {}) == "SecurityError"
        with pytest.raises(Conflict, match="to be told of it"):
            ask(station, "remote_start", {"id_token": "GOOD", "evse_id": 1})
        assert charger.boot()["status"] == "Accepted"
        charger.heartbeat()
        decide(station, "rejected")
        # It hasn't heard of it: what happens there until then isn't lost.
        charger.heartbeat()
        answer = charger.boot()
        assert (answer["status"], answer["interval"]) == ("Rejected", 30)
        assert charger.error("Heartbeat", {}) == "SecurityError"
    assert types(open_network).count("station.booted") == 1


def test_a_rejected_station_may_ask_again_and_no_more(gateway, alpha):
    decide(alpha.station, "rejected")
    with alpha.connect(gateway) as charger:
        assert charger.error("Heartbeat", {}) == "SecurityError"
        assert charger.boot()["status"] == "Rejected"
    assert not Event.objects.filter(network=alpha.station.network, type="station.booted").exists()


def test_the_heartbeat_interval_that_was_told_is_remembered(gateway, register):
    known = register(heartbeat_interval_s=77)
    with known.connect(gateway) as charger:
        assert charger.boot()["interval"] == 77
        known.station.refresh_from_db()
        assert known.station.negotiated_heartbeat_s == 77
        registration.change(known.station, {"heartbeat_interval_s": 78}, by="user:test")
        assert charger.boot()["interval"] == 78
    known.station.refresh_from_db()
    assert known.station.negotiated_heartbeat_s == 78
