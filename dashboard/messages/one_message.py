"""One exchange as its page shows it: both sides as trees, what is wrong where, how another one differs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from dashboard.messages import frame_diff, frame_tree, frame_words, message_list, token_hiding
from dashboard.messages.frame_diff import Difference
from dashboard.messages.frame_tree import Finding
from dashboard.messages.message_list import Row
from emobi.core import clock
from emobi.core.errors import NotFound
from emobi.core.models import Network
from stations.models import Deviation, Frame, Kind

SHORTEST_REASON = 4
# An id, or the link to its page.
_PICKED = re.compile(r"(?:^|/messages/)([0-9]{1,18})/?(?:[?#].*)?$", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A frame of the exchange.

    Attributes:
        name: For ids in the page.
        text: As it may be seen: id tokens by their end unless they were revealed.
    """

    name: str
    frame: Frame
    text: str
    tree: SafeString
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Another exchange, and in what this one differs from it."""

    row: Row
    request: Sequence[Difference]
    answer: Sequence[Difference]


def sides(row: Row, *, revealed: bool) -> list[Side]:
    """Both frames, or the one that there is."""
    known = message_list.known_deviations(row)
    frames = [("first", row.frame), ("answer", row.answer)]
    return [_side(name, frame, known, revealed) for name, frame in frames if frame is not None]


def _side(name: str, frame: Frame, known: Sequence[Deviation], revealed: bool) -> Side:
    text = frame.text if revealed else token_hiding.hidden(frame.text)
    found = frame_tree.findings(frame, known)
    payload = frame_words.payload_of(text)
    return Side(name=name, frame=frame, text=text, tree=frame_tree.tree(payload, found), findings=found)


def hides(row: Row) -> bool:
    """Whether there is something to reveal."""
    return any(token_hiding.hides(frame.text) for frame in _frames(row))


def masked(row: Row) -> bool:
    """Whether something was taken out of it before it was stored."""
    return any(token_hiding.was_masked(frame.text) for frame in _frames(row))


def _frames(row: Row) -> list[Frame]:
    return [frame for frame in (row.frame, row.answer) if frame is not None]


def compared(network: Network, row: Row, other: str) -> Compared:
    """How the exchange differs from the one of the same action before it, or from the one of that id or link.

    Raises:
        NotFound: If there is no such exchange.
    """
    if other == "previous":
        found = message_list.previous(row)
    elif picked := _PICKED.search(other.strip()):
        found = message_list.exchange(network, int(picked[1]))
    else:
        found = None
    if found is None:
        raise NotFound("There is no such message to compare with.")
    return Compared(
        row=found,
        request=frame_diff.differences(_payload(found.frame), _payload(row.frame)),
        answer=frame_diff.differences(_payload(found.answer), _payload(row.answer)),
    )


def _payload(frame: Frame | None) -> object:
    return None if frame is None else frame_words.payload_of(token_hiding.hidden(frame.text))


def curl(row: Row, home: str) -> str:
    """The same message from the API."""
    query = {
        "station": row.station.identity if row.station else "",
        "action": row.frame.action if row.frame.kind == Kind.CALL else "",
        "from": clock.iso(row.frame.at),
        "limit": "1",
    }
    url = f"{home}api/v1/messages?{urlencode({name: value for name, value in query.items() if value})}"
    return f"curl -H 'Authorization: Bearer YOUR_KEY' '{url}'"
