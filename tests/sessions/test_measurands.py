from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import measurands
from sessions.measurands import BEGIN, END, POWER, SOC

AT = datetime(2026, 5, 4, tzinfo=UTC)


def sample(value, **said):
    return measurands.sample(value, at=AT, **said)


def power(value, **said):
    return sample(value, **{"measurand": POWER, "unit": "W", **said})


def test_a_bare_value_is_the_register_in_wh_at_the_outlet():
    found = sample("1234.5")
    assert (found.measurand, found.unit, found.context, found.location, found.phase, found.value) == (
        "Energy.Active.Import.Register", "Wh", "Sample.Periodic", "Outlet", None, Decimal("1234.5"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "base", "value"),
    [
        ("Wh", "Wh", "1.5"),
        ("kWh", "Wh", "1500"),
        ("varh", "varh", "1.5"),
        ("kvarh", "varh", "1500"),
        ("VAh", "VAh", "1.5"),
        ("kVAh", "VAh", "1500"),
        ("W", "W", "1.5"),
        ("kW", "W", "1500"),
        ("var", "var", "1.5"),
        ("kvar", "var", "1500"),
        ("VA", "VA", "1.5"),
        ("kVA", "VA", "1500"),
        ("A", "A", "1.5"),
        ("V", "V", "1.5"),
        ("K", "K", "1.5"),
        ("Celcius", "Celsius", "1.5"),
        ("Celsius", "Celsius", "1.5"),
        ("Fahrenheit", "Fahrenheit", "1.5"),
        ("Percent", "Percent", "1.5"),
        ("Hertz", "Hz", "1.5"),
        ("kwh", "Wh", "1500"),
    ],
)
def test_units_become_base_units(unit, base, value):
    found = sample("1.5", measurand="Other.Thing", unit=unit)
    assert (found.unit, found.value) == (base, Decimal(value))


def test_the_multiplier_scales():
    assert sample(12, unit="Wh", multiplier=3).value == 12000
    assert sample("12.5", unit="kWh", multiplier=-1).value == 1250


def test_energy_without_unit_is_in_wh_and_all_else_has_none():
    assert sample("1", measurand="Energy.Reactive.Import.Register").unit == "varh"
    assert sample("1", measurand="Voltage").unit is None


def test_words_that_nobody_knows_are_kept_as_text_and_never_counted():
    found = sample(
        "5", measurand="Request.Energy", unit="furlong", context="Sometimes", location="Roof", phase="L9"
    )
    assert (found.measurand, found.unit, found.context, found.location, found.phase) == (
        "Request.Energy", "furlong", "Sometimes", "Roof", "L9",
    )  # fmt: skip
    strange = [found, sample("5", unit="furlong"), sample("5", location="Roof"), sample("5", phase="L9")]
    assert measurands.figures(strange) == measurands.Figures()


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("12,5", "12.5"),
        (" 7 ", "7"),
        (12.25, "12.25"),
        (3, "3"),
        ("1e3", "1000"),
        ("-4", "-4"),
        ("", None),
        ("twelve", None),
        ("1,234,5", None),
        ("1.234,5", None),
        ("NaN", None),
        ("Infinity", None),
        (float("nan"), None),
        ("9" * 40, None),
        ("1e999999", None),
        (True, None),
        (None, None),
    ],
)
def test_values_are_read_as_stations_write_them(said, read):
    value = sample(said).value
    assert value == (None if read is None else Decimal(read))


def test_a_multiplier_without_measure_is_no_value():
    assert sample(1, multiplier=10**9).value is None
    assert sample(1, multiplier=-(10**9)).value is None


def test_a_signed_value_keeps_its_text():
    found = sample(None, signed="OCMF|{}|{}")
    assert (found.value, found.signed) == (None, "OCMF|{}|{}")
    assert not measurands.figures([found]).impossible


def test_the_three_figures_are_found_among_all_samples():
    found = measurands.figures(
        [
            sample("2.5", unit="kWh"),
            power("7.4", unit="kW"),
            sample("55", measurand=SOC, unit="Percent", location="EV"),
            sample("230", measurand="Voltage", unit="V", phase="L1"),
        ]
    )
    assert (found.energy_wh, found.power_w, found.soc_percent) == (2500, 7400, 55)
    assert not found.impossible


def test_power_of_three_conductors_adds_up():
    lines = [
        power("1000", phase="L1"),
        power("1100", phase="L2-N"),
        power("900", phase="L3"),
        power("5", phase="N"),
    ]
    assert measurands.figures(lines).power_w == 3000


def test_a_total_wins_over_its_conductors():
    lines = [power("1000", phase="L1"), power("3050"), power("1000", phase="L2")]
    assert measurands.figures(lines).power_w == 3050


def test_power_is_never_made_up_from_voltage_and_current():
    found = measurands.figures(
        [sample("230", measurand="Voltage", unit="V"), sample("16", measurand="Current.Import", unit="A")]
    )
    assert found.power_w is None


def test_the_outlet_wins_over_other_places():
    found = measurands.figures(
        [
            power("3100", location="Inlet"),
            power("3000"),
            power("2900", location="EV"),
            power("3050", location="Cable"),
        ]
    )
    assert found.power_w == 3000
    assert measurands.figures([power("3100", location="Inlet")]).power_w == 3100
    assert measurands.figures([power("2900", location="EV")]).power_w is None


def test_a_closing_reading_may_hold_the_first_register_too():
    both = [sample("1000", context=BEGIN), sample("5000", context=END)]
    assert measurands.figures(both).energy_wh == 5000
    assert measurands.register_of(both, BEGIN) == 1000
    assert measurands.register_of(both, END) == 5000
    assert measurands.register_of(both[:1], END) is None


def test_only_what_was_imported_counts():
    found = measurands.figures(
        [
            sample("70", measurand="Energy.Active.Export.Register"),
            sample("7", measurand="Energy.Active.Import.Interval"),
        ]
    )
    assert found.energy_wh is None


@pytest.mark.parametrize(
    "impossible",
    [
        sample("-1"),
        sample("1e13"),
        sample("much"),
        sample("120", measurand=SOC, unit="Percent"),
        sample("-3", measurand=SOC),
    ],
)
def test_figures_that_can_t_be_are_dropped_and_marked(impossible):
    found = measurands.figures([impossible])
    assert (found.energy_wh, found.power_w, found.soc_percent) == (None, None, None)
    assert found.impossible


@given(st.text(max_size=30) | st.floats() | st.decimals() | st.integers(), st.integers())
def test_whatever_is_said_makes_a_number_that_columns_hold_or_none(value, multiplier):
    found = sample(value, unit="kWh", multiplier=multiplier).value
    assert found is None or (found.is_finite() and abs(found) <= measurands.LARGEST)


def test_every_known_unit_is_a_base_unit():
    for measurand, unit in measurands.UNIT_OF.items():
        assert sample("1", measurand=measurand, unit=unit).value == 1
