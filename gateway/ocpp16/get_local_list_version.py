"""GetLocalListVersion (OCPP 1.6, section 5.10): which list of tokens the station has."""

from gateway.adapter import Payload
from stations.commands.local_lists import GetLocalListVersion
from stations.commands.outcome import Outcome
from stations.models import CommandState

NOT_SUPPORTED = -1


def encode(command: GetLocalListVersion) -> Payload:
    return {}


def decode(payload: Payload) -> Outcome:
    """0: the list is empty; -1: the station keeps none."""
    version: int = payload["listVersion"]
    supported = version != NOT_SUPPORTED
    return Outcome(
        state=CommandState.ACCEPTED if supported else CommandState.REJECTED,
        status="Accepted" if supported else "NotSupported",
        detail={"version": version if supported else None, "supported": supported},
    )
