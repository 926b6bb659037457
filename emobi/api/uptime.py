"""`/reports/uptime` and `/stations/…/uptime`: uptime by month, from the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, exports, outages, paging
from emobi.api.fields import Number, Time
from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import Network
from sessions import session_reports
from stations import ledger_reading, selectors, uptime
from stations.models import Outage, Station

router = Router(tags=["reports"])
of_station = Router(tags=["reports"])

MOST_MONTHS = 36
# Of the outages of a month that stand with it; all of them are at `/stations/…/outages`.
MOST_INTERVALS = 100

_MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
Month = Annotated[
    str | None, Query(pattern=_MONTH, description="As 2026-11, in UTC; this month if not given.")
]


class EvseUptimeOut(BaseModel):
    """The month of one EVSE, in seconds: out of service with its station, or by itself."""

    evse_id: int
    period_s: int
    outage_s: int
    excluded_s: int
    outages: int
    uptime_percent: Number | None
    budget_left_s: int


class ProvenOut(BaseModel):
    """What drivers found, beside what the station says of itself: sessions that started in the month."""

    sessions: int
    failed_starts: int
    refused: int
    zero_energy: int
    success_percent: Number | None = Field(description="null: there were no sessions.")


class UptimeOut(BaseModel):
    """How long a station, or one of its EVSEs, was in service in a month (UTC), in seconds.

    `uptime_percent` is 100 × (`period_s` - (`outage_s` - `excluded_s`)) / `period_s`.
    """

    station: str
    evse_id: int | None = Field(description="null: the station as a whole.")
    month: str = Field(examples=["2026-11"])
    period_s: int = Field(description="Of the month until now, since it was first heard of.")
    outage_s: int = Field(description="Of that, without it.")
    excluded_s: int = Field(description="Of that, what doesn't count: maintenance, exclusions, our outages.")
    outages: int
    uptime_percent: Number | None = Field(description="null: it was never heard of.")
    target_percent: Number
    budget_left_s: int = Field(description="How much longer it may be away this month; negative: too long.")
    evses: list[EvseUptimeOut] = Field(description="Of a station: each of its EVSEs.")
    proven: ProvenOut | None = Field(description="null for an EVSE.")
    complete_to: Time = Field(description="Until when the ledger knows what happened.")


class StationUptimeOut(UptimeOut):
    """The same with the newest outages of the month."""

    intervals: list[outages.OutageOut]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a report is to be about; ``now`` is until when the ledger knows."""

    network: Network
    months: Sequence[datetime]
    by_evse: bool
    now: datetime


