"""What a station's connection and connectors were within a day, as their cards showed it at each moment.

A card goes by what its connector said last and by the session that runs there; both are followed through the
events. Not each of 1.6's finer words is an event: in a session its updates tell them, and an occupied
connector whose session is over is Finishing. Where that comes to something else than the card shows now, the
card is right.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Case, F, TextField, Value, When, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lag

from dashboard import statuses
from dashboard.plots.lanes import Lane, Span
from dashboard.station import evse_cards
from dashboard.station.evse_cards import EvseCard
from dashboard.statuses import Shown
from emobi.core import selectors as core
from emobi.core.events import (
    ConnectorStatusChanged,
    SessionEnded,
    SessionStarted,
    SessionUpdated,
    StationOffline,
    StationOnline,
)
from emobi.core.models import Event
from sessions.models import ChargingSession
from stations.models import Availability, Connectivity, Connector, Station

# What was before the day tells what was the case when it began.
BEFORE = timedelta(hours=6)
EVENTS = 3000

ONLINE = statuses.CONNECTIVITY[Connectivity.ONLINE]
OFFLINE = statuses.CONNECTIVITY[Connectivity.OFFLINE]

_CONNECTION = {StationOnline.type: ONLINE, StationOffline.type: OFFLINE}
_SESSION = (SessionStarted.type, SessionUpdated.type, SessionEnded.type)
_TYPES = (*_CONNECTION, *_SESSION, ConnectorStatusChanged.type)
# 1.6's words for a connector that is past its Preparing.
_CHARGED = ("Charging", "SuspendedEV", "SuspendedEVSE", "Finishing")

type Change = tuple[datetime, Shown]


def lanes(station: Station, cards: Sequence[EvseCard], since: datetime, now: datetime) -> list[Lane]:
    """Its connection, and each of its connectors; one query.

    Args:
        station: Whose.
        cards: What its connectors are by now.
        since: When the day began.
        now: When it ends.
    """
    told = _told(station, since - BEFORE)
    at_last = statuses.CONNECTIVITY[Connectivity(station.connectivity)]
    connection = _settled(_connection(station, told, since), at_last, station.connectivity_since)
    plugs = _Plugs([card.connector for card in cards], told, since)
    for event in told:
        plugs.take(event)
    return [
        Lane("Connection", list(_spans(connection, since, now))),
        *(Lane(_name(card.connector), list(_spans(plugs.settled(card), since, now))) for card in cards),
    ]


def _told(station: Station, since: datetime) -> Sequence[Event]:
    """What changed a state, the oldest first: of a session's updates those that brought another one.

    Where 1.6 told no state and power flows, it charges.
    """
    flows = When(ocpp_version="1.6", data__power_w__gt=0, then=Value("Charging"))
    state = Coalesce(KT("data__charging_state"), Case(flows), Value(""), output_field=TextField())
    before = Window(
        Lag(state, default=Value("?")),
        partition_by=[F("type"), KT("data__session_id")],
        order_by="sequence",
    )
    found = core.events_since(station.network, since).filter(station=station.identity, type__in=_TYPES)
    found = found.annotate(charging_state=state, state_before=before)
    news = found.exclude(type=SessionUpdated.type, state_before=F("charging_state"))
    return list(reversed(news.order_by("-sequence")[:EVENTS]))


def _connection(station: Station, told: Sequence[Event], since: datetime) -> list[Change]:
    """Nothing is known of a day before there was such a station."""
    changes = [(event.time, _CONNECTION[event.type]) for event in told if event.type in _CONNECTION]
    if station.created_at >= since:
        return changes
    if not changes:
        return [(since, statuses.CONNECTIVITY[Connectivity(station.connectivity)])]
    return [(min(since, changes[0][0]), ONLINE if changes[0][1] == OFFLINE else OFFLINE), *changes]


class _Plugs:
    """The connectors of a station on their way through a day, and how each was shown."""

    def __init__(self, now: Sequence[Connector], told: Sequence[Event], since: datetime) -> None:
        self._plugs = [_before(plug, told, since) for plug in now]
        self._running: dict[str, ChargingSession] = {}
        self.changes: dict[int, list[Change]] = {plug.pk: [] for plug in now}
        self._show(since - BEFORE)

    def take(self, event: Event) -> None:
        """What this did to them."""
        if event.type == ConnectorStatusChanged.type:
            for plug in self._plugs:
                if (plug.evse_id, plug.connector_id) == (event.data["evse_id"], event.data["connector_id"]):
                    plug.status, plug.detail = event.data["status"] or "", event.data["detail"] or ""
        elif event.type in _SESSION:
            self._take_session(event)
        self._show(event.time)

    def _take_session(self, event: Event) -> None:
        session_id, evse_id = event.data["session_id"], event.data["evse_id"]
        if event.type == SessionStarted.type:
            # The one before is over, even if nobody said so.
            self._running = {pk: each for pk, each in self._running.items() if each.evse_id != evse_id}
        session = self._running.setdefault(session_id, ChargingSession(pk=session_id))
        session.evse_id, session.connector_id = evse_id, event.data["connector_id"]
        if event.type == SessionUpdated.type:
            session.charging_state = vars(event)["charging_state"]
        if event.ocpp_version == "1.6":
            self._refine(session, ended=event.type == SessionEnded.type)
        if event.type == SessionEnded.type:
            del self._running[session_id]

    def _refine(self, session: ChargingSession, *, ended: bool) -> None:
        """The word that 1.6's connector said with it."""
        placed = evse_cards.placed(self._plugs, [session])
        for plug in self._plugs:
            if plug.pk in placed and plug.status == Availability.OCCUPIED:
                plug.detail = "Finishing" if ended else _word(session.charging_state, plug.detail)

    def _show(self, at: datetime) -> None:
        placed = evse_cards.placed(self._plugs, self._running.values())
        for plug in self._plugs:
            session = placed.get(plug.pk)
            shown = statuses.of_connector(plug, session.charging_state if session else "")
            changes = self.changes[plug.pk]
            if plug.status and (not changes or changes[-1][1] != shown):
                changes.append((at, shown))

    def settled(self, card: EvseCard) -> list[Change]:
        """How a connector was shown, in the end as its card shows it."""
        connector = card.connector
        known = bool(connector.status)
        return _settled(self.changes[connector.pk], card.shown, connector.reported_at) if known else []


