"""A local list that is longer than one message: the first part as it was asked, changes to it after that.

Source: OCPP 2.0.1 part 2, D01.FR.03 and D01.FR.11; 1.6 section 9.2.3.
"""

import dataclasses
from collections.abc import Callable, Sequence

from gateway.adapter import Payload
from gateway.packing import limits_of, packed
from stations.commands.local_lists import SendLocalList, UpdateType
from stations.commands.outcome import Outcome
from stations.models import CommandState, Station

ACTION = "SendLocalList"


def split(
    asked: SendLocalList, station: Station, encode: Callable[[SendLocalList], Payload]
) -> list[SendLocalList]:
    """The parts, each with the version that the list has after it."""
    assert asked.version is not None
    messages = packed(
        asked.entries or (),
        limits_of(station, ACTION),
        action=ACTION,
        encode=lambda entries: encode(dataclasses.replace(asked, entries=tuple(entries))),
    )
    return [
        SendLocalList(
            update_type=asked.update_type if number == 0 else UpdateType.DIFFERENTIAL,
            version=asked.version + number,
            entries=tuple(entries),
        )
        for number, entries in enumerate(messages)
    ]


def join(asked: SendLocalList, outcomes: Sequence[Outcome]) -> Outcome:
    """That of the last part, with the version that the list has now; None where nothing was taken."""
    assert asked.version is not None
    taken = sum(outcome.state == CommandState.ACCEPTED for outcome in outcomes)
    version = asked.version + taken - 1 if taken else None
    last = outcomes[-1]
    return dataclasses.replace(last, detail={**last.detail, "version": version})
