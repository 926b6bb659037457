import pytest

from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound
from emobi.core.models import AuditEntry, Role
from stations.models import Command, ConfigurationTemplate, Registration, Station
from stations.reports import VariableReport
from stations.services.device_model import configuration_templates, variables
from stations.services.device_model.configuration_templates import Finding
from tests.stations.telling import tell

HEARTBEAT = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}
BY = "user:alice"


def make(network, *settings, name: str = "T", **fields) -> ConfigurationTemplate:
    return configuration_templates.create(
        network, name=name, variables=settings or [HEARTBEAT], by=BY, **fields
    )


def report(station, component: str, variable: str, value: str | None, **said) -> None:
    found = VariableReport(component=component, variable=variable, value=value, **said)
    tell(variables.store, station, [found])


def findings(station, template) -> list[str]:
    return [compared.finding.value for compared in configuration_templates.diff(station, template)]


def test_a_template_keeps_what_is_said_and_no_more(network):
    template = make(network, HEARTBEAT | {"attribute": "Actual", "evse_id": None}, vendor="Acme")
    template.refresh_from_db()
    assert template.variables == [HEARTBEAT]
    assert (template.vendor, template.model) == ("Acme", "")
    assert AuditEntry.objects.get().action == "template.created"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ([{"component": "A", "value": "1"}], "variables.0"),
        ([HEARTBEAT, HEARTBEAT], "variables.1"),
        ([{"component": "A", "variable": "B"}], "variables.0.value"),
        ([HEARTBEAT | {"colour": "red"}], "variables.0.colour"),
        ([HEARTBEAT, {"key": "AuthorizationKey", "value": "ab"}], "variables.1"),
        ([{"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": "x"}], "variables.0"),
        ([HEARTBEAT | {"variable": f"v{number}"} for number in range(201)], "variables"),
    ],
)
def test_what_can_not_be_set_or_read_back_is_in_no_template(network, settings, field):
    with pytest.raises(Invalid) as refused:
        make(network, *settings)
    assert refused.value.field == field
    assert not ConfigurationTemplate.objects.exists()


def test_names_differ_in_more_than_case(network, stranger):
    make(network, name="Public")
    with pytest.raises(Conflict, match="PUBLIC"):
        make(network, name="PUBLIC")
    make(stranger.network, name="public")
    with pytest.raises(Invalid):
        make(network, name=" ")


def test_a_network_has_so_many_templates(network, monkeypatch):
    monkeypatch.setattr(configuration_templates, "MOST_TEMPLATES", 1)
    make(network, name="A")
    with pytest.raises(Conflict):
        make(network, name="B")


def test_a_template_is_changed_and_deleted(network):
    template = make(network)
    configuration_templates.change(
        template, {"vendor": "Acme", "variables": [HEARTBEAT | {"value": "60"}]}, by=BY
    )
    found = configuration_templates.get(network, template.pk)
    assert (found.name, found.vendor, found.variables[0]["value"]) == ("T", "Acme", "60")
    configuration_templates.delete(found, by=BY)
    with pytest.raises(NotFound):
        configuration_templates.get(network, template.pk)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["template.created", "template.changed", "template.deleted"]


def test_a_template_is_for_a_vendor_and_model_in_whatever_case(network, alpha, bravo):
    Station.objects.filter(pk=alpha.pk).update(vendor="ACME", model="One")
    alpha.refresh_from_db()
    every, vendors = make(network, name="1"), make(network, name="2", vendor="Acme")
    models, other = make(network, name="3", vendor="acme", model="one"), make(network, name="4", model="Two")
    assert list(configuration_templates.of_station(alpha)) == [every, vendors, models]
    assert list(configuration_templates.of_station(bravo)) == [every]
    meant = [list(configuration_templates.stations_of(each)) for each in (every, vendors, models, other)]
    assert meant == [[alpha, bravo], [alpha], [alpha], []]


def test_another_networks_templates_are_not_for_it(bravo, stranger):
    make(stranger.network)
    assert not configuration_templates.of_station(bravo).exists()


