"""What stations and we know of a customer: told, and forgotten (OCPP 2.0.1, use cases N09 and N10)."""

from collections.abc import Mapping
from typing import Any

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from emobi.core.services import audit
from sessions.models import ChargingSession, IdToken, LocalList, SessionState
from stations.commands import catalogue
from stations.commands.customers import CustomerInformation
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Station
from stations.reports import CustomerReport
from stations.services.commanding import command_parts, commands

# What NotifyCustomerInformation follows.
REPORTING = ("customer_information",)

# What is told of it; a webhook's body stays under 20 kB.
LONGEST_TOLD = 4_000

ASKED_BY = "system:privacy"


def report(station: Station, part: CustomerReport) -> None:
    """Take in one part of what a station knows; the last is told, with the text of all."""
    with unit_of_work.begin():
        command = command_parts.add(
            station,
            REPORTING,
            part.request_id,
            seq_no=part.seq_no,
            more=not part.last,
            items=[{"text": part.text}],
        )
        text, complete = _so_far(command, part)
        if not complete:
            return
        told = events.CustomerInformation(
            request_id=part.request_id,
            text=text if len(text) <= LONGEST_TOLD else text[:LONGEST_TOLD] + "…",
            held_here=_held(station, command),
            station_time=part.station_time,
            received_at=clock.now(),
        )
        events.record(station.subject, told)


def forget(station: Station, asked: CustomerInformation, outcome: Outcome) -> None:
    """The station agreed to forget a customer: what it leaves to us, and what was asked of us, is done.

    It doesn't touch its local list (N10.FR.02). Sessions that ended there lose their token if that was
    asked: energy and times stay, for the books. Sessions that run keep it: it has to stop them.
    """
    if not asked.clear or asked.id_token is None or outcome.state != CommandState.ACCEPTED:
        return
    with unit_of_work.begin():
        _take_off_list(station, asked.id_token)
        if asked.forget_here:
            _take_off_sessions(station, asked.id_token)


def _take_off_list(station: Station, id_token: str) -> None:
    copy = LocalList.objects.select_for_update(no_key=True).filter(station=station).first()
    if copy is not None and copy.unfinished is not None:
        # It has a part of its list, and gets the whole of it once more: without the token, whatever it has.
        copy.unfinished = [entry for entry in copy.unfinished if not _names(entry, id_token)]
        copy.save(update_fields=["unfinished"])
        return
    listed = [
        {name: entry[name] for name in ("id_token", "id_token_type") if name in entry}
        for entry in (copy.entries if copy else ())
        if _names(entry, id_token)
    ]
    if not listed:
        return
    try:
        commands.request(
            station.network,
            station,
            "send_local_list",
            {"update_type": "Differential", "entries": listed},
            requested_by=ASKED_BY,
            role=Role.OPERATOR,
            expires_in_s=commands.LONGEST_EXPIRY_S,
        )
    except Refused as reason:
        # What the station forgot by itself is forgotten all the same; the rest is whoever's who shut it out.
        detail = {"entries": len(listed), "reason": str(reason)}
        audit.record(station.network_id, ASKED_BY, "customer.left_on_list", station.identity, detail)


def _names(entry: Mapping[str, Any], id_token: str) -> bool:
    named: str = entry["id_token"]
    return named.casefold() == id_token.casefold()


def _take_off_sessions(station: Station, id_token: str) -> None:
    ended = ChargingSession.objects.filter(station=station, id_token__iexact=id_token)
    count = ended.exclude(state=SessionState.ACTIVE).update(id_token="", id_token_type="")
    audit.record(station.network_id, ASKED_BY, "customer.forgotten", station.identity, {"sessions": count})


def _so_far(command: Command | None, part: CustomerReport) -> tuple[str, bool]:
    """What was said, and whether that is all."""
    whole = command_parts.report(command) if command else None
    if whole is None:
        return part.text, part.last
    return "".join(item["text"] for item in whole["items"]), whole["complete"]


def _held(station: Station, command: Command | None) -> dict[str, int] | None:
    """How much we hold of the token that the customer was named by."""
    asked = catalogue.parse(command.name, command.params) if command else None
    if not isinstance(asked, CustomerInformation) or asked.id_token is None:
        return None
    tokens = IdToken.objects.filter(network=station.network_id, id_token__iexact=asked.id_token)
    sessions = ChargingSession.objects.filter(station=station, id_token__iexact=asked.id_token)
    return {"id_tokens": tokens.count(), "sessions": sessions.count()}
