import pytest

from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands import catalogue
from stations.commands.catalogue import ENTRIES
from stations.commands.configuration import SetConfig, VariableSetting
from stations.commands.everyday import Reset, ResetType

LATER = {"id_token": "A", "expires_at": "2099-01-01T00:00:00Z"}
DIFFERENCE = {"update_type": "Differential"}
MORE = {"additional_id_token": "B", "type": "C"}
GOOD = {"id_token": "GOOD", "status": "Accepted"}


def test_the_commands_are_those_of_the_contract():
    assert set(ENTRIES) == {
        "reserve", "cancel_reservation", "send_local_list", "get_local_list_version", "update_cost",
        "get_session_status",
        "set_charging_profile", "clear_charging_profile", "get_charging_profiles", "get_composite_schedule",
        "remote_start", "remote_stop", "reset", "unlock", "set_availability", "trigger_message", "get_config",
        "set_config", "get_base_report", "clear_cache", "data_transfer",
        "get_report", "set_monitors", "clear_monitors", "set_monitoring_base", "set_monitoring_level",
        "get_monitoring_report", "set_display_message", "get_display_messages", "clear_display_message",
        "customer_information",
        "update_firmware", "publish_firmware", "unpublish_firmware", "get_log",
        "install_certificate", "delete_certificate", "list_certificates", "certificate_signed",
        "set_network_profile",
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


def test_viewers_may_send_nothing_and_operators_change_no_settings():
    roles = {name: entry.role for name, entry in ENTRIES.items()}
    assert roles["set_config"] == roles["update_firmware"] == Role.ENGINEER
    assert roles["data_transfer"] == Role.ADMIN
    assert Role.VIEWER not in roles.values()


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
        ("clear_charging_profile", {"charging_profile_id": 1, "evse_id": 0}, "params.charging_profile_id"),
        (
            "clear_charging_profile",
            {"charging_profile_purpose": "ChargingStationExternalConstraints"},
            "params.charging_profile_purpose",
        ),
        ("get_charging_profiles", {}, "params.charging_profile_id"),
        ("get_charging_profiles", {"evse_id": 1}, "params.charging_profile_id"),
        (
            "get_charging_profiles",
            {"charging_profile_id": [1], "stack_level": 0},
            "params.charging_profile_id",
        ),
        ("get_composite_schedule", {"evse_id": 1, "duration": 0}, "params.duration"),
        ("get_composite_schedule", {"evse_id": -1, "duration": 1}, "params.evse_id"),
        ("reserve", {"id_token": "A"}, "params.expires_at"),
        ("reserve", {"id_token": "A", "expires_at": "2020-01-01T00:00:00Z"}, "params.expires_at"),
        ("reserve", {"id_token": "A", "expires_at": "9999-01-01T00:00:00Z"}, "params.expires_at"),
        ("reserve", {"id_token": "A", "expires_at": "2099-01-01T00:00:00"}, "params.expires_at"),
        ("reserve", LATER | {"connector_type": "Schuko"}, "params.connector_type"),
        ("reserve", LATER | {"reservation_id": 0}, "params.reservation_id"),
        ("cancel_reservation", {}, "params.reservation_id"),
        ("send_local_list", {"version": 0}, "params.version"),
        ("send_local_list", {"entries": [{"id_token": "A"}]}, "params.entries.0"),
        ("send_local_list", {"entries": [GOOD, GOOD | {"id_token": "good"}]}, "params.entries.0"),
        ("send_local_list", {"entries": [GOOD | {"language2": "de"}]}, "params.entries.0.language2"),
        ("send_local_list", {"entries": [GOOD | {"status": "Fine"}]}, "params.entries.0.status"),
        (
            "send_local_list",
            DIFFERENCE | {"entries": [{"id_token": "A", "expires_at": "2030-01-01T00:00:00Z"}]},
            "params.entries.0.status",
        ),
        (
            "send_local_list",
            DIFFERENCE | {"entries": [{"id_token": "A", "group_id_token": "FAMILY"}]},
            "params.entries.0.status",
        ),
        (
            "send_local_list",
            {"entries": [GOOD | {"group_id_token_type": "Local"}]},
            "params.entries.0.group_id_token",
        ),
        ("reserve", LATER | {"group_id_token_type": "Local"}, "params.group_id_token"),
        ("reserve", LATER | {"group_additional_info": [MORE]}, "params.group_id_token"),
        ("remote_start", {"id_token": "A", "group_id_token_type": "Local"}, "params.group_id_token"),
        ("remote_start", {"id_token": "A", "group_additional_info": [MORE]}, "params.group_id_token"),
        ("update_cost", {"total_cost": 1}, "params.transaction_id"),
        ("update_cost", {"total_cost": -1, "transaction_id": "1"}, "params.total_cost"),
        ("update_cost", {"total_cost": "NaN", "transaction_id": "1"}, "params.total_cost"),
        ("get_session_status", {"transaction_id": "1", "session_id": "S"}, "params.transaction_id"),
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


PASSWORD = {"component": "SecurityCtrlr", "variable": "BasicAuthPassword"}


@pytest.mark.parametrize(
    "more",
    [
        PASSWORD,
        {"component": "SecurityCtrlr"},
        {"variable": "BasicAuthPassword"},
        {"component_instance": "A"},
        {"variable_instance": "A"},
        {"evse_id": 1},
        {"evse_id": 1, "connector_id": 1},
        {"attribute": "Target"},
    ],
)
def test_a_key_is_the_whole_name_of_what_is_set(more):
    name = {"key": "HeartbeatInterval", **more}
    for command, said in (("get_config", name), ("set_config", name | {"value": "a password"})):
        with pytest.raises(Invalid) as refused:
            catalogue.parse(command, {"variables": [said]})
        assert refused.value.field == "params.variables.0"


def test_an_empty_instance_is_none():
    name = PASSWORD | {"component_instance": "", "variable_instance": "", "value": "a password"}
    assert catalogue.parse("set_config", {"variables": [name]}) == SetConfig(
        variables=(VariableSetting(**PASSWORD, value="a password"),)
    )


@pytest.mark.parametrize(
    "names",
    [
        [{"key": "HeartbeatInterval"}, {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}],
        [{"component": "A", "variable": "B"}, {"component": "a", "variable": "b"}],
        [{"component": "A", "variable": "B", "variable_instance": ""}, {"component": "A", "variable": "B"}],
        [{"component": "A", "variable": "B", "component_instance": ""}, {"component": "A", "variable": "B"}],
        [{"key": "vendorsOwn"}, {"key": "VENDORSOWN"}],
    ],
)
def test_the_same_variable_by_another_name_is_no_other(names):
    settings = [name | {"value": str(value)} for value, name in enumerate(names)]
    for command, variables in (("get_config", names), ("set_config", settings)):
        with pytest.raises(Invalid) as refused:
            catalogue.parse(command, {"variables": variables})
        assert refused.value.field == "params.variables.1"


def test_the_same_variable_of_another_evse_is_another():
    names = [{"component": "EVSE", "variable": "Power", "evse_id": evse_id} for evse_id in (1, 2)]
    assert catalogue.parse("get_config", {"variables": names})
