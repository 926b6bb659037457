"""What pages and the API read of charging."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from emobi.core import clock, errors
from emobi.core.models import Network
from sessions.models import ChargingSession, IdToken, MeterValue, SessionState, Tariff
from stations.models import DisplayMessage, Station


def charging_sessions(
    network: Network,
    *,
    station: str | None = None,
    evse_id: int | None = None,
    state: str | None = None,
    id_token: str | None = None,
    suspect: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
) -> QuerySet[ChargingSession]:
    """Sessions of a network with their stations, the newest first.

    Args:
        station: Identity.
        id_token: In whatever case.
        since: Started then or later, by the station's clock; ``until``: before then.
        before: Id of the last session of the page before.
    """
    found = ChargingSession.objects.filter(network=network)
    if station is not None:
        found = found.filter(station__identity=station)
    if evse_id is not None:
        found = found.filter(evse_id=evse_id)
    if state is not None:
        found = found.filter(state=state)
    if id_token is not None:
        found = found.filter(id_token__iexact=id_token)
    if suspect is not None:
        found = found.exclude(suspect=[]) if suspect else found.filter(suspect=[])
    if since is not None:
        found = found.filter(started_at__gte=since)
    if until is not None:
        found = found.filter(started_at__lt=until)
    if before is not None:
        found = found.filter(id__lt=before)
    return found.select_related("station", "tariff").order_by("-id")


def charging_session(network: Network, session_id: str) -> ChargingSession:
    """One session with its station.

    Raises:
        NotFound: If this network has no such session.
    """
    found = (
        ChargingSession.objects.select_related("station", "tariff")
        .filter(network=network, id=session_id)
        .first()
    )
    if found is None:
        raise errors.NotFound("no such session")
    return found


def of_station(station: Station, session_id: str) -> ChargingSession | None:
    """A session of that station; None if it has none of that id."""
    return ChargingSession.objects.filter(station=station, id=session_id).first()


def meter_values(
    session: ChargingSession, *, after: tuple[datetime, int] | None = None
) -> QuerySet[MeterValue]:
    """Readings of a session in the order in which they were taken; ``after`` the last one's time and id."""
    found = MeterValue.objects.filter(session=session.id)
    if after is not None:
        at, last_id = after
        found = found.filter(Q(at__gt=at) | Q(at=at, id__gt=last_id))
    return found.order_by("at", "id")


def running_at(stations: QuerySet[Station]) -> int:
    """How many sessions run at these stations. One query."""
    there = stations.order_by().values("pk")
    return ChargingSession.objects.filter(station__in=there, state=SessionState.ACTIVE).count()


def active_sessions(station_ids: Collection[int]) -> dict[int, list[ChargingSession]]:
    """What runs at these stations, by station, the newest last; in one query."""
    running: dict[int, list[ChargingSession]] = {station_id: [] for station_id in station_ids}
    for session in ChargingSession.objects.filter(
        station_id__in=station_ids, state=SessionState.ACTIVE
    ).order_by("id"):
        running[session.station_id].append(session)
    return running


def id_token(network_id: int, text: str) -> IdToken | None:
    """The network's token of this name, in whatever case."""
    # As the unique index has it: lower case by the database's rules, not by Python's.
    found = IdToken.objects.alias(lower=Lower("id_token"))
    return found.filter(network_id=network_id, lower=Lower(Value(text))).first()


def id_tokens(
    network: Network,
    *,
    q: str | None = None,
    status: str | None = None,
    group: str | None = None,
    before: int | None = None,
) -> QuerySet[IdToken]:
    """Tokens of a network, the newest first; ``q`` is a part of token or note, ``before`` a row's id."""
    found = IdToken.objects.filter(network=network)
    if q:
        found = found.filter(Q(id_token__icontains=q) | Q(note__icontains=q))
    if status is not None:
        found = found.filter(status=status)
    if group is not None:
        found = found.filter(group=group)
    if before is not None:
        found = found.filter(id__lt=before)
    return found.select_related("tariff").order_by("-id")


def tariffs(network: Network, *, before: int | None = None) -> QuerySet[Tariff]:
    """Tariffs in force, the newest first; ``before`` is the row of the last of the page before."""
    found = Tariff.objects.filter(network=network, replaced_at=None)
    if before is not None:
        found = found.filter(id__lt=before)
    return found.order_by("-id")


def display_messages(station: Station, *, after: int | None = None) -> QuerySet[DisplayMessage]:
    """What a station's display has to show, in the order in which it was set; ``after``: after that row.

    A station removes by itself what has ended (OCPP 2.0.1, O01.FR.07, O02.FR.02).
    """
    over = ChargingSession.objects.filter(
        station=station, transaction_id=OuterRef("transaction_id"), ended_at__isnull=False
    )
    found = DisplayMessage.objects.filter(~Exists(over), station=station).exclude(end_at__lte=clock.now())
    return (found if after is None else found.filter(pk__gt=after)).order_by("pk")
