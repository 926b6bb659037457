"""What came of a command, in its normal form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stations.models.command import CommandState
from stations.reports import VariableReport


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The station's answer.

    ``status`` is the station's word in 2.0.1's spelling; ``detail`` what else it said, in keys that are the
    same for every version; ``variables`` what the answer tells of the device model.
    """

    state: CommandState
    status: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    variables: tuple[VariableReport, ...] = ()
