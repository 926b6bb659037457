import pytest

from stations import masking
from stations.models import Command, CommandState, Connector, Deviation, Variable
from stations.reports import VariableReport, VariablesReport
from stations.services.device_model import variables
from tests.stations.telling import NOON, after, tell, tell_at, told, types

INTERVAL = VariableReport(component="OCPPCommCtrlr", variable="HeartbeatInterval", value="300")


def variable(component: str, name: str, value: str | None = None, **said) -> VariableReport:
    return VariableReport(component=component, variable=name, value=value, **said)


def part(
    *reports: VariableReport, seq_no: int = 0, last: bool = True, request_id: int | None = 7
) -> VariablesReport:
    return VariablesReport(
        request_id=request_id, seq_no=seq_no, last=last, station_time=NOON, variables=reports
    )


def test_a_report_is_kept(bravo):
    said = variable(
        "EVSE", "Power", "11000", evse_id=1, mutability="ReadOnly", persistent=True, constant=False,
        characteristics={"dataType": "decimal", "unit": "W", "maxLimit": 22000},
    )  # fmt: skip
    tell(variables.store, bravo, [said])
    row = Variable.objects.get()
    assert (row.component, row.variable, row.value, row.evse_id, row.connector_id) == (
        "EVSE",
        "Power",
        "11000",
        1,
        None,
    )
    assert (row.mutability, row.persistent, row.constant, row.reported_at) == ("ReadOnly", True, False, NOON)
    assert row.characteristics == {"dataType": "decimal", "unit": "W", "maxLimit": 22000}


def test_a_report_that_comes_again_changes_the_row(bravo):
    tell(variables.store, bravo, [INTERVAL])
    tell_at(after(60), variables.store, bravo, [variable("OCPPCommCtrlr", "HeartbeatInterval", "60")])
    row = Variable.objects.get()
    assert (row.value, row.reported_at) == ("60", after(60))


def test_what_an_answer_leaves_out_stays(bravo):
    tell(
        variables.store,
        bravo,
        [
            variable(
                "A", "B", "1", key="K", mutability="ReadWrite", constant=True, characteristics={"unit": "s"}
            )
        ],
    )
    tell(variables.store, bravo, [variable("A", "B", "2")])
    tell(variables.store, bravo, [variable("A", "B")])
    row = Variable.objects.get()
    assert (row.value, row.key, row.mutability, row.constant) == ("2", "K", "ReadWrite", True)
    assert row.characteristics == {"unit": "s"}


def test_attributes_instances_and_places_are_told_apart(bravo):
    places = [
        variable("A", "B"),
        variable("A", "B", attribute="Target"),
        variable("A", "B", variable_instance="x"),
        variable("A", "B", component_instance="x"),
        variable("A", "B", evse_id=1),
        variable("A", "B", evse_id=1, connector_id=1),
    ]
    tell(variables.store, bravo, places)
    tell(variables.store, bravo, places)
    assert Variable.objects.count() == len(places)


def test_of_two_reports_on_the_same_the_later_wins(bravo):
    tell(variables.store, bravo, [INTERVAL, variable("OCPPCommCtrlr", "HeartbeatInterval", "60")])
    assert Variable.objects.get().value == "60"


def test_any_number_of_variables_is_one_statement(bravo, django_assert_max_num_queries):
    many = [variable("A", f"v{number}", str(number)) for number in range(500)]
    with django_assert_max_num_queries(3):
        tell(variables.store, bravo, many)
    assert Variable.objects.count() == 500


def test_values_of_write_only_variables_are_never_kept(bravo):
    tell(variables.store, bravo, [variable("A", "B", "hidden", mutability="WriteOnly")])
    assert Variable.objects.get().value is None


@pytest.mark.parametrize(
    "said",
    [
        variable("SecurityCtrlr", "BasicAuthPassword", "hidden"),
        variable("OCPP16", "StationPassword", "hidden", key="StationPassword"),
        variable("SecurityCtrlr", "BasicAuthPassword", "hidden", key="AuthorizationKey"),
    ],
)
def test_secrets_that_a_station_reads_back_are_never_kept(alpha, said):
    tell(variables.store, alpha, [said])
    assert Variable.objects.get().value == masking.MASK


def test_a_password_in_a_url_isnt_kept_either(alpha):
    tell(variables.store, alpha, [variable("OCPP16", "UpdateServer", "ftp://bob:hidden@host/path")])
    assert Variable.objects.get().value == "ftp://bob:***@host/path"


def test_a_value_that_was_set_goes_once_its_variable_is_known_to_be_write_only(bravo):
    tell(variables.store, bravo, [variable("A", "B", "hidden")], reboot_required=False)
    tell(variables.store, bravo, [variable("A", "B", mutability="WriteOnly")])
    assert Variable.objects.get().value is None
    tell(variables.store, bravo, [variable("A", "B", "hidden")], reboot_required=False)
    assert Variable.objects.get().value is None


def test_what_waits_for_a_reboot_waits_until_then_or_until_it_is_set_anew(bravo):
    def waiting():
        return set(Variable.objects.filter(reboot_required=True).values_list("variable", flat=True))

    tell(variables.store, bravo, [variable("A", "1", "x"), variable("A", "2", "x")], reboot_required=True)
    tell(variables.store, bravo, [variable("A", "1", "x"), variable("A", "3", "x")])
    assert waiting() == {"1", "2"}
    tell(variables.store, bravo, [variable("A", "2", "y")], reboot_required=False)
    assert waiting() == {"1"}
    tell(variables.booted, bravo)
    assert waiting() == set()