@router.get(
    "/uptime",
    response=paging.Page[UptimeOut],
    summary="Uptime of all stations, by month",
    openapi_extra=exports.DESCRIBED,
)
def report_uptime(
    request: HttpRequest,
    month: Month = None,
    first: Annotated[
        str | None, Query(alias="from", pattern=_MONTH, description="The first of several months.")
    ] = None,
    last: Annotated[str | None, Query(alias="to", pattern=_MONTH, description="The last of them.")] = None,
    by: Annotated[Literal["station", "evse"], Query(description="What an item is about.")] = "station",
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """By identity, months the newest first. With several months, or by EVSE, `limit` counts stations."""
    network = auth.network_of(request)
    now = clock.now()
    end = uptime.month_of(_month(last or month) or now)
    asked = _Asked(
        network=network,
        months=_months(_month(first) or end, end),
        by_evse=by == "evse",
        now=min(now, ledger_reading.complete_to(network)),
    )
    return exports.told(request, format, UptimeOut, partial(_page, asked), cursor, limit, "uptime")


def _month(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}-01T00:00:00Z") if text else None


def _months(first: datetime, last: datetime) -> list[datetime]:
    if first > last:
        raise Invalid("It begins after its end.", "from")
    found = uptime.months(first, last)
    if len(found) > MOST_MONTHS:
        raise Invalid(f"At most {MOST_MONTHS} months.", "from")
    return found


def _page(asked: _Asked, cursor: str | None, limit: int) -> dict[str, Any]:
    rows = list(selectors.stations(asked.network, after=paging.decode(cursor))[: limit + 1])
    stations = rows[:limit]
    told = _told(asked, stations)
    return {
        "items": [item for station in stations for item in told[station.pk]],
        "next": paging.encode(stations[-1].identity) if len(rows) > limit else None,
    }


def _told(asked: _Asked, stations: Sequence[Station]) -> Mapping[int, list[dict[str, Any]]]:
    """The items of each station, by its key."""
    begin, end = asked.months[-1], uptime.next_month(asked.months[0])
    histories = ledger_reading.histories(asked.network, stations, begin, end)
    told: dict[int, list[dict[str, Any]]] = {station.pk: [] for station in stations}
    found = {} if asked.by_evse else session_reports.outcomes_by_month(told, begin, end)
    for month in asked.months:
        for station in stations:
            history = histories[station.pk]
            evses = [uptime.of_month(history, month, asked.now, evse_id) for evse_id in history.evse_ids]
            if asked.by_evse:
                told[station.pk] += [_shown(station, evse, asked) for evse in evses]
                continue
            whole = _shown(station, uptime.of_month(history, month, asked.now), asked)
            whole |= {
                "evses": [_figures(evse) for evse in evses],
                "proven": _proven(found.get((station.pk, month), {})),
            }
            told[station.pk].append(whole)
    return told


def _shown(station: Station, found: uptime.Uptime, asked: _Asked) -> dict[str, Any]:
    return _figures(found) | {
        "station": station.identity,
        "evse_id": found.evse_id or None,
        "month": f"{found.month:%Y-%m}",
        "target_percent": 100 * uptime.TARGET,
        "evses": [],
        "proven": None,
        "complete_to": asked.now,
    }


def _figures(found: uptime.Uptime) -> dict[str, Any]:
    percent = found.percent
    return {
        "evse_id": found.evse_id,
        "period_s": round(found.period_s),
        "outage_s": round(found.outage_s),
        "excluded_s": round(found.excluded_s),
        "outages": found.outages,
        "uptime_percent": None if percent is None else round(percent, 4),
        "budget_left_s": round(found.budget_left_s),
    }


def _proven(outcomes: Mapping[str, int]) -> dict[str, Any]:
    sessions, failed = outcomes.get("sessions", 0), outcomes.get("failed_starts", 0)
    return {
        "sessions": sessions,
        "failed_starts": failed,
        "refused": outcomes.get("refused", 0),
        "zero_energy": outcomes.get("zero_energy", 0),
        "success_percent": round(100 * (sessions - failed) / sessions, 2) if sessions else None,
    }


@of_station.get(
    "/{segment:identity}/uptime",
    response=paging.Page[StationUptimeOut],
    summary="A station's uptime, month by month, the newest first",
)
def read_uptime(
    request: HttpRequest,
    identity: str,
    months: Annotated[int, Query(ge=1, le=MOST_MONTHS, description="How many, with this one.")] = 12,
) -> dict[str, Any]:
    """The same for one station, all on one page, each month with its newest outages."""
    network = auth.network_of(request)
    station = selectors.station(network, identity)
    now = min(clock.now(), ledger_reading.complete_to(network))
    wanted = [uptime.month_of(now)]
    while len(wanted) < months:
        wanted.append(uptime.month_of(wanted[-1] - timedelta(days=1)))
    asked = _Asked(network=network, months=wanted, by_evse=False, now=now)
    newest = list(ledger_reading.outages([station.pk], wanted[-1], now).order_by("-began_at"))
    items = _told(asked, [station])[station.pk]
    for month, item in zip(wanted, items, strict=True):
        item["intervals"] = [outages.shown(one) for one in newest if _lasted_in(one, month)][:MOST_INTERVALS]
    return {"items": items, "next": None}


def _lasted_in(outage: Outage, month: datetime) -> bool:
    return outage.began_at < uptime.next_month(month) and (outage.ended_at is None or outage.ended_at > month)
