"""How far a station has come in connecting, step by step, from rows that are there: nothing is guessed.

What never reaches us (a name that isn't found, a port that is closed) leaves no row: then the first step
waits, and says what to look at. What reaches us and can't be read (no TLS, no WebSocket handshake) leaves one
without a name: it is taken for the station's where it came from the address that was the station's last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from django.db.models import QuerySet

from dashboard import figures
from dashboard.onboarding import guidance
from dashboard.statuses import Shown
from sessions.models import ChargingSession
from stations.models import (
    Command,
    CommandState,
    Connection,
    Connector,
    Frame,
    RefusedHandshake,
    Registration,
    Station,
    Variable,
)

OK = Shown("accepted", "Done")
WAITING = Shown("pending", "Waiting")
FAILED = Shown("failed", "Failed")
# More than that its log entries, its readings and its certificates are about another time.
MOST_SKEW_S = 10
# Of refusals, at which step they happened.
_PATH = frozenset({"unknown station", "not listed", "bad identity", "no such path"})
_VERSION = frozenset({"no subprotocol", "no usable subprotocol"})
# Before anybody could say who it is.
_NO_TLS = "no TLS"
_NO_REQUEST = frozenset({"no WebSocket handshake", "no request in time"})
READS = ("get_config", "get_base_report", "get_report")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One of them.

    Attributes:
        text: What is known, or what it waits for.
        advice: What to change; "" nothing.
        at: When it was done, or failed, by our clock.
        command: What may be asked of the station here.
    """

    title: str
    shown: Shown
    text: str = ""
    advice: str = ""
    at: datetime | None = None
    optional: bool = False
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """All steps, and whether the station is in service."""

    steps: Sequence[Step]
    lookalikes: Sequence[RefusedHandshake]

    @property
    def is_done(self) -> bool:
        return all(step.shown == OK for step in self.steps if not step.optional)

    @property
    def done(self) -> int:
        return sum(step.shown == OK for step in self.steps)


def of(station: Station, refusals: QuerySet[RefusedHandshake]) -> Checklist:
    """Nine queries, whatever has happened; ``refusals`` are those that whoever looks may see."""
    newest = list(refusals.filter(last_at__gte=station.created_at).order_by("-last_at")[:100])
    connection = Connection.objects.filter(station=station).first()
    ours = _ours(station, connection, newest)
    refusal = ours[0] if ours and (connection is None or ours[0].last_at > connection.opened_at) else None
    nameless = next((each for each in newest if not each.identity), None)
    steps = [
        _reached(connection, refusal, nameless),
        *_handshake(station, connection, refusal),
        *_talk(station, connection),
    ]
    return Checklist(steps=steps, lookalikes=[] if connection else _lookalikes(station, newest))


def _ours(
    station: Station, connection: Connection | None, refusals: Sequence[RefusedHandshake]
) -> list[RefusedHandshake]:
    """Those of the station, by its name; and the nameless ones from its address, unless it is connected."""
    named = [each for each in refusals if _name(each).casefold() == station.identity.casefold()]
    if connection is not None and connection.closed_at is None:
        return named
    addresses = {each.remote_address for each in named[:1]}
    if connection is not None:
        addresses.add(connection.remote_address)
    return [
        each for each in refusals if each in named or (not _name(each) and each.remote_address in addresses)
    ]


def _name(refusal: RefusedHandshake) -> str:
    """Whose it is; of a path with one name that may be the network's as well."""
    return refusal.identity or refusal.network_slug


def _lookalikes(station: Station, refusals: Sequence[RefusedHandshake]) -> list[RefusedHandshake]:
    """Who tried under almost this name: a slip of the pen in the charger, or here."""
    others = {each.identity: each for each in reversed(refusals) if each.reason == "unknown station"}
    close = get_close_matches(
        station.identity, [name for name in others if name != station.identity], n=3, cutoff=0.7
    )
    return [others[name] for name in close]


