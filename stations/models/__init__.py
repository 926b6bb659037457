from stations.models.command import Command, CommandState
from stations.models.connection import Connection, GatewayProcess, RefusedHandshake
from stations.models.connector import Availability, Connector
from stations.models.frame import Direction, Frame, Kind
from stations.models.observation import Deviation, MonitoredEvent, SecurityEventEntry
from stations.models.station import Connectivity, Registration, Station
from stations.models.variable import Variable

__all__ = [
    "Availability",
    "Command",
    "CommandState",
    "Connection",
    "Connectivity",
    "Connector",
    "Deviation",
    "Direction",
    "Frame",
    "GatewayProcess",
    "Kind",
    "MonitoredEvent",
    "RefusedHandshake",
    "Registration",
    "SecurityEventEntry",
    "Station",
    "Variable",
]
