"""Commands about what a station writes down of itself."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import AwareDatetime

from stations.commands.entry import Entry
from stations.commands.fields import Location, Number, Times


class LogType(StrEnum):
    """LogEnumType. Source: OCPP 2.0.1 part 2, section 3.48."""

    DIAGNOSTICS = "DiagnosticsLog"
    SECURITY = "SecurityLog"


@dataclass(frozen=True, kw_only=True)
class GetLog:
    """Upload a log; without ``remote_location`` to us. ``retry_interval`` is in seconds.

    1.6 knows diagnostics by a message of their own, which has no request id. ``security_extension`` asks for
    them as for the security log, by the GetLog of its security whitepaper.
    """

    log_type: LogType = LogType.DIAGNOSTICS
    remote_location: Location | None = None
    oldest_timestamp: AwareDatetime | None = None
    latest_timestamp: AwareDatetime | None = None
    retries: Times | None = None
    retry_interval: Times | None = None
    security_extension: bool = False
    request_id: Number | None = None


ENTRIES = (
    Entry(
        command="get_log",
        kind=GetLog,
        description="Upload a log: diagnostics, or the security log.",
        example={"log_type": "DiagnosticsLog"},
    ),
)