def test_each_variable_is_found_the_same_different_waiting_or_unknown(bravo):
    names = ["Same", "Differs", "Waits", "WriteOnly", "Never"]
    template = make(bravo.network, *[{"component": "C", "variable": name, "value": "1"} for name in names])
    report(bravo, "C", "Same", "1")
    report(bravo, "C", "Differs", "2")
    tell(
        variables.store,
        bravo,
        [VariableReport(component="C", variable="Waits", value="1")],
        reboot_required=True,
    )
    report(bravo, "C", "WriteOnly", None, mutability="WriteOnly")
    assert findings(bravo, template) == ["same", "differs", "reboot_required", "unknown", "unknown"]
    assert [each.reported for each in configuration_templates.diff(bravo, template)] == [
        "1",
        "2",
        "1",
        None,
        None,
    ]


def test_values_are_compared_by_the_type_of_their_variable(bravo):
    template = make(bravo.network, {"component": "C", "variable": "V", "value": "A,W"})
    report(bravo, "C", "V", "W,A", characteristics={"dataType": "MemberList"})
    assert findings(bravo, template) == ["same"]


def test_a_variable_is_found_by_all_of_its_name_in_whatever_case(bravo):
    named = {
        "component": "c",
        "variable": "v",
        "component_instance": "I",
        "variable_instance": "J",
        "evse_id": 1,
        "connector_id": 2,
        "attribute": "Target",
        "value": "1",
    }
    template = make(bravo.network, named)
    said = {"component_instance": "i", "variable_instance": "j", "evse_id": 1, "connector_id": 2}
    report(bravo, "C", "V", "1", **said)
    assert findings(bravo, template) == ["unknown"]
    report(bravo, "C", "V", "1", attribute="Target", **said)
    assert findings(bravo, template) == ["same"]


def test_the_same_template_does_for_both_versions(alpha, bravo):
    template = make(alpha.network, HEARTBEAT, {"key": "Vendor.Light", "value": "x"})
    report(bravo, "OCPPCommCtrlr", "HeartbeatInterval", "300")
    report(alpha, "OCPPCommCtrlr", "HeartbeatInterval", "60", key="HeartbeatInterval")
    report(alpha, "OCPP16", "Vendor.Light", "x", key="Vendor.Light")
    assert findings(bravo, template) == ["same", "unknown"]
    assert findings(alpha, template) == ["differs", "same"]


def test_many_stations_are_compared_in_one_query(network, alpha, bravo, django_assert_num_queries):
    templates = [make(network, name="1"), make(network, name="2", vendor="Acme")]
    report(alpha, "OCPPCommCtrlr", "HeartbeatInterval", "300", key="HeartbeatInterval")
    with django_assert_num_queries(1):
        found = configuration_templates.diffs([alpha, bravo], templates)
    assert {place: [each.finding for each in compared] for place, compared in found.items()} == {
        (alpha.pk, templates[0].pk): [Finding.SAME],
        (alpha.pk, templates[1].pk): [Finding.SAME],
        (bravo.pk, templates[0].pk): [Finding.UNKNOWN],
        (bravo.pk, templates[1].pk): [Finding.UNKNOWN],
    }


def test_a_station_is_asked_for_what_differs_and_for_what_is_not_known(bravo):
    settings = [{"component": "C", "variable": name, "value": "1"} for name in ("Same", "Differs", "Never")]
    template = make(bravo.network, *settings)
    report(bravo, "C", "Same", "1")
    report(bravo, "C", "Differs", "2")
    command = configuration_templates.apply(bravo, template, by=BY, role=Role.ADMIN)
    assert (command.name, command.requested_by) == ("set_config", BY)
    assert command.params == {"variables": settings[1:]}


def test_a_station_that_is_right_is_asked_nothing(bravo):
    template = make(bravo.network)
    report(bravo, "OCPPCommCtrlr", "HeartbeatInterval", "300")
    assert configuration_templates.apply(bravo, template, by=BY, role=Role.ADMIN) is None
    assert not Command.objects.exists()


def test_only_who_may_set_it_right_does(bravo):
    template = make(bravo.network)
    with pytest.raises(Forbidden):
        configuration_templates.apply(bravo, template, by=BY, role=Role.OPERATOR)
    Station.objects.filter(pk=bravo.pk).update(registration=Registration.REJECTED)
    bravo.refresh_from_db()
    with pytest.raises(Conflict):
        configuration_templates.apply(bravo, template, by=BY, role=Role.ADMIN)


@pytest.mark.parametrize(
    "named", [{"key": "SecurityProfile"}, {"component": "securityctrlr", "variable": "SecurityProfile"}]
)
def test_a_security_profile_has_no_place_in_a_template(network, named):
    with pytest.raises(Invalid, match="access-changes"):
        make(network, named | {"value": "2"})