def _handshake(
    station: Station, connection: Connection | None, refusal: RefusedHandshake | None
) -> Iterator[Step]:
    """From its encryption to the version that is spoken. The newest attempt counts."""
    seen = refusal.last_at if refusal else connection.opened_at if connection else None
    yield _encrypted(station, connection, refusal)
    passed = (
        ("Path and identity known", _PATH),
        ("Password or certificate", None),
        ("Version of OCPP agreed", _VERSION),
    )
    failed_before = refusal is not None and refusal.reason in {_NO_TLS, *_NO_REQUEST}
    for title, reasons in passed:
        is_here = refusal is not None and not failed_before and _is_at(refusal.reason, reasons)
        if is_here and refusal is not None:
            failed_before = True
            yield Step(
                title=title,
                shown=FAILED,
                at=refusal.last_at,
                advice=guidance.advice(refusal.reason),
                text=f"{_name(refusal)} tried {figures.age(refusal.last_at)} ago"
                f" from {refusal.remote_address}: {refusal.reason}. {refusal.detail}",
            )
        elif seen is None or failed_before:
            yield Step(title=title, shown=WAITING)
        else:
            yield Step(title=title, shown=OK, text=_passed(title, station, connection), at=seen)


def _reached(
    connection: Connection | None, refusal: RefusedHandshake | None, nameless: RefusedHandshake | None
) -> Step:
    title = "Reached us"
    if refusal is not None and refusal.reason in _NO_REQUEST:
        advice = guidance.advice(refusal.reason)
        return Step(title=title, shown=FAILED, text=_nameless(refusal), advice=advice, at=refusal.last_at)
    if refusal is not None:
        return Step(title=title, shown=OK, text=f"from {refusal.remote_address}", at=refusal.last_at)
    if connection is not None:
        return Step(title=title, shown=OK, text=f"from {connection.remote_address}", at=connection.opened_at)
    if nameless is not None:
        text = f"Nothing has come under its name yet, but {_nameless(nameless)}"
        return Step(title=title, shown=WAITING, text=text, advice=guidance.advice(nameless.reason))
    return Step(
        title=title,
        shown=WAITING,
        text="Nothing has come from it yet.",
        advice="Is the URL saved, and was the charger restarted? Does its network let it out to this port?"
        " With wss: does it trust our certificate, and is its clock right?",
    )


def _nameless(refusal: RefusedHandshake) -> str:
    return (
        f"somebody at {refusal.remote_address} who gave no identity was refused"
        f" {figures.age(refusal.last_at)} ago: {refusal.reason}. {refusal.detail}"
    )


def _is_at(reason: str, reasons: frozenset[str] | None) -> bool:
    return reason in reasons if reasons is not None else reason not in _PATH | _VERSION


def _passed(title: str, station: Station, connection: Connection | None) -> str:
    if title.startswith("Version") and connection is not None:
        return f"OCPP {connection.ocpp_version}"
    if title.startswith("Password") and connection is not None:
        return f"security profile {connection.security_profile}"
    return f"as {station.identity}" if title.startswith("Path") else ""


def _encrypted(station: Station, connection: Connection | None, refusal: RefusedHandshake | None) -> Step:
    title = "Encrypted"
    if refusal is not None and refusal.reason in {"profile too low", _NO_TLS}:
        advice = guidance.advice(refusal.reason)
        return Step(title=title, shown=FAILED, text=refusal.detail, advice=advice, at=refusal.last_at)
    if connection is None:
        return Step(title=title, shown=WAITING, optional=station.profile < 2)
    if connection.tls_version:
        return Step(title=title, shown=OK, text=connection.tls_version, at=connection.opened_at)
    return Step(
        title=title, shown=WAITING, text="It came by ws: what it says can be read on the way.", optional=True
    )


def _talk(station: Station, connection: Connection | None) -> Iterator[Step]:
    """What it said once it was let in."""
    booted = station.booted_at is not None
    facts = " ".join(filter(None, (station.vendor, station.model)))
    firmware = f", firmware {station.firmware_version}" if station.firmware_version else ""
    waits = "" if connection is None else "It is connected, and hasn't said BootNotification yet."
    yield Step(
        title="BootNotification",
        shown=OK if booted else WAITING,
        text=f"{facts}{firmware}" if booted else waits,
        at=station.booted_at,
    )
    yield _accepted(station, booted)
    yield _clock(station, booted)
    yield _statuses(station)
    heartbeat = _newest(station, "Heartbeat")
    yield Step(
        title="First heartbeat",
        shown=OK if heartbeat else WAITING,
        at=heartbeat,
        text="" if heartbeat else f"It is told to send one every {station.heartbeat_s} s.",
    )
    yield _configuration(station)
    yield _test_command(station)
    yield _test_session(station)


