"""The message log, and one exchange of it."""

import pytest

from dashboard.filters import MessageFilter
from dashboard.messages import message_list
from emobi.core import clock, unit_of_work
from stations import frame_ids
from stations.models import Kind, Station
from stations.services.log.frames import FrameLog
from tests.dashboard.state import exchange
from tests.statements import counted


@pytest.fixture
def log(alpha, bravo):
    """Some exchanges, by name."""
    return {
        "status": exchange(alpha, "StatusNotification", {"status": "Charging", "connectorId": 1}, {}),
        "reset": exchange(bravo, "Reset", {"type": "Immediate"}, {"status": "Rejected"}, sent=True),
        "failed": exchange(bravo, "NotifyEvent", {"eventData": []}, error="NotImplemented"),
        "silent": exchange(alpha, "TriggerMessage", {"requestedMessage": "Heartbeat"}, sent=True),
        "damaged": damaged(alpha),
    }


def damaged(station):
    now = clock.wall()
    with unit_of_work.begin() as work:
        work.buffer(FrameLog).add(
            id=frame_ids.new(now), at=now, network_id=station.network_id, station_id=station.pk, direction=0,
            kind=Kind.DAMAGED, text="[2,,", note="not JSON",
        )  # fmt: skip
    return station.frames.order_by("-pk").first().pk


def rows(network, **wanted):
    return message_list.page(network, MessageFilter(**wanted)).rows


def text(response):
    return " ".join(response.content.decode().split())


def test_a_call_and_its_answer_are_one_row(log, network):
    assert [row.frame.pk for row in rows(network)] == list(reversed(log.values()))


def test_a_row_tells_what_came_of_it(log, network):
    by_name = {row.frame.pk: row.result.word for row in rows(network)}
    assert {name: by_name[pk] for name, pk in log.items()} == {
        "status": "Answered",
        "reset": "Rejected",
        "failed": "NotImplemented",
        "silent": "No answer",
        "damaged": "Not OCPP",
    }


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"station": "BRAVO"}, ["failed", "reset"]),
        ({"station": "nobody"}, []),
        ({"action": "Reset"}, ["reset"]),
        ({"direction": "sent"}, ["silent", "reset"]),
        ({"kind": "error"}, ["failed"]),
        ({"kind": "damaged"}, ["damaged"]),
        ({"error_code": "NotImplemented"}, ["failed"]),
        ({"q": "immediate"}, ["reset"]),
        ({"until": "2020-01-01T00:00"}, []),
        ({"since": "2020-01-01T00:00", "action": "Reset"}, ["reset"]),
    ],
)
def test_filters_narrow_the_log(log, network, wanted, found):
    exchanges = {(row.frame.pk, row.frame.pair_id) for row in rows(network, **wanted)}
    expected = {name: pk for name, pk in log.items() if name in found}
    assert len(exchanges) == len(found)
    assert all(any(pk in exchange for exchange in exchanges) for pk in expected.values())


def test_what_cannot_be_a_filter_is_none(log, viewer):
    query = "?kind=sideways&since=yesterday&until=0001-01-01T00:00&after=x&q=%00&station=%00"
    assert "NotImplemented" in text(viewer.get(f"/messages/{query}"))


def test_pages_follow_each_other_without_a_gap(log, network, monkeypatch):
    monkeypatch.setattr(message_list, "FRAMES", 2)
    seen, wanted = [], MessageFilter()
    while True:
        page = message_list.page(network, wanted)
        seen += [row.frame.pk for row in page.rows]
        if not page.next:
            break
        wanted = MessageFilter(after=page.next.partition("=")[2])
    assert seen == list(reversed(log.values()))


def test_an_exchange_has_both_frames_and_how_long_it_took(log, viewer):
    html = text(viewer.get(f"/messages/{log['reset']}/"))
    for shown in ("CALL to the station", "CALLRESULT from the station", "8 ms", "Immediate", "Rejected"):
        assert shown in html


def test_an_answer_leads_to_the_same_exchange(log, network, viewer):
    answer = message_list.exchange(network, log["reset"]).answer
    assert answer is not None
    html = text(viewer.get(f"/messages/{answer.pk}/"))
    assert html.index("CALL to the station") < html.index("CALLRESULT from the station")


def test_a_call_without_an_answer_says_so(log, viewer):
    assert "The station gave none, or not yet." in text(viewer.get(f"/messages/{log['silent']}/"))


def test_what_is_no_ocpp_is_shown_as_it_came(log, viewer):
    html = text(viewer.get(f"/messages/{log['damaged']}/"))
    assert ">[2,,</pre>" in html
    assert "not JSON" in html


def test_neighbours_are_those_of_the_same_station(log, viewer):
    html = text(viewer.get(f"/messages/{log['reset']}/")).partition("Around it")[2]
    assert "NotifyEvent" in html
    assert "StatusNotification" not in html


def test_a_message_of_a_station_that_was_deleted_can_still_be_read(log, bravo, viewer):
    Station.objects.filter(pk=bravo.pk).delete()
    assert viewer.get(f"/messages/{log['reset']}/").status_code == 200
    assert "deleted" in text(viewer.get("/messages/"))


@pytest.mark.parametrize("number", [1, 2**63, 10**30])
def test_a_message_that_is_not_there_is_not_found(log, viewer, number):
    assert viewer.get(f"/messages/{number}/").status_code == 404


def test_an_empty_log_and_a_filter_that_leaves_nothing_are_told_apart(network, viewer):
    assert "No message yet" in text(viewer.get("/messages/"))
    assert "No message fits" in text(viewer.get("/messages/?action=Reset"))


def test_a_page_of_any_length_costs_the_same_few_queries(alpha, viewer):
    def cost():
        with counted() as statements:
            assert viewer.get("/messages/").status_code == 200
        return len(statements)

    exchange(alpha, "Heartbeat", {}, {})
    few = cost()
    for _ in range(10):
        exchange(alpha, "Heartbeat", {}, {})
    assert cost() == few <= 12
