"""Who may ask what: keys and roles."""

import pytest

from emobi.core.models import ApiKey, Network
from emobi.core.services import api_keys
from stations.models import Command, Station
from tests.api.calling import BASE, Caller, operations


def test_a_key_says_what_it_is(network):
    key, text = api_keys.create(network, "operator", "billing")
    assert Caller(text).get("/me") == {
        "network": "grid",
        "network_name": "Grid",
        "key": "billing",
        "prefix": key.prefix,
        "role": "operator",
        "created_at": f"{key.created_at:%Y-%m-%dT%H:%M:%S}.{key.created_at.microsecond // 1000:03}Z",
    }


@pytest.mark.parametrize("key", [None, "", "nonsense", "ek_abcdefgh_" + "A" * 43, "\x7f"])
def test_a_request_without_a_valid_key_is_a_401(db, key):
    answer = Caller(key).ask("GET", "/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="emobi"'


def test_a_revoked_key_is_a_401_from_then_on(network):
    key, text = api_keys.create(network, "admin")
    Caller(text).get("/me")
    api_keys.revoke(key, by="user:alice")
    Caller(text).get("/me", expect=401)


@pytest.mark.parametrize(("method", "path", "operation"), operations())
def test_every_operation_but_health_asks_for_a_key(db, method, path, operation):
    answer = Caller(None).ask(method, path.removeprefix(BASE))
    assert (answer.status_code == 401) == (operation["operationId"] != "health")
    assert ("security" in operation) == (operation["operationId"] != "health")


CHANGES = {
    "create_station": {"identity": "new"},
    "change_station": {"maintenance": True},
    "send_command": {"command": "clear_cache"},
    "create_id_token": {"id_token": "NEW"},
    "change_id_token": {"status": "blocked"},
}


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize(("method", "path", "operation"), [each for each in operations() if each[0] != "GET"])
def test_a_viewer_changes_nothing(alpha, role, method, path, operation):
    network = alpha.network
    network.id_tokens.create(id_token="GOOD")
    caller = Caller(api_keys.create(network, role)[1])
    filled = path.removeprefix(BASE).format(identity="alpha", id_token="GOOD")
    answer = caller.ask(method, filled, CHANGES[operation["operationId"]])
    if role == "viewer":
        assert answer.status_code == 403
        assert "operator" in answer.json()["detail"]
        assert "viewer" in answer.json()["detail"]
        assert (Station.objects.count(), Command.objects.count()) == (1, 0)
        assert not Station.objects.get().maintenance
        assert network.id_tokens.get().status == "accepted"
    else:
        assert answer.status_code in (200, 201, 202)


def test_a_command_that_needs_an_admin_isnt_an_operators(alpha, operator, admin):
    body = {
        "command": "set_config",
        "params": {"variables": [{"component": "C", "variable": "V", "value": "1"}]},
    }
    assert "admin" in operator.post("/stations/alpha/commands", body, expect=403)["detail"]
    admin.post("/stations/alpha/commands", body, expect=202)


def test_a_key_is_looked_up_with_its_network_in_one_query(network, django_assert_num_queries):
    caller = Caller(api_keys.create(network, "viewer")[1])
    caller.get("/me")  # notes its use, once a minute
    with django_assert_num_queries(1):
        caller.get("/me")


def test_what_is_done_with_a_key_is_in_the_audit_log(network, operator):
    operator.post("/stations", {"identity": "CP1"})
    entry = network.audit_entries.get(action="station.created")
    prefix = ApiKey.objects.get().prefix
    assert (entry.actor, entry.target, entry.address) == (f"key:{prefix}", "CP1", "127.0.0.1")


def test_the_same_request_with_another_networks_key_sees_another_network(network, elsewhere, operator):
    other = Caller(api_keys.create(elsewhere, "operator")[1])
    operator.post("/stations", {"identity": "CP1"})
    other.post("/stations", {"identity": "CP1", "site": "theirs"})
    assert operator.get("/stations/CP1")["site"] is None
    assert Network.objects.count() == 2