def _accepted(station: Station, booted: bool) -> Step:
    title = "Accepted"
    if station.registration == Registration.ACCEPTED:
        return Step(title=title, shown=OK if booted else WAITING, at=station.booted_at)
    word = (
        "It waits for a decision: accept it."
        if station.registration == Registration.PENDING
        else "It was rejected."
    )
    return Step(
        title=title, shown=FAILED, text=word, advice="Its next BootNotification is answered by the decision."
    )


def _clock(station: Station, booted: bool) -> Step:
    title, skew = "Clock set", station.clock_skew_s
    if skew is None:
        text = "It hasn't told a time yet." if booted else ""
        return Step(title=title, shown=WAITING, text=text, optional=True)
    if abs(skew) > MOST_SKEW_S:
        way = "ahead" if skew > 0 else "behind"
        return Step(
            title=title,
            shown=FAILED,
            text=f"Its clock is {figures.duration(abs(skew))} {way}.",
            advice="It takes the time from our answers to BootNotification and Heartbeat, unless it is set"
            " to another source: look for NTP in its menu.",
        )
    return Step(title=title, shown=OK, text=f"{abs(skew):.0f} s off")


def _statuses(station: Station) -> Step:
    plugs = list(Connector.objects.filter(station=station, evse_id__gt=0).order_by("evse_id", "connector_id"))
    silent = [plug for plug in plugs if not plug.status]
    told = ", ".join(f"EVSE {plug.evse_id}: {plug.detail or plug.status}" for plug in plugs if plug.status)
    is_ok = bool(plugs) and not silent
    newest = max((plug.reported_at for plug in plugs if plug.status), default=None)
    return Step(
        title="Status of each connector",
        shown=OK if is_ok else WAITING,
        at=newest,
        text=told + (f"; nothing of {len(silent)} yet" if silent and told else ""),
        command="" if is_ok else "trigger_message",
    )


def _newest(station: Station, action: str) -> datetime | None:
    since = Frame.objects.filter(station=station, at__gte=station.created_at, action=action, kind=2)
    found: datetime | None = since.order_by("-pk").values_list("at", flat=True).first()
    return found


def _configuration(station: Station) -> Step:
    count = Variable.objects.filter(station=station).count()
    command = "get_config" if station.ocpp_version == "1.6" else "get_base_report"
    return Step(
        title="Configuration read",
        shown=OK if count else WAITING,
        optional=True,
        command="" if count else command,
        text=f"{count} values" if count else "Ask for it: what it can do follows from it.",
    )


def _test_command(station: Station) -> Step:
    ends = (CommandState.ACCEPTED, CommandState.REJECTED, CommandState.FAILED, CommandState.UNKNOWN)
    newest = (
        Command.objects.filter(station=station, state__in=ends)
        .exclude(name__in=READS)
        .order_by("-pk")
        .first()
    )
    is_ok = newest is not None and newest.state == CommandState.ACCEPTED
    return Step(
        title="A command answered",
        optional=True,
        at=newest.ended_at if newest else None,
        shown=OK if is_ok else WAITING,
        text=f"{newest.name}: {newest.state}" if newest else "Try one: it shows both ways.",
        command="trigger_message",
    )


def _test_session(station: Station) -> Step:
    newest = (
        ChargingSession.objects.filter(station=station, received_at__gte=station.created_at)
        .order_by("-pk")
        .first()
    )
    if newest is None:
        return Step(
            title="A charging session", shown=WAITING, text="Plug in, and see one begin.", optional=True
        )
    metered = "" if newest.meter_last_at else ", no reading yet"
    return Step(
        title="A charging session",
        shown=OK if newest.meter_last_at else WAITING,
        text=f"{newest.state} at EVSE {newest.evse_id or 'unknown'}{metered}",
        at=newest.received_at,
        optional=True,
    )
