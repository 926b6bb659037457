"""Every error is a problem (RFC 9457), also where no view is reached."""

import logging

import orjson
import pytest
from django.db import connection
from django.test import Client

from emobi.api import stations
from stations.models import GatewayProcess
from tests.api.calling import BASE, PROBLEM, Caller


def told(answer, status: int):
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    problem = orjson.loads(answer.content)
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize("path", ["/", "/nothing", "/stations/", "/stations/a/b/c", "/stations/%00", "/../x"])
def test_an_unknown_path_is_a_problem(client, db, path):
    told(client.get(BASE + path), 404)


def test_a_page_that_isnt_there_stays_a_page(client, db):
    assert client.get("/nothing").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/stations", {"GET", "POST"}),
        ("POST", "/health", {"GET"}),
        ("PUT", "/stations/alpha/commands", {"GET", "POST"}),
        ("GET", "/id-tokens/GOOD", {"PATCH"}),
        ("OPTIONS", "/events", {"GET"}),
        ("TRACE", "/me", {"GET"}),
    ],
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client, db, method, path, allowed):
    answer = client.generic(method, BASE + path)
    told(answer, 405)
    assert set(answer["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"nonsense", b"{'identity': 'a'}", b'{"identity": NaN}', b'\xff\xfe{}', b"identity=a",
        b'{"identity": "\\ud800"}', b'{"identity": "a\\u0000"}', b'{"identity": "a\x00"}',
        b'{"identity": "\\\\\\u0000"}', b"[" * 100_000, b'{"a": 1e5000}',
    ],
)  # fmt: skip
def test_a_body_that_isnt_json_of_storable_text_is_a_problem(operator, body):
    assert "body" in told(operator.ask("POST", "/stations", body), 400)["detail"]


def test_a_backslash_before_u0000_is_text(operator, network):
    told = operator.post("/stations", {"identity": "a", "site": "\\u0000"})
    assert told["site"] == "\\u0000"


def test_no_body_is_a_problem(operator):
    assert operator.ask("POST", "/stations").status_code == 422


def test_a_body_of_another_shape_is_a_problem(operator):
    for body in ([], "text", 7, True, b"null"):
        assert operator.ask("POST", "/stations", body).status_code == 422


def test_a_body_that_is_too_large_is_a_problem(operator, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    told(operator.ask("POST", "/stations", {"identity": "a", "site": "x" * 1000}), 413)


def test_too_many_parameters_are_a_problem(viewer, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    told(viewer.ask("GET", "/stations", query={f"p{number}": 1 for number in range(11)}), 400)


def test_a_host_that_isnt_ours_is_a_problem(db):
    told(Client(headers={"Host": "evil.example"}).get(f"{BASE}/health"), 400)


def test_a_failure_of_ours_tells_nothing_but_where_it_is_logged(viewer, monkeypatch, caplog):
    def fail(*_args, **_filters):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(stations.selectors, "stations", fail)
    with caplog.at_level(logging.ERROR):
        answer = viewer.ask("GET", "/stations")
    problem = told(answer, 500)
    assert problem["request_id"] == answer["X-Request-ID"]
    assert "secret" not in answer.content.decode()
    logged = next(record for record in caplog.records if problem["request_id"] in record.getMessage())
    assert isinstance(logged.exc_info[1], ZeroDivisionError)


# ── health, and the database away ───────────────────────────────────────────────────────────────────────


def test_health_needs_no_key_and_counts_gateways_with_a_lease(nobody):
    assert nobody.get("/health") == {"status": "no gateway", "database": True, "gateways": 0}
    GatewayProcess.objects.create(name="g", host="h", pid=1, lease_until="2099-01-01T00:00:00Z")
    assert nobody.get("/health") == {"status": "ok", "database": True, "gateways": 1}


@pytest.fixture
def no_database(transactional_db, monkeypatch):
    """PostgreSQL can't be reached, until the end of the test."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    yield
    monkeypatch.undo()
    connection.close()


def test_health_says_that_the_database_is_away(no_database):
    assert Caller(None).get("/health", expect=503) == {
        "status": "database away",
        "database": False,
        "gateways": 0,
    }


def test_a_request_while_the_database_is_away_may_be_tried_again(no_database):
    answer = Caller("ek_abcdefgh_" + "A" * 43).ask("GET", "/stations")
    told(answer, 503)
    assert int(answer["Retry-After"]) > 0
