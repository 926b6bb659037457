"""What a station said last on its socket before, and what it was answered: it may say that again.

A station that lost its socket before the answer came can't know that it was heard, and sends the CALL again
on the next one, with the message id that it had (OCPP 1.6-J, errata 2025-04, 3.1). What is to be known of the
first one is in the message log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emobi.core.batch import Found, Query
from stations import frame_ids, masking
from stations.models import Direction, Kind
from stations.services.log.frames import storable

# So long after it was said it may be said again. Who counts its ids from one on each socket says much that is
# the same to the letter, and means it anew.
WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LastCall:
    """The text of a CALL, and that of its answer, a CALLRESULT."""

    text: str
    answer: str


class LastCalls:
    """The last CALLs of stations, read for all those of a batch that may be repetitions."""

    def __init__(self) -> None:
        self._expected: list[tuple[int, str, datetime]] = []
        self._found: dict[int, LastCall] = {}

    def expect(self, station_id: int, message_id: str, at: datetime) -> None:
        """Have the last CALL that a station sent before ``at`` read, if it has this message id."""
        self._expected.append((station_id, storable(message_id), at))

    def of(self, station_id: int, text: str) -> LastCall | None:
        """The last CALL of the station if it is this text, to the letter, and all of its answer is known."""
        found = self._found.get(station_id)
        # Of what was masked nobody knows any more what it was.
        return found if found and found.text == text and masking.MASK not in text + found.answer else None

    def wanted(self) -> Query | None:
        """What reads those that are expected."""
        if not self._expected:
            return None
        rows = [
            {"s": station_id, "m": message_id, "i": frame_ids.lowest(at - WITHIN)}
            for station_id, message_id, at in self._expected
        ]
        times = [at for _, _, at in self._expected]
        self._expected.clear()
        return statement(min(times) - WITHIN, max(times)), rows

    def take_in(self, found: Found) -> None:
        """Know them from now on."""
        for station_id, text, answer in found:
            self._found[station_id] = LastCall(text, answer)

    def flush(self) -> Sequence[Query]:
        """Nothing: it only reads."""
        return ()


def statement(since: datetime, until: datetime) -> str:
    """What reads them from the days of these times alone: days are partitions, and there are ninety of them.

    A CALL without an answer of its own had no effect: it was refused, or a repetition already.
    """
    low = frame_ids.first_of(since.date())
    high = frame_ids.first_of(until.date() + timedelta(days=1))
    return f"""
SELECT wanted.s, called.text, answer.text
FROM jsonb_to_recordset(%s::jsonb) AS wanted(s bigint, m text, i bigint)
CROSS JOIN LATERAL (
    SELECT message_id, text, pair_id FROM stations_frame
    WHERE station_id = wanted.s AND id >= wanted.i AND id >= {low} AND id < {high}
        AND direction = {Direction.RECEIVED:d} AND kind = {Kind.CALL:d} AND pair_id IS NOT NULL
    ORDER BY id DESC LIMIT 1
) AS called
CROSS JOIN LATERAL (
    SELECT text FROM stations_frame
    WHERE id = called.pair_id AND id >= {low} AND id < {high} AND kind = {Kind.RESULT:d} OFFSET 0
) AS answer
WHERE called.message_id = wanted.m
"""
