"""Small translations that several messages of OCPP 2.0.1 share."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypedDict

import orjson

from emobi.core import clock
from emobi.core.events import Sample
from gateway import timestamps
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from sessions import measurands
from sessions.authorization import Authorization
from sessions.reports import MeterReading, Token
from stations import configuration_keys
from stations.commands import configuration
from stations.commands.configuration import VariableName
from stations.commands.device_model import ComponentVariable
from stations.commands.outcome import Outcome
from stations.commands.variable_answers import VariableAnswer
from stations.models import CommandState

# What a station says to a request. What isn't here is a refusal; an empty report is an answer (B08.FR.15).
_STATES: Mapping[str, CommandState] = {
    "Accepted": CommandState.ACCEPTED,
    "AcceptedCanceled": CommandState.ACCEPTED,
    "EmptyResultSet": CommandState.ACCEPTED,
    "Scheduled": CommandState.SCHEDULED,
    "Unlocked": CommandState.ACCEPTED,
    "Unpublished": CommandState.ACCEPTED,
}


def place(evse: Payload | None) -> tuple[int | None, int | None]:
    """EVSE and connector of an EVSEType; None for what wasn't said."""
    return (None, None) if evse is None else (evse["id"], evse.get("connectorId"))


def evse(evse_id: int | None, connector_id: int | None) -> Payload:
    """The field ``evse`` of a request; none for the whole station, which we also know as EVSE 0.

    Raises:
        CommandUnsupported: If a connector is named without its EVSE.
    """
    if not evse_id:
        if connector_id:
            raise CommandUnsupported("OCPP 2.0.1 knows a connector by its EVSE: name that too")
        return {}
    named = {"id": evse_id}
    if connector_id is not None:
        named["connectorId"] = connector_id
    return {"evse": named}


def token(id_token: Payload | None) -> Token | None:
    """The token of an IdTokenType. It has no text where none is needed (NoAuthorization, C02.FR.01)."""
    if id_token is None:
        return None
    return Token(id_token=id_token["idToken"].strip(), type=id_token["type"])


def id_token_info(authorization: Authorization) -> Payload:
    """IdTokenInfoType (section 2.27)."""
    info: dict[str, Any] = {"status": authorization.status.value}
    if authorization.expires_at is not None:
        info["cacheExpiryDateTime"] = clock.iso(authorization.expires_at)
    if authorization.charging_priority:
        info["chargingPriority"] = authorization.charging_priority
    if authorization.language1:
        info["language1"] = authorization.language1
    if authorization.evse_ids:
        info["evseId"] = [*authorization.evse_ids]
    if authorization.language2:
        info["language2"] = authorization.language2
    if authorization.group is not None:
        info["groupIdToken"] = {"idToken": authorization.group, "type": "Central"}
    if authorization.personal_message:
        info["personalMessage"] = {"format": "UTF8", "content": authorization.personal_message}
    return info


def readings(meter_values: Iterable[Payload]) -> tuple[MeterReading, ...]:
    """MeterValueType (section 2.32) in base units. Samples that the station's clock can't place have ours."""
    return tuple(_reading(element) for element in meter_values)


def _reading(element: Payload) -> MeterReading:
    at = timestamps.read(element.get("timestamp"))
    taken_at = at or clock.now()
    return MeterReading(at=at, samples=tuple(_sample(one, taken_at) for one in element["sampledValue"]))


def _sample(sampled: Payload, at: datetime) -> Sample:
    unit = sampled.get("unitOfMeasure", {})
    return measurands.sample(
        sampled["value"],
        at=at,
        measurand=sampled.get("measurand"),
        phase=sampled.get("phase"),
        context=sampled.get("context"),
        location=sampled.get("location"),
        unit=unit.get("unit"),
        multiplier=unit.get("multiplier", 0),
        signed=_signed(sampled.get("signedMeterValue")),
    )


