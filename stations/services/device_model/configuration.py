"""What a change of a station's settings means for us: its password, and the device model that we keep.

The password is changed in two steps (security whitepaper and OCPP 2.0.1 part 2, A01): from the moment that
the new one is sent either will do, and the answer decides.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from stations.commands import catalogue, variable_answers
from stations.commands.configuration import Named, SetConfig, VariableName, VariableSetting, named, place
from stations.commands.outcome import Outcome
from stations.commands.variable_answers import ACCEPTED, REBOOT_REQUIRED, VariableAnswer
from stations.configuration_keys import Place
from stations.models import Command, CommandState, Station
from stations.reports import VariableReport
from stations.services.device_model import variables
from stations.services.trust import credentials

_PASSWORD = Place("SecurityCtrlr", "BasicAuthPassword")
_SECURITY_PROFILE = Place("SecurityCtrlr", "SecurityProfile")


def asked(command: Command) -> SetConfig:
    """What a command of that name asks for."""
    read = catalogue.parse(command.name, command.asked_params)
    assert isinstance(read, SetConfig)
    return read


def sent(station: Station, asked: SetConfig) -> None:
    """The change is on its way to the station."""
    for setting in _passwords(asked.variables):
        credentials.begin_change(station.pk, setting.value)


def by_setting(asked: SetConfig, outcome: Outcome) -> Outcome:
    """What was said of each setting. 1.6 answers with one word, and doesn't name what it set."""
    if "variables" in outcome.detail:
        return outcome
    return variable_answers.written([_answer(setting, outcome.status) for setting in asked.variables])


def answered(station: Station, asked: SetConfig, outcome: Outcome) -> None:
    """The station said, for each setting, whether it took it."""
    statuses = _statuses(outcome)
    taken: dict[str, list[VariableReport]] = {ACCEPTED: [], REBOOT_REQUIRED: []}
    for setting in asked.variables:
        status = statuses.get(named(setting), outcome.status)
        if place(setting) == _PASSWORD:
            if status == REBOOT_REQUIRED:
                credentials.await_reboot(station.pk)
            else:
                credentials.end_change(station.pk, setting.value if status == ACCEPTED else None)
        elif status in taken:
            taken[status].append(_report(setting))
    variables.store(station, taken[ACCEPTED], reboot_required=False)
    variables.store(station, taken[REBOOT_REQUIRED], reboot_required=True)


def given_up(station: Station, asked: SetConfig, told: Mapping[str, Any], *, refused: bool) -> None:
    """Not all of it was answered: what was, counts.

    Args:
        station: Who was asked.
        asked: All that it was asked.
        told: What it said, as an outcome's detail.
        refused: It answered with an error, so that what it didn't speak of wasn't changed.
    """
    outcome = Outcome(state=CommandState.ACCEPTED, status="", detail=told)
    statuses = _statuses(outcome)
    known = [setting for setting in asked.variables if named(setting) in statuses]
    unknown = [setting for setting in asked.variables if setting not in known]
    if refused and _passwords(unknown):
        credentials.end_change(station.pk, None)
    answered(station, SetConfig(variables=tuple(known)), outcome)


def _passwords(settings: Iterable[VariableSetting]) -> list[VariableSetting]:
    return [setting for setting in settings if place(setting) == _PASSWORD]


def is_security_profile(name: VariableName) -> bool:
    """Whether it names the station's security profile, in whichever way and case."""
    found = place(name)
    return Place(found.component.casefold(), found.variable.casefold(), found.instance) == Place(
        _SECURITY_PROFILE.component.casefold(), _SECURITY_PROFILE.variable.casefold()
    )


def _statuses(outcome: Outcome) -> dict[Named, str]:
    """What was said of each setting; none where one word was said of all."""
    found: dict[Named, str] = {}
    for answer in outcome.detail.get("variables", ()):
        fields = {
            name: answer[name] for name in VariableName.__dataclass_fields__ if answer.get(name) is not None
        }
        found[named(VariableName(**fields))] = answer["status"]
    return found


def _answer(setting: VariableSetting, status: str) -> VariableAnswer:
    found = place(setting)
    return VariableAnswer(
        component=found.component,
        variable=found.variable,
        variable_instance=found.instance,
        component_instance=setting.component_instance,
        evse_id=setting.evse_id,
        connector_id=setting.connector_id,
        attribute=setting.attribute,
        key=setting.key,
        status=status,
    )


def _report(setting: VariableSetting) -> VariableReport:
    found = place(setting)
    return VariableReport(
        component=found.component,
        variable=found.variable,
        variable_instance=found.instance,
        component_instance=setting.component_instance,
        evse_id=setting.evse_id,
        connector_id=setting.connector_id,
        attribute=setting.attribute,
        key=setting.key or None,
        value=setting.value,
    )
