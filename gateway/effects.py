"""What a station's answer to a command changes here, by command.

A function of this table gets the station, the command as it was said, and what came of it; it runs in the
transaction that ends the command, for answers only: accepted, scheduled or rejected.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stations.commands.outcome import Outcome
from stations.models import Station

EFFECTS: Mapping[str, Callable[[Station, Any, Outcome], None]] = {}
