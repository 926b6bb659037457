"""The rules that every charging profile keeps, whatever the station."""

import pytest

from emobi.core.errors import Invalid
from stations.commands import catalogue

NOON = "2026-05-04T12:00:00Z"
PERIODS = [{"start_period": 0, "limit": 16}]
SCHEDULE = {"charging_rate_unit": "A", "start_schedule": NOON, "charging_schedule_period": PERIODS}
MAX, DEFAULT, TX = "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"


def profile(purpose=DEFAULT, kind="Absolute", *, schedule=SCHEDULE, periods=None, **more):
    said = {"charging_profile_purpose": purpose, "charging_profile_kind": kind, **more}
    if periods is not None:
        schedule = schedule | {"charging_schedule_period": periods}
    return {"charging_schedule": [schedule], **said}


def period(start=0, limit=16, **more):
    return {"start_period": start, "limit": limit, **more}


RELATIVE = {name: value for name, value in SCHEDULE.items() if name != "start_schedule"}


@pytest.mark.parametrize(
    ("evse_id", "said"),
    [
        (0, profile(MAX)),
        (0, profile()),
        (1, profile(TX, "Relative", schedule=RELATIVE)),
        (1, profile(TX, transaction_id="tx", charging_schedule=[SCHEDULE] * 3)),
        (1, profile(kind="Recurring", recurrency_kind="Weekly", stack_level=3)),
        (1, profile(periods=[period(limit=8.1, number_phases=1, phase_to_use=3), period(60, 0)])),
        (1, profile(valid_from=NOON, valid_to="2026-05-04T14:30:00+02:00")),
    ],
)
def test_a_profile_that_keeps_them_is_taken(evse_id, said):
    assert catalogue.parse("set_charging_profile", {"evse_id": evse_id, "charging_profile": said})


@pytest.mark.parametrize(
    ("evse_id", "said", "field"),
    [
        (0, profile("ChargingStationExternalConstraints"), "charging_profile_purpose"),
        (0, profile(MAX, "Relative", schedule=RELATIVE), "charging_profile_kind"),
        (0, profile(kind="Recurring"), "recurrency_kind"),
        (0, profile(recurrency_kind="Daily"), "recurrency_kind"),
        (1, profile(transaction_id="tx"), "transaction_id"),
        (0, profile(valid_from=NOON, valid_to=NOON), "valid_to"),
        (0, profile(charging_schedule=[SCHEDULE] * 2), "charging_schedule"),
        (0, profile(charging_schedule=[]), "charging_schedule"),
        (1, profile(TX, charging_schedule=[SCHEDULE] * 4), "charging_schedule"),
        (0, profile(schedule=RELATIVE), "charging_schedule.0.start_schedule"),
        (0, profile(kind="Relative"), "charging_schedule.0.start_schedule"),
        (0, profile(periods=[]), "charging_schedule.0.charging_schedule_period"),
        (0, profile(periods=[period(1)]), "charging_schedule.0.charging_schedule_period.0.start_period"),
        (
            0,
            profile(periods=[period(), period(60), period(60)]),
            "charging_schedule.0.charging_schedule_period.2.start_period",
        ),
        (
            0,
            profile(periods=[period(phase_to_use=1)]),
            "charging_schedule.0.charging_schedule_period.0.phase_to_use",
        ),
        (
            0,
            profile(periods=[period(phase_to_use=1, number_phases=3)]),
            "charging_schedule.0.charging_schedule_period.0.phase_to_use",
        ),
        (0, profile(periods=[period(limit=8.12)]), "charging_schedule.0.charging_schedule_period.0.limit"),
        (0, profile(periods=[period(limit=-1)]), "charging_schedule.0.charging_schedule_period.0.limit"),
        (0, profile(periods=[period(limit="NaN")]), "charging_schedule.0.charging_schedule_period.0.limit"),
        (0, profile(valid_from="2026-05-04T12:00:00"), "valid_from"),
        (0, profile(name="mine"), "name"),
    ],
)
def test_one_that_breaks_them_is_refused_with_the_field_that_is_wrong(evse_id, said, field):
    with pytest.raises(Invalid) as refused:
        catalogue.parse("set_charging_profile", {"evse_id": evse_id, "charging_profile": said})
    assert refused.value.field == f"params.charging_profile.{field}"


@pytest.mark.parametrize(("evse_id", "purpose"), [(1, MAX), (0, TX)])
def test_each_purpose_has_its_place(evse_id, purpose):
    with pytest.raises(Invalid) as refused:
        catalogue.parse("set_charging_profile", {"evse_id": evse_id, "charging_profile": profile(purpose)})
    assert refused.value.field == "params.evse_id"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (profile(DEFAULT), "charging_profile_purpose"),
        (profile(TX, transaction_id="tx"), "transaction_id"),
        (profile(TX, schedule=RELATIVE), "charging_schedule.0.start_schedule"),
    ],
)
def test_with_a_remote_start_comes_a_profile_for_its_transaction(said, field):
    assert catalogue.parse("remote_start", {"id_token": "A", "charging_profile": profile(TX)})
    with pytest.raises(Invalid) as refused:
        catalogue.parse("remote_start", {"id_token": "A", "charging_profile": said})
    assert refused.value.field == f"params.charging_profile.{field}"
