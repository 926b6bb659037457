import pytest

from emobi.core import unit_of_work
from stations import frame_ids
from stations.models import Direction, Frame, Kind
from stations.services.log.frames import FrameLog
from tests.api.calling import Caller
from tests.stations.telling import after
from tests.stations.test_message_log import exchange


def ids(caller: Caller, path: str = "/messages", **filters) -> list[int]:
    return [int(message["id"]) for message in caller.get(path, **filters)["items"]]


def test_a_message_comes_with_its_pair_and_the_time_between_them(viewer, alpha):
    call_id, answer_id = exchange(alpha, 0, "BootNotification")
    answer, call = viewer.get("/messages")["items"]
    told = {
        "id": str(call_id),
        "at": "2026-05-04T12:00:00.000Z",
        "station": "alpha",
        "direction": "received",
        "kind": "call",
        "message_id": None,
        "action": "BootNotification",
        "error_code": None,
        "note": None,
        "frame": '[2,"0","BootNotification",{}]',
    }
    answered = {
        **told,
        "id": str(answer_id),
        "at": "2026-05-04T12:00:00.500Z",
        "direction": "sent",
        "kind": "result",
        "frame": '[3,"0",{}]',
    }
    assert call == {**told, "pair": answered, "round_trip_ms": 500}
    assert answer == {**answered, "pair": told, "round_trip_ms": 500}


def test_an_unanswered_call_has_no_pair_and_a_damaged_frame_no_id(viewer, alpha):
    with unit_of_work.begin() as work:
        about = {"network_id": alpha.network_id, "station_id": alpha.pk, "direction": Direction.RECEIVED}
        add = work.buffer(FrameLog).add
        add(**about, id=frame_ids.new(after(0)), at=after(0), kind=Kind.CALL, message_id="m", text="[2]")
        add(**about, id=frame_ids.new(after(1)), at=after(1), kind=Kind.DAMAGED, text="{", note="not JSON")
    damaged, call = viewer.get("/messages")["items"]
    assert (call["message_id"], call["pair"], call["round_trip_ms"]) == ("m", None, None)
    assert (damaged["kind"], damaged["message_id"], damaged["note"]) == ("damaged", None, "not JSON")


def test_each_filter_holds_alone_and_with_others(viewer, alpha, bravo):
    beat = exchange(alpha, 0)
    boot = exchange(alpha, 1, "BootNotification")
    failed = exchange(alpha, 2, "Hello", "NotImplemented")
    other = exchange(bravo, 3, "Hello", "SecurityError")
    cases = [
        ({}, [*other[::-1], *failed[::-1], *boot[::-1], *beat[::-1]]),
        ({"station": "bravo"}, [other[1], other[0]]),
        ({"station": "BRAVO"}, [other[1], other[0]]),
        ({"action": "BootNotification"}, [boot[1], boot[0]]),
        ({"direction": "received"}, [other[0], failed[0], boot[0], beat[0]]),
        ({"direction": "sent", "station": "bravo"}, [other[1]]),
        ({"kind": "call"}, [other[0], failed[0], boot[0], beat[0]]),
        ({"kind": "result"}, [boot[1], beat[1]]),
        ({"kind": "error"}, [other[1], failed[1]]),
        ({"kind": "damaged"}, []),
        ({"error_code": "SecurityError"}, [other[1]]),
        ({"from_": "2026-05-04T12:00:02Z"}, [other[1], other[0], failed[1], failed[0]]),
        ({"to": "2026-05-04T14:00:01+02:00"}, [beat[1], beat[0]]),
        ({"from_": "2026-05-04T12:00:01Z", "to": "2026-05-04T12:00:02Z"}, [boot[1], boot[0]]),
        ({"from_": "0001-01-01T00:00:00+14:00", "to": "2026-05-04T12:00:01Z"}, [beat[1], beat[0]]),
        ({"from_": "9999-12-31T23:59:59-14:00"}, []),
        ({"q": "bootNOT"}, [boot[0]]),
        ({"q": "%"}, []),
        ({"action": "Hello", "kind": "error", "error_code": "NotImplemented"}, [failed[1]]),
        ({"kind": "call", "error_code": "SecurityError"}, []),
        ({"error_code": ""}, []),
        ({"action": ""}, []),
    ]
    for filters, expected in cases:
        assert ids(viewer, **filters) == expected, filters


def test_a_station_without_an_identity_is_none(viewer, alpha):
    exchange(alpha, 0)
    viewer.get("/messages", expect=404, station="")


def test_a_stations_messages_are_those_of_the_network_that_are_its_own(viewer, alpha, bravo):
    mine = exchange(alpha, 0)
    exchange(bravo, 1)
    assert ids(viewer, "/stations/alpha/messages") == [mine[1], mine[0]]
    assert ids(viewer, "/stations/ALPHA/messages", kind="call") == [mine[0]]


@pytest.mark.parametrize("filters", [{}, {"kind": "call"}, {"q": "Heartbeat"}, {"station": "alpha"}])
@pytest.mark.parametrize("limit", [1, 3, 500])
def test_pages_follow_each_other_without_gap_or_repetition(viewer, alpha, filters, limit):
    for seconds in range(5):
        exchange(alpha, seconds)
    paged = [int(message["id"]) for message in viewer.all("/messages", limit, **filters)]
    assert paged == ids(viewer, **filters)
    assert len(paged) == (5 if filters.keys() & {"kind", "q"} else 10)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "answer"}, "kind"),
        ({"direction": "up"}, "direction"),
        ({"from_": "noon"}, "from"),
        ({"from_": "2026-05-04T12:00:00"}, "from"),
        ({"to": "2026-05-04"}, "to"),
        ({"q": "x" * 201}, "q"),
        ({"q": "\0"}, "q"),
        ({"cursor": "eA"}, "cursor"),
        ({"limit": 501}, "limit"),
    ],
)
def test_a_query_that_cant_be_is_a_422_that_names_the_field(viewer, alpha, query, field):
    for path in ("/messages", "/stations/alpha/messages"):
        told = viewer.get(path, expect=422, **query)
        assert [error["field"] for error in told["errors"]] == [field]


def test_a_station_that_isnt_there_is_a_404(viewer):
    viewer.get("/messages", expect=404, station="nowhere")
    viewer.get("/stations/nowhere/messages", expect=404)


def test_messages_outlive_their_station(viewer, alpha, django_assert_max_num_queries):
    for seconds in range(5):
        exchange(alpha, seconds)
    alpha.delete()
    viewer.get("/me")  # notes the key's use, once a minute
    with django_assert_max_num_queries(4):
        messages = viewer.get("/messages")["items"]
    assert len(messages) == 10
    assert {message["station"] for message in messages} == {None}
    assert {message["pair"]["station"] for message in messages} == {None}


def test_ids_of_frames_are_text_for_readers_whose_numbers_end_at_2_to_53(viewer, alpha):
    exchange(alpha, 0)
    told = viewer.get("/messages")["items"][0]["id"]
    assert int(told) > 2**53
    assert Frame.objects.filter(pk=int(told)).exists()