def _signed(value: Payload | None) -> str | None:
    """The whole SignedMeterValueType as JSON, as 1.6 has it (signed meter values 1.0, section 3.2.1).

    Without its method, its encoding and its key nobody can check what the meter signed.
    """
    return None if value is None else orjson.dumps(value).decode()


class Named(TypedDict):
    """What a component and its variable are named by, in our terms."""

    component: str
    variable: str
    component_instance: str | None
    variable_instance: str | None
    evse_id: int | None
    connector_id: int | None


def named(element: Payload) -> Named:
    """The names in an element that has a ComponentType and a VariableType."""
    component, variable = element["component"], element["variable"]
    evse_id, connector_id = place(component.get("evse"))
    return {
        "component": component["name"],
        "variable": variable["name"],
        "component_instance": component.get("instance") or None,
        "variable_instance": variable.get("instance") or None,
        "evse_id": evse_id,
        "connector_id": connector_id,
    }


class NamesComponent(Protocol):
    """What names a component in a command."""

    @property
    def component(self) -> str: ...
    @property
    def component_instance(self) -> str | None: ...
    @property
    def evse_id(self) -> int | None: ...
    @property
    def connector_id(self) -> int | None: ...


def component(name: NamesComponent) -> dict[str, Any]:
    """A ComponentType.

    Raises:
        CommandUnsupported: If a connector is named without its EVSE.
    """
    named: dict[str, Any] = {"name": name.component, **evse(name.evse_id, name.connector_id)}
    if name.component_instance:
        named["instance"] = name.component_instance
    return named


def variable(name: str, instance: str | None) -> dict[str, Any]:
    """A VariableType."""
    return {"name": name, "instance": instance} if instance else {"name": name}


def component_variables(names: Iterable[ComponentVariable]) -> list[Payload]:
    """ComponentVariableType of each name; without a variable it stands for all of the component."""
    return [_component_variable(name) for name in names]


def _component_variable(name: ComponentVariable) -> Payload:
    if name.variable is None:
        return {"component": component(name)}
    return {"component": component(name), "variable": variable(name.variable, name.variable_instance)}


def component_variable(name: VariableName) -> dict[str, Any]:
    """The fields ``component`` and ``variable`` of a request; the opposite of `named`.

    Raises:
        CommandUnsupported: If a name is missing, or a key of 1.6 has no place in 2.0.1's device model.
    """
    if name.key:  # first, as wherever a variable is named
        name = _variable_of(name)
    if not name.component or not name.variable:
        raise CommandUnsupported("OCPP 2.0.1 knows a variable by its component: name both")
    return {"component": component(name), "variable": variable(name.variable, name.variable_instance)}


def _variable_of(name: VariableName) -> VariableName:
    found = configuration.place(name)
    if found.component == configuration_keys.OWN:
        raise CommandUnsupported(f"OCPP 2.0.1 has no variable for the key {name.key}")
    return VariableName(
        component=found.component,
        variable=found.variable,
        variable_instance=found.instance,
        attribute=name.attribute,
    )


def variable_answer(element: Payload, *, value: str | None = None) -> VariableAnswer:
    """What a station says of one of the variables that it was asked for, or asked to set."""
    return VariableAnswer(
        **named(element),
        attribute=element.get("attributeType", "Actual"),
        status=element["attributeStatus"],
        value=value,
    )


class Reason(TypedDict):
    """StatusInfoType; None where it wasn't said."""

    reason_code: str | None
    additional_info: str | None


def reason(element: Payload) -> Reason:
    """Why a station says what it says, in an element that may have a StatusInfoType."""
    info = element.get("statusInfo", {})
    return {"reason_code": info.get("reasonCode"), "additional_info": info.get("additionalInfo")}


def outcome(payload: Payload, **detail: str | None) -> Outcome:
    """An answer that is one word, with the reason that may come with it."""
    status: str = payload["status"]
    said = {**detail, **reason(payload)}
    return Outcome(
        state=_STATES.get(status, CommandState.REJECTED),
        status=status,
        detail={key: value for key, value in said.items() if value},
    )
