from typing import Any

import pytest

from emobi.core import unit_of_work
from stations import exchange_log, frame_ids, message_log
from stations.message_log import Filter
from stations.models import Direction, Frame, Kind, Station
from stations.services.log.frames import FrameLog
from tests.stations.telling import after


def exchange(
    station: Station, seconds: float, action: str = "Heartbeat", error_code: str = ""
) -> tuple[int, int]:
    """A CALL from the station and our answer half a second later; their ids."""
    received, answered = after(seconds), after(seconds + 0.5)
    call_id, answer_id = frame_ids.new(received), frame_ids.new(answered)
    kind = Kind.ERROR if error_code else Kind.RESULT
    with unit_of_work.begin() as work:
        add = work.buffer(FrameLog).add
        about: dict[str, Any] = {"network_id": station.network_id, "station_id": station.pk, "action": action}
        add(
            **about, id=call_id, at=received, direction=Direction.RECEIVED, kind=Kind.CALL, pair_id=answer_id,
            text=f'[2,"{seconds}","{action}",{{}}]',
        )  # fmt: skip
        add(
            **about, id=answer_id, at=answered, direction=Direction.SENT, kind=kind, pair_id=call_id,
            error_code=error_code, text=f'[3,"{seconds}",{{}}]', round_trip_ms=500,
        )  # fmt: skip
    return call_id, answer_id


def found(network, **filters) -> list[int]:
    limit = filters.pop("limit", 100)
    page = message_log.page(Filter(network_id=network.pk, **filters), limit=limit)
    return [item.frame.pk for item in page.items]


def test_the_newest_frames_come_first_with_their_stations_and_pairs(network, alpha, bravo):
    one = exchange(alpha, 0)
    other = exchange(bravo, 1)
    page = message_log.page(Filter(network_id=network.pk))
    assert [item.frame.pk for item in page.items] == [other[1], other[0], one[1], one[0]]
    assert [item.pair.pk if item.pair else None for item in page.items] == [
        other[0],
        other[1],
        one[0],
        one[1],
    ]
    assert [item.frame.station.identity for item in page.items] == ["bravo", "bravo", "alpha", "alpha"]
    assert page.next is None


def test_another_networks_frames_are_never_found(network, alpha, stranger):
    exchange(stranger, 0)
    assert found(network) == []
    assert found(network, station_id=stranger.pk) == []
    assert found(network, text="Heartbeat") == []


def test_a_pair_that_isnt_kept_is_none(network, alpha):
    call_id, answer_id = exchange(alpha, 0)
    Frame.objects.filter(pk=answer_id).delete()
    (item,) = message_log.page(Filter(network_id=network.pk)).items
    assert (item.frame.pk, item.pair) == (call_id, None)


def test_each_filter_holds_alone_and_with_others(network, alpha, bravo):
    beat = exchange(alpha, 0)
    boot = exchange(alpha, 1, "BootNotification")
    failed = exchange(alpha, 2, "Hello", "NotImplemented")
    other = exchange(bravo, 3, "Hello", "SecurityError")
    cases: list[tuple[dict, list[int]]] = [
        ({"station_id": bravo.pk}, [other[1], other[0]]),
        ({"action": "BootNotification"}, [boot[1], boot[0]]),
        ({"direction": Direction.RECEIVED}, [other[0], failed[0], boot[0], beat[0]]),
        ({"kind": Kind.RESULT}, [boot[1], beat[1]]),
        ({"kind": Kind.ERROR}, [other[1], failed[1]]),
        ({"kind": Kind.DAMAGED}, []),
        ({"error_code": "SecurityError"}, [other[1]]),
        ({"since": after(2)}, [other[1], other[0], failed[1], failed[0]]),
        ({"until": after(1)}, [beat[1], beat[0]]),
        ({"since": after(1), "until": after(2)}, [boot[1], boot[0]]),
        ({"text": "bootNOT"}, [boot[0]]),
        ({"station_id": alpha.pk, "action": "Hello"}, [failed[1], failed[0]]),
        ({"station_id": alpha.pk, "kind": Kind.ERROR}, [failed[1]]),
        ({"action": "Hello", "kind": Kind.ERROR, "error_code": "NotImplemented"}, [failed[1]]),
        ({"action": "Hello", "direction": Direction.RECEIVED, "text": '"2"', "since": after(1)}, [failed[0]]),
        ({"action": "Goodbye"}, []),
        ({"kind": Kind.CALL, "error_code": "SecurityError"}, []),
        ({"station_id": bravo.pk, "kind": Kind.RESULT, "error_code": "SecurityError"}, []),
        ({"error_code": ""}, []),
        ({"action": ""}, []),
        ({"text": "", "station_id": bravo.pk}, [other[1], other[0]]),
    ]
    for filters, expected in cases:
        assert found(network, **filters) == expected, filters


