"""The tokens that the drivers of a batch show, and what runs on them: read for all of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson
from django.db.models import Q, Value
from django.db.models.functions import Lower

from emobi.core import batch, clock, unit_of_work
from emobi.core.batch import Found, Query
from sessions.allowed_evses import Place
from sessions.models import ChargingSession, SessionState
from sessions.services.open_sessions import OpenSessions
from stations.models import Connectivity

# Texts are compared as the unique index has them: in lower case by the database's rules, not by Python's.
# What runs on a token matters only if it may have but one session; more than a batch can end is enough then.
_MOST_RUNNING = 1000

# A session that was last heard of so long ago keeps nobody from charging if its station is offline: a station
# that died may never say that the car has left.
SILENT_FOR = timedelta(hours=12)

_READ = f"""
SELECT said.id_token, token.id, token.network_id, token.type, status, expires_at, "group", master_pass,
    concurrent, allowed_evses, charging_priority, language1, language2, personal_message,
    coalesce(tariff_id, (
        SELECT id FROM charging_tariff AS tariff
        WHERE tariff.network_id = token.network_id AND tariff."default" AND replaced_at IS NULL
    )),
    CASE WHEN concurrent THEN '[]' ELSE to_jsonb(ARRAY(
        SELECT jsonb_build_array(session.id, session.station_id, session.evse_id)
        FROM charging_chargingsession AS session
        WHERE session.network_id = token.network_id AND lower(session.id_token) = lower(token.id_token)
            AND session.state = 'active' AND (
                session.heard_at >= said.silent_since
                OR (SELECT connectivity FROM stations_station WHERE id = session.station_id) <> 'offline'
            )
        LIMIT {_MOST_RUNNING}
    )) END
FROM jsonb_to_recordset(%s::jsonb) AS said(network_id bigint, id_token text, silent_since timestamptz)
CROSS JOIN LATERAL (
    SELECT * FROM charging_idtoken
    WHERE network_id = said.network_id AND lower(id_token) = lower(said.id_token) OFFSET 0
) AS token
"""


class Running(NamedTuple):
    """A session that runs on a token: which, and where."""

    session_id: str
    station_id: int
    evse_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownToken:
    """What an operator says of a token; ``running`` is what ran on it when it was read.

    Stations may spell it each in its own way: ``spellings``.
    """

    network_id: int
    type: str
    status: str
    expires_at: datetime | None
    group: str
    master_pass: bool
    concurrent: bool
    allowed_evses: list[Place]
    charging_priority: int
    language1: str
    language2: str
    personal_message: str
    tariff_id: int | None
    running: tuple[Running, ...]
    spellings: set[str] = field(default_factory=set)


class ShownTokens:
    """The tokens that a unit of work is about, as they are in the database; nothing is written here."""

    def __init__(self) -> None:
        self._expected: set[tuple[int, str]] = set()
        self._tokens: dict[tuple[int, str], ShownToken | None] = {}
        self._by_id: dict[int, ShownToken] = {}

    def expect(self, network_id: int, id_token: str) -> None:
        """Have this token read with all that are expected, when the first of them is asked for."""
        if (network_id, id_token) not in self._tokens:
            self._expected.add((network_id, id_token))

    def named(self, network_id: int, id_token: str) -> ShownToken | None:
        """The network's token of this name, in whatever case."""
        self.expect(network_id, id_token)
        query = self.wanted()
        if query is not None:
            self.take_in(batch.execute(*query))
        return self._tokens[network_id, id_token]

    def running(self, token: ShownToken) -> Iterator[Running]:
        """What runs on the token, this unit of work's own sessions included."""
        return _with_own(token.network_id, token.spellings, token.running)

    def running_on(self, network_id: int, id_token: str) -> Iterator[Running]:
        """The same for a token that the network's table doesn't have; one query."""
        active = ChargingSession.objects.alias(lower=Lower("id_token")).filter(
            network=network_id, state=SessionState.ACTIVE, lower=Lower(Value(id_token))
        )
        gone = Q(heard_at__lt=_silent_since(), station__connectivity=Connectivity.OFFLINE)
        read = active.exclude(gone).values_list("id", "station_id", "evse_id")[:_MOST_RUNNING]
        return _with_own(network_id, [id_token], [Running(*one) for one in read])

    def flush(self) -> Sequence[Query]:
        """Nothing was changed."""
        return ()

    def wanted(self) -> Query | None:
        """What reads the tokens that are expected."""
        if not self._expected:
            return None
        self._tokens |= dict.fromkeys(self._expected)
        since = _silent_since()
        rows = [
            {"network_id": network_id, "id_token": text, "silent_since": since}
            for network_id, text in self._expected
        ]
        self._expected.clear()
        return (_READ, rows)

    def take_in(self, found: Found) -> None:
        """Know them from now on."""
        for text, pk, *said in found:
            token = self._by_id.setdefault(pk, _token(*said))
            token.spellings.add(text)
            self._tokens[token.network_id, text] = token


def _silent_since() -> datetime:
    return clock.now() - SILENT_FOR


def _with_own(network_id: int, spellings: Iterable[str], found: Iterable[Running]) -> Iterator[Running]:
    """What was read, as this unit of work has left it, and what it has begun itself."""
    sessions = unit_of_work.current().buffer(OpenSessions)
    own: list[ChargingSession] = []
    for spelling in spellings:
        own.extend(sessions.on_token(network_id, spelling))
    for read in found:
        known = sessions.in_memory(read.session_id)
        if known is None:
            yield read
        else:
            own.append(known)
    for session in own:
        if session.state == SessionState.ACTIVE:
            yield Running(session.id, session.station_id, session.evse_id)


def _token(
    network_id: int,
    kind: str,
    status: str,
    expires_at: datetime | None,
    group: str,
    master_pass: bool,
    concurrent: bool,
    allowed_evses: str,
    charging_priority: int,
    language1: str,
    language2: str,
    personal_message: str,
    tariff_id: int | None,
    running: str,
) -> ShownToken:
    return ShownToken(
        network_id=network_id,
        type=kind,
        status=status,
        expires_at=expires_at,
        group=group,
        master_pass=master_pass,
        concurrent=concurrent,
        allowed_evses=orjson.loads(allowed_evses),
        charging_priority=charging_priority,
        language1=language1,
        language2=language2,
        personal_message=personal_message,
        tariff_id=tariff_id,
        running=tuple(Running(*one) for one in orjson.loads(running)),
    )
