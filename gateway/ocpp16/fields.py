"""Small translations that several messages of OCPP 1.6 share."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from emobi.core import clock
from emobi.core.events import Sample
from gateway import timestamps
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from sessions import measurands
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.reports import MeterReading, Token
from stations import configuration_keys
from stations.commands.configuration import VariableName
from stations.commands.outcome import Outcome
from stations.models import CommandState

# CiString20Type (section 7.16).
LONGEST_ID_TAG = 20

# 1.6 has one word for tokens that are unknown and for those that are wrong, here or now (section 7.2).
_AUTHORIZATIONS = {
    AuthorizationStatus.NO_CREDIT: "Invalid",
    AuthorizationStatus.NOT_ALLOWED_TYPE_EVSE: "Invalid",
    AuthorizationStatus.NOT_AT_THIS_LOCATION: "Invalid",
    AuthorizationStatus.NOT_AT_THIS_TIME: "Invalid",
    AuthorizationStatus.UNKNOWN: "Invalid",
}

# What a station says to a request. What isn't here is a refusal.
_STATES: Mapping[str, CommandState] = {
    "Accepted": CommandState.ACCEPTED,
    "AcceptedCanceled": CommandState.ACCEPTED,
    "RebootRequired": CommandState.ACCEPTED,
    "Scheduled": CommandState.SCHEDULED,
    "Unlocked": CommandState.ACCEPTED,
}


def text(value: str | None) -> str | None:
    """``value`` without space around it; None for nothing, which some stations spell "null" (quirk 43)."""
    if value is None:
        return None
    stripped = value.strip()
    return stripped if stripped and stripped != "null" else None


def place(connector_number: int) -> tuple[int, int]:
    """EVSE and connector: 1.6's connector n is connector 1 of EVSE n, its connector 0 the station itself."""
    return (connector_number, 1) if connector_number else (0, 0)


def connector_number(evse_id: int | None, connector_id: int | None) -> int:
    """The number by which 1.6 knows an EVSE and its only connector; 0 is the whole station.

    Raises:
        CommandUnsupported: If a connector is named that isn't the first of an EVSE.
    """
    if connector_id and (not evse_id or connector_id > 1):
        raise CommandUnsupported("OCPP 1.6 knows one connector an EVSE, by the EVSE's number")
    return evse_id or 0


def trigger(message: str, evse_id: int | None, connector_id: int | None) -> Payload:
    """The payload of TriggerMessage and of ExtendedTriggerMessage.

    Raises:
        CommandUnsupported: As from `connector_number`.
    """
    number = connector_number(evse_id, connector_id)
    where = {} if evse_id is None else {"connectorId": number}
    return {"requestedMessage": message, **where}


def token(id_tag: str | None) -> Token | None:
    """The token that was shown; None for a tag without text, which is how some stations say free vending.

    Control characters are what readers append to it.
    """
    shown = "".join(filter(str.isprintable, id_tag or "")).strip()
    return Token(id_token=shown) if shown else None


def id_tag(id_token: str) -> str:
    """A token as 1.6 names it.

    Raises:
        CommandUnsupported: If it is too long for that.
    """
    if len(id_token) > LONGEST_ID_TAG:
        raise CommandUnsupported(f"OCPP 1.6 knows tokens of up to {LONGEST_ID_TAG} characters")
    return id_token


def id_tag_info(authorization: Authorization) -> Payload:
    """IdTagInfo (section 7.27)."""
    info: dict[str, Any] = {"status": _AUTHORIZATIONS.get(authorization.status, authorization.status.value)}
    if authorization.expires_at is not None:
        info["expiryDate"] = clock.iso(authorization.expires_at)
    # A longer name of a group can't be said; stations then ask us where they could have known.
    if authorization.group is not None and len(authorization.group) <= LONGEST_ID_TAG:
        info["parentIdTag"] = authorization.group
    return info


def readings(meter_values: Iterable[Payload]) -> tuple[MeterReading, ...]:
    """MeterValue (section 7.33) in base units. Samples that the station's clock can't place have ours."""
    return tuple(_reading(element) for element in meter_values)


def _reading(element: Payload) -> MeterReading:
    at = timestamps.read(element.get("timestamp"))
    taken_at = at or clock.now()
    return MeterReading(at=at, samples=tuple(_sample(one, taken_at) for one in element["sampledValue"]))


def _sample(sampled: Payload, at: datetime) -> Sample:
    signed = sampled.get("format") == "SignedData"
    return measurands.sample(
        None if signed else sampled["value"],
        at=at,
        measurand=sampled.get("measurand"),
        phase=sampled.get("phase"),
        context=sampled.get("context"),
        location=sampled.get("location"),
        unit=sampled.get("unit"),
        signed=sampled["value"] if signed else None,
    )


def key(name: VariableName) -> str:
    """The configuration key that holds a variable.

    Raises:
        CommandUnsupported: If 1.6 has none.
    """
    if name.attribute != "Actual":
        raise CommandUnsupported(f"a key of OCPP 1.6 has one value, and no {name.attribute}")
    if name.key:
        return name.key
    found = None
    if name.evse_id is None and name.component_instance is None:
        found = configuration_keys.key(name.component, name.variable, name.variable_instance)
    if found is None:
        raise CommandUnsupported(f"OCPP 1.6 has no key for {name.component}.{name.variable}")
    return found


# CertificateUseEnumType of the security whitepaper (section 6.4), by 2.0.1's name.
_CERTIFICATE_USES = {
    "CSMSRootCertificate": "CentralSystemRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}


def certificate_use(kind: str) -> str:
    """The word for a kind of certificates that 2.0.1 calls ``kind``.

    Raises:
        CommandUnsupported: If 1.6 doesn't know the kind.
    """
    found = _CERTIFICATE_USES.get(kind)
    if found is None:
        raise CommandUnsupported(f"OCPP 1.6 knows no {kind}")
    return found


def outcome(payload: Payload, **detail: str | None) -> Outcome:
    """An answer that is one word, with what else was said."""
    status: str = payload["status"]
    return Outcome(
        state=_STATES.get(status, CommandState.REJECTED),
        status=status,
        detail={key: value for key, value in detail.items() if value},
    )