def _before(now: Connector, told: Sequence[Event], since: datetime) -> Connector:
    """A connector before all of this; without a status where it isn't known."""
    first = next(
        (
            event
            for event in told
            if event.type == ConnectorStatusChanged.type
            and (event.data["evse_id"], event.data["connector_id"]) == (now.evse_id, now.connector_id)
        ),
        None,
    )
    plug = Connector(pk=now.pk, evse_id=now.evse_id, connector_id=now.connector_id)
    if first is not None:
        plug.status = first.data["previous"] or ""
    elif now.changed_at <= since:
        plug.status, plug.detail = now.status, now.detail
    return plug


def _word(charging_state: str, before: str) -> str:
    match charging_state:
        case "EVConnected":
            return "Finishing" if before in _CHARGED else "Preparing"
        case "Charging" | "SuspendedEV" | "SuspendedEVSE":
            return charging_state
    return before


def _settled(changes: Sequence[Change], shown: Shown, at: datetime) -> list[Change]:
    """The changes, ending with what is shown now: since ``at``, if nothing else is known to be later."""
    if changes and changes[-1][1] == shown:
        return list(changes)
    if not changes or at > changes[-1][0]:
        return [*changes, (at, shown)]
    return _settled(changes[:-1], shown, changes[-1][0])


def _spans(changes: Sequence[Change], since: datetime, now: datetime) -> Iterator[Span]:
    """What of it was within the day."""
    for index, (at, shown) in enumerate(changes):
        until = changes[index + 1][0] if index + 1 < len(changes) else now
        if until > since:
            yield Span(shown, max(at, since), until)


def _name(plug: Connector) -> str:
    return f"EVSE {plug.evse_id}" + (f", connector {plug.connector_id}" if plug.connector_id > 1 else "")
