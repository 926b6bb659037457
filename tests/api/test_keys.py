"""Who may ask what: keys and roles."""

import pytest

from emobi.api.playbooks import EXAMPLE
from emobi.core.models import ApiKey, Network, Role
from emobi.core.services import api_keys
from stations.commands.certificates import EXAMPLE as CERTIFICATE
from stations.models import Command, Station
from tests.api.calling import BASE, Caller, operations
from tests.api.furnishing import MENTIONED_IMAGE, MENTIONED_INCIDENT, furnish


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


# What each operation that changes something is sent.
CHANGES: dict[str, dict[str, object] | bytes | None] = {
    "create_station": {"identity": "new"},
    "change_station": {"maintenance": True},
    "delete_station": None,
    "send_command": {"command": "clear_cache"},
    "cancel_command": None,
    "send_bulk_command": {"command": "clear_cache", "identities": ["alpha"]},
    "cancel_bulk_command": None,
    "create_id_token": {"id_token": "NEW"},
    "change_id_token": {"status": "blocked"},
    "import_id_tokens": b"id_token\nNEW\n",
    "create_tariff": {"name": "night", "currency": "EUR"},
    "change_tariff": {"default": True},
    "create_model_quirks": {"vendor": "Acme", "model": "Two", "quirks": {}},
    "change_model_quirks": {"quirks": {"no_trigger": True}},
    "delete_model_quirks": None,
    "create_template": {"name": "T", "variables": [{"component": "C", "variable": "V", "value": "1"}]},
    "change_template": {"vendor": None},
    "delete_template": None,
    "apply_template": {},
    "create_firmware_image": b"image",
    "change_firmware_image": {"note": "new"},
    "delete_firmware_image": None,
    "create_firmware_campaign": {"image_id": MENTIONED_IMAGE, "wave_size": 1},
    "change_firmware_campaign": {"state": "paused"},
    "create_root_certificate": {"certificate_type": "MORootCertificate", "certificate": CERTIFICATE},
    "delete_root_certificate": None,
    "create_revoked_certificate": {"certificate": CERTIFICATE},
    "create_access_change": {"kind": "security_profile", "security_profile": 2},
    "cancel_access_change": None,
    "create_webhook": {"url": "https://billing.example.org/emobi", "types": ["session.*"]},
    "change_webhook": {"types": ["*"]},
    "delete_webhook": None,
    "rotate_webhook_secret": None,
    "send_test": {},
    "replay_webhook": {"delivery_ids": [1]},
    "redeliver": None,
    "create_maintenance_window": {"identities": ["alpha"], "for_s": 60, "reason": "A new meter."},
    "end_maintenance_window": None,
    "create_incident": {"title": "Cable stolen"},
    "acknowledge_incident": None,
    "assign_incident": {"assignee": None},
    "snooze_incident": {"for_s": 60},
    "resolve_incident": {},
    "merge_incidents": {"incident_ids": [MENTIONED_INCIDENT]},
    "split_incident": {"stations": ["beside"]},
    "note_incident": {"text": "Called."},
    "create_incident_rule": {"name": "Depot A", "kind": "offline"},
    "change_incident_rule": {"severity": "critical"},
    "delete_incident_rule": None,
    "back_test_incident_rule": {},
    "create_notification_route": {"name": "On call", "recipients": ["noc@example.org"]},
    "change_notification_route": {"enabled": False},
    "delete_notification_route": None,
    "try_notification_route": None,
    "create_report_letter": {"recipient": "boss@example.org", "every": "week"},
    "delete_report_letter": None,
    "create_playbook": {"slug": "cure", "definition": EXAMPLE},
    "switch_playbooks": {"stopped": False},
    "change_playbook": {"enabled": True},
    "delete_playbook": None,
    "archive_playbook": None,
    "restore_playbook": None,
    "add_playbook_version": {"definition": EXAMPLE},
    "simulate_playbook": {"hours": 1},
    "start_playbook": {},
    "approve_playbook_run": None,
    "refuse_playbook_run": {},
    "cancel_playbook_run": {},
    "take_over_playbook_run": {},
    "retry_playbook_run": {"index": 0},
    "add_exclusion": {"from": "2026-05-01T00:00:00Z", "to": "2026-05-02T00:00:00Z", "reason": "The grid."},
    "withdraw_exclusion": {"reason": "A typo."},
}
# And in its query.
QUERIES = {"create_firmware_image": {"version": "1.1.0"}}
# Those that an engineer may do, but no operator.
FOR_ENGINEERS = {
    "create_playbook",
    "change_playbook",
    "delete_playbook",
    "archive_playbook",
    "restore_playbook",
    "add_playbook_version",
    "create_template",
    "change_template",
    "delete_template",
    "apply_template",
    "create_firmware_image",
    "change_firmware_image",
    "delete_firmware_image",
    "create_firmware_campaign",
    "change_firmware_campaign",
    "create_incident_rule",
    "change_incident_rule",
    "delete_incident_rule",
    "back_test_incident_rule",
}
# Those that an operator may not do.
FOR_ADMINS = {
    *FOR_ENGINEERS,
    "delete_station",
    "create_root_certificate",
    "delete_root_certificate",
    "create_revoked_certificate",
    "create_access_change",
    "cancel_access_change",
    "create_webhook",
    "change_webhook",
    "delete_webhook",
    "rotate_webhook_secret",
    "create_notification_route",
    "change_notification_route",
    "delete_notification_route",
    "try_notification_route",
    "list_report_letters",
    "read_report_letter",
    "create_report_letter",
    "delete_report_letter",
    "add_exclusion",
    "withdraw_exclusion",
}


@pytest.mark.parametrize("role", ["viewer", "operator", "engineer", "admin"])
@pytest.mark.parametrize(("method", "path", "operation"), [each for each in operations() if each[0] != "GET"])
def test_a_viewer_changes_nothing(alpha, role, method, path, operation):
    network = alpha.network
    network.id_tokens.create(id_token="GOOD")
    name = operation["operationId"]
    caller = Caller(api_keys.create(network, role)[1])
    furnished = furnish(network, path.removeprefix(BASE))
    before = (Station.objects.count(), Command.objects.count())
    answer = caller.ask(method, furnished, CHANGES[name], QUERIES.get(name))
    needed = "engineer" if name in FOR_ENGINEERS else "admin" if name in FOR_ADMINS else "operator"
    if not Role(role).includes(Role(needed)):
        assert answer.status_code == 403
        assert needed in answer.json()["detail"]
        assert role in answer.json()["detail"]
        assert (Station.objects.count(), Command.objects.count()) == before
        assert not Station.objects.filter(maintenance=True).exists()
        assert network.id_tokens.get().status == "accepted"
    else:
        assert answer.status_code in (200, 201, 202, 204)


def test_a_command_that_needs_an_engineer_isnt_an_operators(alpha, operator):
    body = {
        "command": "set_config",
        "params": {"variables": [{"component": "C", "variable": "V", "value": "1"}]},
    }
    engineer = Caller(api_keys.create(alpha.network, "engineer")[1])
    assert "engineer" in operator.post("/stations/alpha/commands", body, expect=403)["detail"]
    engineer.post("/stations/alpha/commands", body, expect=202)


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