# ── the end of a report ─────────────────────────────────────────────────────────────────────────────────


def ask(station, request_id: int, seconds: float = -10) -> None:
    Command.objects.create(
        id=f"C{request_id}", network=station.network, station=station, name="get_base_report",
        params={"request_id": request_id}, state=CommandState.ACCEPTED, requested_by="user:alice",
        expires_at=after(60), sent_at=after(seconds),
    )  # fmt: skip


def test_the_end_of_a_report_is_told_with_all_that_its_parts_named(bravo):
    tell_at(after(-60), variables.store, bravo, [variable("Old", "A")])
    ask(bravo, 7)
    tell(variables.report, bravo, part(INTERVAL, variable("A", "B"), last=False))
    assert types(bravo) == []
    tell_at(
        after(1),
        variables.report,
        bravo,
        part(variable("A", "C"), variable("A", "C", attribute="Target"), seq_no=1),
    )
    ((kind, data),) = told(bravo)
    assert kind == "config.report_received"
    assert (data["request_id"], data["variables"]) == (7, 3)


def test_a_report_that_nobody_asked_for_counts_its_last_part(bravo):
    tell(variables.report, bravo, part(INTERVAL, variable("A", "B"), request_id=99))
    assert told(bravo)[0][1]["variables"] == 2


def test_an_empty_last_part_ends_a_report_too(bravo):
    ask(bravo, 7)
    tell(variables.report, bravo, part(INTERVAL, last=False))
    tell(variables.report, bravo, part(seq_no=1))
    assert told(bravo)[0][1]["variables"] == 1


def test_a_report_whose_parts_come_out_of_order_is_told_when_all_have_come(bravo):
    ask(bravo, 7)
    tell(variables.report, bravo, part(variable("A", "2"), seq_no=1))
    assert types(bravo) == []
    tell(variables.report, bravo, part(variable("A", "1"), last=False))
    assert [data["variables"] for _, data in told(bravo)] == [2]


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"report_base": "FullInventory"}, {"new"}),
        ({"report_base": "SummaryInventory"}, {"old", "new"}),
        ({}, {"new"}),
    ],
)
def test_what_a_full_inventory_leaves_out_is_not_there_any_more(bravo, params, left):
    tell_at(after(-60), variables.store, bravo, [variable("A", "old")])
    ask(bravo, 7)
    Command.objects.update(params={"request_id": 7} | params)
    tell(variables.report, bravo, part(variable("A", "new"), last=False))
    assert Variable.objects.count() == 2
    tell(variables.report, bravo, part(seq_no=1))
    assert set(Variable.objects.values_list("variable", flat=True)) == left


# ── connectors ──────────────────────────────────────────────────────────────────────────────────────────


def test_connectors_are_learnt_from_the_device_model(bravo):
    tell(
        variables.report,
        bravo,
        part(
            variable("Connector", "ConnectorType", "cCCS2", evse_id=1, connector_id=1),
            variable("Connector", "Available", "true", evse_id=1, connector_id=2),
            variable("EVSE", "Power", "1", evse_id=2),
        ),
    )
    found = Connector.objects.order_by("evse_id", "connector_id").values_list(
        "evse_id", "connector_id", "type"
    )
    assert list(found) == [(1, 1, "cCCS2"), (1, 2, "")]


def test_1_6_says_how_many_connectors_there_are(alpha):
    tell(variables.store, alpha, [variable("OCPP16", "NumberOfConnectors", "2", key="NumberOfConnectors")])
    assert list(Connector.objects.order_by("evse_id").values_list("evse_id", "connector_id")) == [
        (1, 1),
        (2, 1),
    ]


@pytest.mark.parametrize("value", ["", None, "-1", "many", "1e9", "99999999999999999999"])
def test_an_impossible_number_of_connectors_does_no_harm(alpha, value):
    tell(variables.store, alpha, [variable("OCPP16", "NumberOfConnectors", value, key="NumberOfConnectors")])
    assert Connector.objects.count() <= 256


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_too_long_or_out_of_range_is_cut(bravo):
    tell(
        variables.store,
        bravo,
        [
            variable(
                "c" * 99, "v" * 99, "x" * 99_999, evse_id=2**40, connector_id=-1, key="k" * 999,
                mutability="m" * 99, component_instance="i" * 99, attribute="a" * 99,
                characteristics={"valuesList": "y" * 99_999},
            )
        ],
    )  # fmt: skip
    row = Variable.objects.get()
    assert (len(row.component), len(row.variable), len(row.value or ""), len(row.key)) == (
        50,
        50,
        10_000,
        500,
    )
    assert (row.evse_id, row.connector_id, row.characteristics) == (None, None, {})


def test_a_station_has_a_bounded_number_of_variables(bravo, monkeypatch):
    monkeypatch.setattr(variables, "MOST_VARIABLES", 2)
    tell(variables.store, bravo, [variable("A", "1", "a"), variable("A", "2", "a")])
    tell(variables.store, bravo, [variable("A", "1", "b"), variable("A", "3", "b")])
    assert dict(Variable.objects.values_list("variable", "value")) == {"1": "b", "2": "a"}
    assert Deviation.objects.get().rule == "variables"
