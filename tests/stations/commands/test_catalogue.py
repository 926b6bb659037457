import pytest

from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands import catalogue
from stations.commands.catalogue import ENTRIES
from stations.commands.configuration import SetConfig, VariableSetting
from stations.commands.everyday import Reset, ResetType


def test_the_commands_are_those_of_the_contract():
    assert set(ENTRIES) == {
        "remote_start", "remote_stop", "reset", "unlock", "set_availability", "trigger_message", "get_config",
        "set_config", "get_base_report", "clear_cache",
    }  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_every_example_is_a_command(name):
    assert isinstance(catalogue.parse(name, ENTRIES[name].example), ENTRIES[name].kind)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_schema_is_closed_and_describes_an_object(name):
    schema = ENTRIES[name].params_schema
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert all(
        nested.get("additionalProperties", False) is False for nested in schema.get("$defs", {}).values()
    )


def test_viewers_may_send_nothing_and_only_admins_may_change_settings():
    roles = {name: entry.role for name, entry in ENTRIES.items()}
    assert roles.pop("set_config") == Role.ADMIN
    assert set(roles.values()) == {Role.OPERATOR}


def test_params_become_the_commands_dataclass():
    assert catalogue.parse("reset", {"type": "OnIdle", "evse_id": 2}) == Reset(
        type=ResetType.ON_IDLE, evse_id=2
    )
    assert catalogue.parse("set_config", {"variables": [{"key": "A", "value": "1"}]}) == SetConfig(
        variables=(VariableSetting(key="A", value="1"),)
    )


@pytest.mark.parametrize(
    ("name", "params", "field"),
    [
        ("explode", {}, "command"),
        ("reset", {"typ": "Immediate"}, "params.typ"),
        ("reset", {"type": "Hard"}, "params.type"),
        ("reset", {"evse_id": 0}, "params.evse_id"),
        ("reset", {"evse_id": "one"}, "params.evse_id"),
        ("reset", {"evse_id": 1.5}, "params.evse_id"),
        ("reset", {"hard": "perhaps"}, "params.hard"),
        ("unlock", {}, "params.evse_id"),
        ("unlock", {"evse_id": 1, "connector_id": 10_000}, "params.connector_id"),
        ("remote_start", {}, "params.id_token"),
        ("remote_start", {"id_token": ""}, "params.id_token"),
        ("remote_start", {"id_token": "x" * 37}, "params.id_token"),
        ("remote_start", {"id_token": "A", "id_token_type": "Barcode"}, "params.id_token_type"),
        ("remote_start", {"id_token": "A", "connector_id": 1}, "params.evse_id"),
        ("remote_start", {"id_token": "A", "remote_start_id": 2**31}, "params.remote_start_id"),
        ("remote_stop", {}, "params.transaction_id"),
        ("remote_stop", {"transaction_id": "1", "session_id": "S"}, "params.transaction_id"),
        ("set_availability", {}, "params.operational_status"),
        ("set_availability", {"operational_status": "Operative", "connector_id": 1}, "params.evse_id"),
        ("trigger_message", {"requested_message": "Nothing"}, "params.requested_message"),
        ("trigger_message", {"requested_message": "Heartbeat", "connector_id": 1}, "params.evse_id"),
        ("get_config", {"variables": [{"component": "A"}]}, "params.variables.0"),
        ("get_config", {"variables": [{"key": "A"}, {"key": "A"}]}, "params.variables.1"),
        ("get_config", {"variables": [{"key": "A", "attribute": "Both"}]}, "params.variables.0.attribute"),
        ("get_config", {"variables": [{"key": "x" * 51}]}, "params.variables.0.key"),
        ("set_config", {}, "params.variables"),
        ("set_config", {"variables": []}, "params.variables"),
        ("set_config", {"variables": [{"key": "A"}]}, "params.variables.0.value"),
        ("set_config", {"variables": [{"key": "A", "value": 1}]}, "params.variables.0.value"),
        ("set_config", {"variables": [{"value": "1"}]}, "params.variables.0"),
        ("set_config", {"variables": [{"key": "A", "value": "x" * 1001}]}, "params.variables.0.value"),
        ("get_base_report", {"report_base": "Everything"}, "params.report_base"),
        ("clear_cache", {"now": True}, "params.now"),
    ],
)
def test_what_is_no_command_is_refused_with_the_field_that_is_wrong(name, params, field):
    with pytest.raises(Invalid) as refused:
        catalogue.parse(name, params)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


def test_the_same_variable_with_another_attribute_is_another():
    names = [{"component": "A", "variable": "B"}, {"component": "A", "variable": "B", "attribute": "Target"}]
    assert catalogue.parse("get_config", {"variables": names})