@pytest.mark.parametrize("text", ["100%", "a_b", "back\\slash", "it's", '"quoted"', "%s", "{0}"])
def test_a_text_is_looked_for_to_the_letter(network, alpha, text):
    for number, body in enumerate([text, "100 a b backslash its quoted s"]):
        with unit_of_work.begin() as work:
            work.buffer(FrameLog).add(
                id=frame_ids.new(after(number)), at=after(number), network_id=network.pk, station_id=alpha.pk,
                direction=Direction.RECEIVED, kind=Kind.DAMAGED, text=f"before {body} after",
            )  # fmt: skip
    page = message_log.page(Filter(network_id=network.pk, text=text))
    assert [item.frame.text for item in page.items] == [f"before {text} after"]


FILTERS = [
    {},
    {"action": "Heartbeat"},
    {"direction": Direction.RECEIVED},
    {"text": "Heartbeat"},
    {"kind": Kind.CALL},
]


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_follow_each_other_without_gap_or_repetition(network, alpha, filters, limit):
    for seconds in range(5):
        exchange(alpha, seconds)
        exchange(alpha, seconds, "MeterValues")
    wanted = Filter(network_id=network.pk, **filters)
    everything = [item.frame.pk for item in message_log.page(wanted, limit=500).items]
    paged: list[int] = []
    before = None
    for _ in range(30):
        page = message_log.page(wanted, before=before, limit=limit)
        assert len(page.items) <= limit
        paged += [item.frame.pk for item in page.items]
        before = page.next
        if before is None:
            break
    assert paged == everything
    assert len(everything) >= 5


def test_what_came_after_a_frame_is_read_oldest_first(network, alpha):
    ids = [frame_id for seconds in range(3) for frame_id in exchange(alpha, seconds)]
    page = message_log.page(Filter(network_id=network.pk), after=ids[1], limit=3)
    assert [item.frame.pk for item in page.items] == ids[2:5]
    assert page.next == ids[4]
    page = message_log.page(Filter(network_id=network.pk), after=page.next, limit=3)
    assert ([item.frame.pk for item in page.items], page.next) == (ids[5:], None)


def test_a_search_that_finds_little_stops_and_goes_on_at_the_next_page(network, alpha, monkeypatch):
    monkeypatch.setattr(message_log, "MOST_ROWS", 5)
    boot = exchange(alpha, 0, "BootNotification")
    for seconds in range(1, 6):
        exchange(alpha, seconds)
    wanted = Filter(network_id=network.pk, text="BootNotification")
    pages, before = [], None
    while True:
        page = message_log.page(wanted, before=before)
        pages.append([item.frame.pk for item in page.items])
        before = page.next
        if before is None:
            break
    assert pages == [[], [], [boot[0]]]


def test_a_search_with_an_expression_stops_after_half_as_much(network, alpha, monkeypatch):
    monkeypatch.setattr(exchange_log, "MOST_ROWS", 8)
    boot = exchange(alpha, 0, "BootNotification")
    for seconds in range(1, 4):
        exchange(alpha, seconds)
    plain = exchange_log.Wanted(network_id=network.pk, texts=["BootNotification"])
    assert [each.frame.pk for each in exchange_log.page(plain).items] == [boot[0]]
    wanted = exchange_log.Wanted(
        network_id=network.pk, patterns=[exchange_log.Pattern(expression="Boot.*ion", holds=["Boot"])]
    )
    first = exchange_log.page(wanted)
    assert not first.items
    assert [each.frame.pk for each in exchange_log.page(wanted, before=first.next).items] == [boot[0]]


@pytest.mark.parametrize("filters", [*FILTERS, {"kind": Kind.ERROR}, {"text": "nothing like it"}])
def test_a_page_costs_the_same_queries_however_long_it_is(
    network, alpha, filters, django_assert_max_num_queries
):
    for seconds in range(20):
        exchange(alpha, seconds, error_code="NotImplemented" if seconds % 2 else "")
    # The frames, where a search ended, their pairs, their stations.
    with django_assert_max_num_queries(4):
        message_log.page(Filter(network_id=network.pk, **filters), limit=50)
