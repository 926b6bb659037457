"""SetNetworkProfile (OCPP 2.0.1, use case B09): another way to reach a central system."""

from typing import Any

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.network_profiles import Apn, SetNetworkProfile, Vpn
from stations.commands.outcome import Outcome


def encode(command: SetNetworkProfile) -> Payload:
    connection: dict[str, Any] = {
        "ocppVersion": command.ocpp_version.value,
        "ocppTransport": command.ocpp_transport.value,
        "ocppCsmsUrl": command.ocpp_csms_url,
        "messageTimeout": command.message_timeout,
        "securityProfile": command.security_profile,
        "ocppInterface": command.ocpp_interface.value,
    }
    if command.apn is not None:
        connection["apn"] = _apn(command.apn)
    if command.vpn is not None:
        connection["vpn"] = _vpn(command.vpn)
    return {"configurationSlot": command.configuration_slot, "connectionData": connection}


def _apn(apn: Apn) -> Payload:
    said = {
        "apn": apn.apn,
        "apnAuthentication": apn.apn_authentication.value,
        "apnUserName": apn.apn_user_name,
        "apnPassword": apn.apn_password,
        "simPin": apn.sim_pin,
        "preferredNetwork": apn.preferred_network,
        "useOnlyPreferredNetwork": apn.use_only_preferred_network,
    }
    return {name: value for name, value in said.items() if value is not None}


def _vpn(vpn: Vpn) -> Payload:
    said = {
        "server": vpn.server,
        "user": vpn.user,
        "password": vpn.password,
        "key": vpn.key,
        "type": vpn.type.value,
        "group": vpn.group,
    }
    return {name: value for name, value in said.items() if value is not None}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
