"""Who gets in: paths, subprotocols, passwords."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest
from websockets.exceptions import InvalidStatus

from emobi.core.models import Event
from sessions.services import removal
from stations.models import Connection, RefusedHandshake, Station
from stations.services.registry import registration
from tests.gateway.listener_process import until
from tests.gateway.whole.charger import Charger, basic, refusal

KEY = "00ff3a6b8c0d1e2f3041526374859607a8b9cadb"


def refusals(station_or_network):
    """What is kept of the refused handshakes of a station, or of a network."""
    network = getattr(station_or_network, "network", station_or_network)
    found = RefusedHandshake.objects.filter(network_slug=network.slug)
    if isinstance(station_or_network, Station):
        found = found.filter(identity=station_or_network.identity)
    return list(found.order_by("first_at").values_list("status", "reason", "count"))


@pytest.mark.parametrize("path", ["/1.6/{}/alpha", "/2.0.1/{}/alpha", "/ocpp/{}/alpha"])
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_station_gets_in_by_every_path_and_speaks_the_version_of_its_subprotocol(
    gateway, alpha, version, path
):
    with alpha.connect(gateway, version, path=path.format(alpha.station.network.slug)) as charger:
        assert charger.subprotocol == f"ocpp{version}"
        assert charger.boot()["status"] == "Accepted"
    connection = Connection.objects.get(pk=alpha.station.pk)
    assert (connection.ocpp_version, connection.security_profile) == (version, 1)
    assert connection.remote_address == "127.0.0.1"
    alpha.station.refresh_from_db()
    assert alpha.station.ocpp_version == version


@pytest.mark.parametrize(
    "path",
    ["//ocpp//{}//alpha/", "/ocpp/{}/%61lpha", "/ocpp/{}/alpha/alpha", "/ocpp/{}/alpha?x=1"],
    ids=["empty segments", "percent-encoded", "doubled identity", "query"],
)
def test_an_identity_is_found_however_its_url_is_written(gateway, alpha, path):
    with alpha.connect(gateway, path=path.format(alpha.station.network.slug)) as charger:
        charger.heartbeat()


def test_an_identity_of_more_than_letters_is_percent_encoded_in_the_url(gateway, register):
    known = register("Bay 7|ä")
    with known.connect(gateway, path=f"/ocpp/{known.station.network.slug}/Bay%207%7C%C3%A4") as charger:
        charger.heartbeat()


def test_an_identity_is_found_in_any_case_and_named_as_it_was_registered(gateway, register):
    known = register("Alpha-01")
    with known.connect(
        gateway, path=f"/ocpp/{known.station.network.slug}/ALPHA-01", user="aLPHA-01"
    ) as charger:
        charger.boot()
    told = Event.objects.filter(network=known.station.network)
    assert set(told.values_list("station", flat=True)) == {"Alpha-01"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ocpp",
        "/ocpp/{}",
        "/ocpp/{}/",
        "/{}/alpha",
        "/nothing/{}/alpha",
        "/ocpp/{}/alpha/bravo",
        "/ocpp/{}/al%pha",
        "/ocpp/{}/%ff",
        "/ocpp/{}/al%00pha",
        "/ocpp/%00/alpha",
        "/ocpp/{}/al%3Apha",
        "/ocpp/{}/" + "a" * 49,
    ],
)
def test_a_url_that_names_no_station_is_not_found(gateway, alpha, path):
    response = refusal(gateway, path.format(alpha.station.network.slug), **alpha.credentials)
    assert response.status_code == 404


def test_who_comes_by_another_path_is_kept_as_far_as_the_path_names_it(gateway, alpha):
    network = alpha.station.network
    refusal(gateway, f"/steve/{network.slug}/alpha")
    until(lambda: refusals(alpha.station) == [(404, "no such path", 1)])
    assert RefusedHandshake.objects.filter(network=network).count() == 1


@pytest.mark.parametrize(
    "path", ["/ocpp/{}/%2561lpha", "/ocpp/{}/..%2f{}%2falpha", "/ocpp/{}/alpha%20", "/ocpp/{}/%D0%B0lpha"]
)
def test_an_identity_is_decoded_once_and_never_guessed(gateway, alpha, path):
    response = refusal(gateway, path.replace("{}", alpha.station.network.slug), **alpha.credentials)
    assert response.status_code == 401


# ── subprotocols ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("ocpp1.6", "ocpp2.0.1"), "ocpp1.6"),
        (("ocpp2.0.1", "ocpp1.6"), "ocpp2.0.1"),
        (("ocpp2.1", "ocpp1.6"), "ocpp1.6"),
        (("OCPP1.6",), "OCPP1.6"),
        (("ocpp1.6j",), "ocpp1.6j"),
    ],
)
def test_the_first_version_of_the_stations_list_is_spoken_as_it_spells_it(gateway, alpha, offered, chosen):
    with alpha.connect(gateway, offered=offered) as charger:
        assert charger.subprotocol == chosen


def test_only_versions_that_the_network_allows_are_spoken(gateway, make_network, register):
    known = register("alpha", in_network=make_network(allowed_versions=["2.0.1"]))
    with known.connect(gateway, offered=("ocpp1.6", "ocpp2.0.1")) as charger:
        assert charger.subprotocol == "ocpp2.0.1"


def test_what_a_station_is_allowed_goes_before_what_its_network_is(gateway, make_network, register):
    known = register("alpha", in_network=make_network(allowed_versions=["2.0.1"]), allowed_versions=["1.6"])
    with known.connect(gateway, offered=("ocpp2.0.1", "ocpp1.6")) as charger:
        assert charger.subprotocol == "ocpp1.6"


@pytest.mark.parametrize(
    ("offered", "reason"),
    [(None, "no subprotocol"), (("mqtt", "ocpp2.0"), "no usable subprotocol")],
)
def test_without_a_version_that_we_speak_the_handshake_fails(gateway, alpha, offered, reason):
    response = refusal(gateway, alpha.path, **alpha.credentials, offered=offered)
    assert response.status_code == 400
    until(lambda: refusals(alpha.station) == [(400, reason, 1)])


def test_a_station_that_names_no_version_may_have_one_by_its_quirk(gateway, register):
    known = register("alpha", quirks={"assume_subprotocol": "ocpp1.6"})
    with known.connect(gateway, offered=None) as charger:
        assert charger.subprotocol is None
        assert charger.boot()["status"] == "Accepted"


def test_what_is_no_handshake_at_all_is_kept_too(gateway):
    browser = HTTPConnection("127.0.0.1", gateway.port, timeout=20, source_address=("127.0.0.8", 0))
    with closing(browser):
        browser.request("GET", "/ocpp/grid/alpha")
        status = browser.getresponse().status
    kept = until(lambda: RefusedHandshake.objects.filter(remote_address="127.0.0.8").first())
    assert (kept.status, kept.reason, kept.network) == (status, "no WebSocket handshake", None)
    assert status in range(400, 500)


# ── passwords ───────────────────────────────────────────────────────────────────────────────────────────


def outside(response):
    """What a guesser can see of a refusal."""
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    return response.status_code, headers, response.body


def test_nobody_outside_learns_why_credentials_were_refused(gateway, alpha, register, make_network):
    bravo = register("bravo")
    elsewhere = register("alpha", in_network=make_network())
    path, slug = alpha.path, alpha.station.network.slug
    refused = [
        refusal(gateway, path),
        refusal(gateway, path, user="alpha", password=""),
        refusal(gateway, path, user="alpha", password="wrong wrong wrong"),
        refusal(gateway, path, user="alpha", password=bravo.password),
        refusal(gateway, path, user="alpha", password=elsewhere.password),
        refusal(gateway, path, **bravo.credentials),
        refusal(gateway, f"/ocpp/{slug}/nobody", user="nobody", password="wrong wrong wrong"),
        refusal(gateway, f"/ocpp/{slug}/nobody"),
        refusal(gateway, "/ocpp/nowhere/alpha", **alpha.credentials),
        refusal(gateway, path, headers={"Authorization": "Basic %%%"}),
        refusal(gateway, path, headers={"Authorization": "Bearer token"}),
    ]
    status, headers, _ = outside(refused[0])
    assert status == 401
    assert headers["www-authenticate"] == 'Basic realm="ocpp"'
    assert all(outside(each) == outside(refused[0]) for each in refused)
    assert not Connection.objects.filter(station__network=alpha.station.network).exists()


def test_authorization_may_come_once_only(gateway, alpha):
    twice = basic("alpha", "wrong wrong wrong")["Authorization"]
    class_of = type("Twice", (str,), {})
    headers = {"Authorization": twice, class_of("authorization"): twice}
    assert refusal(gateway, alpha.path, headers=headers).status_code == 401


def test_the_operator_learns_why(gateway, alpha):
    refusal(gateway, alpha.path)
    refusal(gateway, alpha.path, user="alpha", password="wrong wrong wrong")
    refusal(gateway, alpha.path, user="alpha", password="wrong wrong wrong")
    refusal(gateway, alpha.path, user=alpha.password, password="alpha")  # swapped
    refusal(gateway, alpha.path, headers={"Authorization": "Basic %%%"})
    expected = [
        (401, "no credentials", 1),
        (401, "wrong password", 2),  # the second is counted, and written a second later
        (401, "user name is not the identity", 1),
        (401, "bad authorization", 1),
    ]
    until(lambda: refusals(alpha.station) == expected)
    kept = RefusedHandshake.objects.filter(network=alpha.station.network)
    assert kept.count() == 4
    assert not kept.filter(detail__contains=alpha.password).exists()
    rejected = Event.objects.filter(network=alpha.station.network, type="station.rejected")
    assert set(rejected.values_list("station", flat=True)) == {"alpha"}


def test_strangers_are_kept_but_fill_no_history(gateway, network):
    refusal(gateway, f"/ocpp/{network.slug}/nobody", user="nobody", password="wrong wrong wrong")
    until(lambda: refusals(network) == [(401, "unknown station", 1)])
    assert not Event.objects.filter(network=network).exists()
    assert not Station.objects.filter(network=network).exists()


@pytest.mark.parametrize(
    "presented", [bytes.fromhex(KEY), KEY, KEY.upper()], ids=["bytes", "digits", "capital digits"]
)
def test_a_key_of_1_6_is_presented_as_bytes_or_as_the_digits_that_stand_for_them(
    gateway, register, presented
):
    known = register(password=KEY)
    with known.connect(gateway, password=presented) as charger:
        charger.heartbeat()


def test_a_station_of_profile_0_needs_no_password(gateway, register):
    known = register(security_profile=0)
    with known.connect(gateway) as charger:
        charger.heartbeat()
    assert Connection.objects.get(pk=known.station.pk).security_profile == 0


def test_a_station_of_profile_0_that_has_a_password_has_to_prove_it(gateway, register):
    known = register(security_profile=0, password="correct horse battery")
    assert refusal(gateway, known.path).status_code == 401
    with known.connect(gateway):
        pass


def test_guessing_is_slowed_for_the_guesser_and_for_nobody_else(gateway, alpha, register):
    bravo = register("bravo")
    guess = {"user": "alpha", "password": "wrong wrong wrong"}
    statuses = [refusal(gateway, alpha.path, **guess).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    stopped = refusal(gateway, alpha.path, **alpha.credentials)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 60
    until(lambda: (429, "too many failures", 2) in refusals(alpha.station))
    with alpha.connect(gateway, address="127.0.0.2"), bravo.connect(gateway):
        pass


def test_guesses_made_at_once_are_no_more_than_guesses_made_one_by_one(gateway, alpha):
    def guess(number):
        wrong = {"user": "alpha", "password": f"wrong wrong wrong {number}", "address": "127.0.0.5"}
        return refusal(gateway, alpha.path, **wrong).status_code

    with ThreadPoolExecutor(50) as guessers:
        statuses = sorted(guessers.map(guess, range(50)))
    assert statuses == [401] * 10 + [429] * 40


def test_a_station_that_tries_often_at_once_with_its_password_is_never_held_back(gateway, alpha):
    def told(_):
        try:
            with alpha.connect(gateway, address="127.0.0.6"):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    assert (
        refusal(gateway, alpha.path, user="alpha", password="wrong", address="127.0.0.6").status_code == 401
    )
    with ThreadPoolExecutor(12) as sockets:
        # Of sockets that open in one moment the newest stays, and the others are told to come back.
        assert {101} <= set(sockets.map(told, range(12))) <= {101, 503}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("HTTP://evil.example:80", 403),
        ("http://[evil", 403),
        ("http://127.0.0.1:9", 101),
        ("file://", 101),
        ("null", 101),
    ],
)
def test_a_web_page_of_somebody_else_is_not_let_in(gateway, alpha, origin, status):
    headers = {"Origin": origin}
    # Whatever a station's library sends: who knows the password is no page.
    with alpha.connect(gateway, headers=headers) as charger:
        charger.heartbeat()
    expected = 401 if status == 101 else status
    assert refusal(gateway, alpha.path, headers=headers).status_code == expected
    if status == 403:
        until(lambda: refusals(alpha.station) == [(403, "from a web page", 1)])


def test_a_wrong_password_leaves_the_stations_socket_alone(gateway, alpha):
    with alpha.connect(gateway) as charger:
        epoch = Connection.objects.get(pk=alpha.station.pk).epoch
        assert refusal(gateway, alpha.path, user="alpha", password="wrong wrong wrong").status_code == 401
        charger.heartbeat()
        assert Connection.objects.get(pk=alpha.station.pk).epoch == epoch


def test_a_deleted_station_is_closed_and_unknown(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.boot()
        removal.remove(alpha.station, with_history=False, by="user:test")
        charger.closed_with()
    assert "Traceback" not in gateway.log
    assert refusal(gateway, alpha.path, **alpha.credentials).status_code == 401


def test_a_changed_password_is_the_only_one(gateway, alpha):
    registration.change(alpha.station, {"password": "another long password"}, by="user:test")
    assert refusal(gateway, alpha.path, **alpha.credentials).status_code == 401
    with Charger(gateway, alpha.path, user="alpha", password="another long password"):
        pass
