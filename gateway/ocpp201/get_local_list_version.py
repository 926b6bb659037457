"""GetLocalListVersion (OCPP 2.0.1, use case D02): which list of tokens the station has."""

from gateway.adapter import Payload
from stations.commands.local_lists import GetLocalListVersion
from stations.commands.outcome import Outcome
from stations.models import CommandState


def encode(command: GetLocalListVersion) -> Payload:
    return {}


def decode(payload: Payload) -> Outcome:
    """0: there is none, be it that none was sent or that lists are turned off (D02.FR.02, D02.FR.03)."""
    return Outcome(
        state=CommandState.ACCEPTED,
        status="Accepted",
        detail={"version": payload["versionNumber"], "supported": True},
    )
