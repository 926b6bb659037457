"""What a station says, put right by its quirk flags before its handler reads it. Pure.

The message log keeps what it said in fact. Corrections know the fields of both versions by their names.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from gateway.adapter import Payload
from stations import quirks

type Correct = Callable[[dict[str, Any]], None]

# Fields that hold a moment by the station's clock.
_TIMES = frozenset({"timestamp", "generatedAt", "departureTime", "timeBase"})
_REGISTERS = ("meterStart", "meterStop")
_BEGIN = "Transaction.Begin"
# What is measured where a sample doesn't say.
_DEFAULT = "Energy.Active.Import.Register"


def apply(flags: Mapping[str, Any], payload: Payload) -> Payload:
    """``payload``, put right; itself where there is nothing to do."""
    corrections = [make(flags[name]) for name, make in _BY_FLAG.items() if flags.get(name)]
    return _walked(payload, corrections) if corrections else payload


def _walked(found: Any, corrections: list[Correct]) -> Any:  # noqa: ANN401 — any JSON
    """A copy of ``found`` in which each object was corrected, the inner ones first."""
    match found:
        case dict():
            walked = {name: _walked(value, corrections) for name, value in found.items()}
            for correct in corrections:
                correct(walked)
            return walked
        case list():
            return [_walked(item, corrections) for item in found]
    return found


def _local_times(zone_name: str) -> Correct:
    """Times are the clock on the wall, whether they name no zone or, wrongly, Z."""
    zone = quirks.zone(zone_name)

    def correct(members: dict[str, Any]) -> None:
        for name in _TIMES & members.keys():
            if zone is not None:
                members[name] = _local(members[name], zone)

    return correct


def _local(text: object, zone: tzinfo) -> object:
    if not isinstance(text, str):
        return text
    try:
        moment = datetime.fromisoformat(text.strip().upper().removesuffix("Z"))
    except ValueError:
        return text
    return text if moment.tzinfo is not None else moment.replace(tzinfo=zone).isoformat()


def _scaled_energy(factor: float) -> Correct:
    """Energy in another unit than it says."""

    def correct(members: dict[str, Any]) -> None:
        for name in _REGISTERS:
            # -1: the meter couldn't be read.
            if name in members and members[name] > 0:
                members[name] = round(members[name] * factor)
        if _measures(members, "Energy."):
            _scale(members, factor)

    return correct


def _scaled_power(factor: float) -> Correct:
    """Power in another unit than it says."""

    def correct(members: dict[str, Any]) -> None:
        if _measures(members, "Power.") and members.get("measurand") != "Power.Factor":
            _scale(members, factor)

    return correct


def _session_register(_on: bool) -> Correct:
    """The register counts one session: it begins at nothing, whatever the last one left in it."""

    def correct(members: dict[str, Any]) -> None:
        if "meterStart" in members:
            members["meterStart"] = 0
        if members.get("context") == _BEGIN and members.get("measurand", _DEFAULT) == _DEFAULT:
            members["value"] = "0" if isinstance(members.get("value"), str) else 0

    return correct


def _free_vend(token: str) -> Correct:
    """Who charges without a token has this one."""

    def correct(members: dict[str, Any]) -> None:
        tag = members.get("idTag")
        if isinstance(tag, str) and not tag.strip():
            members["idTag"] = token

    return correct


def _measures(members: Mapping[str, Any], what: str) -> bool:
    """Whether this is a sampled value of ``what``."""
    return "value" in members and str(members.get("measurand", _DEFAULT)).startswith(what)


def _scale(members: dict[str, Any], factor: float) -> None:
    value = members["value"]
    try:
        scaled = float(str(value).replace(",", ".")) * factor
    except ValueError:
        return
    # The meter's digits, not the float's.
    rounded = round(scaled, 6)
    members["value"] = f"{rounded:.6f}".rstrip("0").rstrip(".") if isinstance(value, str) else rounded


_BY_FLAG: Mapping[str, Callable[[Any], Correct]] = {
    "local_time_zone": _local_times,
    "energy_factor": _scaled_energy,
    "power_factor": _scaled_power,
    "session_energy_meter": _session_register,
    "free_vend_token": _free_vend,
}
