"""Reports as files: the same figures as the API's."""

from collections.abc import Sequence

from dashboard.file_rows import Row
from dashboard.reports import uptime_report
from dashboard.reports.periods import Period
from emobi.core import clock
from emobi.core.models import Network
from stations import ledger_reading
from stations.uptime import Uptime

PORTION = 500
LARGEST_ID = 2**63 - 1
_UPTIME = (
    "period_s",
    "outage_s",
    "excluded_s",
    "outages",
    "uptime_percent",
    "budget_left_s",
)
_SESSIONS = (
    "sessions",
    "energy_wh",
    "duration_s",
    "failed_starts",
    "refused",
    "zero_energy",
    "lost",
    "suspect",
)
_OUTAGES = (
    "outage_id",
    "station",
    "evse_id",
    "cause",
    "began_at",
    "ended_at",
    "detail",
    "began_event",
    "began_sequence",
    "ended_event",
    "ended_sequence",
    "fault_id",
)


def columns(name: str, shown: Period) -> Sequence[str]:
    """Of the file of this name, for this period."""
    match name:
        case "uptime":
            return ("station", "evse_id", *_period(shown), *_UPTIME)
        case "sessions":
            return ("station", *_period(shown), *_SESSIONS)
    return _OUTAGES


def _period(shown: Period) -> Row:
    """A month has a column; other days have two, both days with them."""
    return {"month": shown.name} if shown.is_month else {"from": shown.first_day, "to": shown.last_day}


def uptime(network: Network, shown: Period, after: str) -> tuple[list[Row], str]:
    """A row a station as a whole (no EVSE), and one each of its EVSEs; and where to go on."""
    rows, more = uptime_report.rows(network, shown, after)
    return [_uptime(row, each, shown) for row in rows for each in (row.whole, *row.evses)], more


def _uptime(row: uptime_report.Row, each: Uptime, shown: Period) -> Row:
    return {
        "station": row.station.identity,
        "evse_id": each.evse_id or None,
        **_period(shown),
        "period_s": round(each.period_s),
        "outage_s": round(each.outage_s),
        "excluded_s": round(each.excluded_s),
        "outages": each.outages,
        "uptime_percent": None if each.percent is None else round(each.percent, 4),
        "budget_left_s": round(each.budget_left_s),
    }


def sessions(network: Network, shown: Period, after: str) -> tuple[list[Row], str]:
    """A row a station."""
    rows, more = uptime_report.rows(network, shown, after, added_up=True)
    found: list[Row] = [
        {
            "station": row.station.identity,
            **_period(shown),
            **{name: row.proven[name] for name in _SESSIONS},
            "energy_wh": float(row.proven["energy_wh"]),
        }
        for row in rows
    ]
    return found, more


def outages(network: Network, shown: Period, after: str) -> tuple[list[Row], str]:
    """A row an outage that lasted within the period."""
    found = ledger_reading.outages_of(network, shown.begin, shown.end).filter(pk__gt=int(after or 0))
    page = list(found.order_by("pk")[: PORTION + 1])
    rows: list[Row] = [
        {
            "outage_id": each.pk,
            "station": each.identity,
            "evse_id": each.evse_id or None,
            "cause": each.cause,
            "began_at": clock.iso(each.began_at),
            "ended_at": clock.iso(each.ended_at),
            "detail": each.detail,
            "began_event": each.began_event,
            "began_sequence": str(each.began_sequence),
            "ended_event": each.ended_event or None,
            "ended_sequence": None if each.ended_sequence is None else str(each.ended_sequence),
            "fault_id": each.fault_id or None,
        }
        for each in page[:PORTION]
    ]
    return rows, str(page[PORTION - 1].pk) if len(page) > PORTION else ""
