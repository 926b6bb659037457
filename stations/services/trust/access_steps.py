"""What each step of a change of access asks the station, and how its answer is read."""

from collections.abc import Callable, Mapping
from typing import Any

from emobi.core.errors import Invalid
from stations import network_profiles
from stations.access_plans import Step
from stations.addresses import station_urls
from stations.models import AccessChange, Station
from stations.services.trust import credentials

FIRST_SLOT, OTHER_SLOT = "1", "2"
PRIORITY = {"component": network_profiles.COMPONENT, "variable": network_profiles.PRIORITY}

type Command = tuple[str, dict[str, Any]]


def command(change: AccessChange, step: Step) -> Command:
    """The command that a step is: its name and its params. Each password is made for the one that is sent."""
    return _COMMANDS[step](change)


def _list_roots(_change: AccessChange) -> Command:
    return "list_certificates", {"certificate_types": ["CSMSRootCertificate"]}


def _install_root(change: AccessChange) -> Command:
    return "install_certificate", {
        "certificate_type": "CSMSRootCertificate",
        "certificate": change.params["root"],
    }


def _set_password(change: AccessChange) -> Command:
    # 40 hexadecimal digits: 20 bytes for 1.6, 40 characters for 2.0.1 (A00.FR.205).
    return _set("SecurityCtrlr", "BasicAuthPassword", credentials.generate_key())


def _request_certificate(_change: AccessChange) -> Command:
    return "trigger_message", {"requested_message": "SignChargingStationCertificate"}


def _set_profile(change: AccessChange) -> Command:
    return _set("SecurityCtrlr", "SecurityProfile", str(change.params["security_profile"]))


def _read_priority(_change: AccessChange) -> Command:
    return "get_config", {"variables": [PRIORITY]}


def _set_network_profile(change: AccessChange) -> Command:
    params = change.params
    return "set_network_profile", {
        "configuration_slot": int(_slot(change)),
        "ocpp_csms_url": params["url"],
        "security_profile": params["security_profile"],
        "ocpp_interface": params["ocpp_interface"],
    }


def _set_priority(change: AccessChange) -> Command:
    """The new one first; those before stay behind it, for the station to fall back to (A05.FR.05)."""
    slot = _slot(change)
    order = [slot, *(each for each in network_profiles.order(change.station) if each != slot)]
    return _set(PRIORITY["component"], PRIORITY["variable"], ",".join(order))


def _reset(_change: AccessChange) -> Command:
    return "reset", {"type": "OnIdle"}


def _set(component: str, variable: str, value: str) -> Command:
    return "set_config", {"variables": [{"component": component, "variable": variable, "value": value}]}


def _slot(change: AccessChange) -> str:
    """The slot that was asked for; else one that the station doesn't use, or uses last."""
    if change.params.get("slot"):
        return str(change.params["slot"])
    used = network_profiles.order(change.station)
    return next((slot for slot in (OTHER_SLOT, FIRST_SLOT) if slot not in used), used[-1])


_COMMANDS: Mapping[Step, Callable[[AccessChange], Command]] = {
    Step.LIST_ROOTS: _list_roots,
    Step.INSTALL_ROOT: _install_root,
    Step.SET_PASSWORD: _set_password,
    Step.REQUEST_CERTIFICATE: _request_certificate,
    Step.SET_PROFILE: _set_profile,
    Step.READ_PRIORITY: _read_priority,
    Step.SET_NETWORK_PROFILE: _set_network_profile,
    Step.SET_PRIORITY: _set_priority,
    Step.RESET: _reset,
}


def default_url(station: Station, security_profile: int) -> str:
    """Where a station of that profile connects, without its identity.

    Raises:
        Invalid: If it isn't known: we don't serve what the profile needs.
    """
    scheme = "wss:" if security_profile >= 2 else "ws:"
    for url in station_urls(station.network.slug, station.identity):
        if url.startswith(scheme):
            return url.rpartition("/")[0]
    if station.ocpp_version == "1.6":
        raise Invalid("No address of ours fits the profile: it would find nobody.", "security_profile")
    raise Invalid("Name the URL to which it is to connect: no address of ours fits the profile.", "url")
