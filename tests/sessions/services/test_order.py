"""A transaction of 2.0.1 is the same in the end, in whatever order and however often its parts come."""

import itertools
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emobi.core import clock, unit_of_work
from emobi.core.models import Event
from sessions.models import ChargingSession, MeterValue
from sessions.reports import TransactionEnd, TransactionStart, TransactionUpdate
from sessions.services import charging_sessions
from tests.sessions.said import GOOD, after, ended, reading, started, updated

type Part = TransactionStart | TransactionUpdate | TransactionEnd

transaction_ids = (f"tx-{count}" for count in itertools.count())

# What tells one run from another, and what is by our clock: when its parts came.
OF_THE_RUN = {"id", "transaction_id", "start_key", "received_at", "heard_at", "flow"}


def parts(name: str, steps: int, token_at: int, offline_at: int) -> list[Part]:
    """A transaction from its start to its end; its token is shown, and it is offline, at one of its parts."""

    def said(seq_no):
        token = GOOD if seq_no == token_at else None
        return {"transaction_id": name, "offline": seq_no == offline_at} | ({"token": token} if token else {})

    first = started(**{"token": None, "remote_start_id": 7, **said(0)})
    between: list[Part] = [
        updated(
            seq_no,
            seq_no,
            **{
                "charging_state": "Charging" if seq_no % 2 else None,
                "readings": (reading(seq_no, 1000 + 50 * seq_no, power=3000, soc=20 + seq_no),),
                **said(seq_no),
            },
        )
        for seq_no in range(1, steps + 1)
    ]
    last = ended(steps + 1, minutes=steps + 1, transaction_id=name, offline=steps + 1 == offline_at)
    return [first, *between, last]


def come(station, batches: Sequence[Sequence[Part]]) -> None:
    """Have the parts handled, those of a batch in one unit of work."""
    for minutes, batch in enumerate(batches):
        with unit_of_work.begin(), clock.at(after(minutes)):
            for part in batch:
                match part:
                    case TransactionStart():
                        charging_sessions.start(station, part)
                    case TransactionUpdate():
                        charging_sessions.update(station, part)
                    case TransactionEnd():
                        charging_sessions.end(station, part)


def outcome(name: str) -> tuple[dict[str, object], list[float | None], list[str]]:
    """The session, its readings, and which events tell its life."""
    row: dict[str, object] = {**ChargingSession.objects.filter(transaction_id=name).values().get()}
    readings = MeterValue.objects.filter(session=row["id"]).order_by("at").values_list("energy_wh", flat=True)
    events = Event.objects.filter(
        data__transaction_id=name, type__in=["session.started", "session.ended"]
    ).values_list("type", flat=True)
    return {key: row[key] for key in row.keys() - OF_THE_RUN}, list(readings), sorted(events)


@st.composite
def arrivals(draw):
    """A transaction's shape, and how its parts come: positions, some twice, cut into batches."""
    steps = draw(st.integers(min_value=0, max_value=5))
    numbers = range(steps + 2)
    again = draw(st.lists(st.sampled_from(numbers), max_size=5))
    order = draw(st.permutations([*numbers, *again]))
    cuts = draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    batches: list[list[int]] = [[]]
    for position, cut in zip(order, cuts, strict=True):
        if cut:
            batches.append([])
        batches[-1].append(position)
    shape = (steps, draw(st.integers(0, steps)), draw(st.integers(-1, steps + 1)))
    return shape, batches


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals())
def test_the_order_of_parts_leaves_no_trace(bravo, arrival):
    shape, batches = arrival
    straight, shuffled = next(transaction_ids), next(transaction_ids)
    come(bravo, [[part] for part in parts(straight, *shape)])
    said = parts(shuffled, *shape)
    come(bravo, [[said[position] for position in batch] for batch in batches])

    session, readings, events = outcome(shuffled)
    assert (session, readings, events) == outcome(straight)
    assert events == ["session.ended", "session.started"]
    assert (session["state"], session["suspect"]) == ("ended", [])
    assert len(readings) == len(said)
