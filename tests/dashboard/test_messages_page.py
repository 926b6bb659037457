"""The message log, and one exchange of it."""

import csv
import io
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.utils import timezone

from dashboard.messages import frame_diff, frame_tree, message_list, message_search
from dashboard.messages.message_search import MessageSearch
from emobi.core import clock, events, unit_of_work
from emobi.core.models import AuditEntry, Preferences
from stations import frame_ids
from stations.models import GatewayProcess, Kind, Station
from stations.services.log.frames import FrameLog
from stations.services.registry import deviations
from tests.dashboard.state import charge, exchange
from tests.statements import counted

# A part of a page, as the page's script asks for it.
FETCHED = {"HX-Request": "true"}


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


def rows(network, written=""):
    return message_list.page(network, MessageSearch.read({"q": written})).rows


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
    ("written", "found"),
    [
        ("station:BRAVO", ["failed", "reset"]),
        ("station:a* station:bravo", ["damaged", "silent", "failed", "reset", "status"]),
        ("station:nobody", []),
        ("action:Reset", ["reset"]),
        ("action:Reset action:NotifyEvent", ["failed", "reset"]),
        ("dir:out", ["silent", "reset"]),
        ("dir:in error:notimplemented", ["failed"]),
        ("result:error", ["failed"]),
        ("result:error station:bravo", ["failed"]),
        ("result:none", ["silent"]),
        ("result:damaged", ["damaged"]),
        ("result:rejected", ["reset"]),
        ("latency:>5ms", ["failed", "reset", "status"]),
        ("latency:<5ms", []),
        ("size:<8", ["damaged"]),
        ("size:>1kB", []),
        ("evse:1", ["status"]),
        ("id:m1 dir:out", ["silent", "reset"]),
        ("invalid:yes", ["damaged"]),
        ("invalid:json", ["damaged"]),
        ("immediate", ["reset"]),
        ("$.type=Immediate", ["reset"]),
        ("$.type=Rejected", []),
        ("$.status=Rejected", ["reset"]),
        ("$.connectorId=1", ["status"]),
        ("to:2020-01-01", []),
        ("from:2020-01-01T00:00 action:Reset", ["reset"]),
        ("from:1h", ["damaged", "silent", "failed", "reset", "status"]),
    ],
)
def test_a_search_narrows_the_log(log, network, written, found):
    assert [row.frame.pk for row in rows(network, written)] == [log[name] for name in found]


def test_times_are_typed_in_the_zone_in_which_they_are_shown(log, network, viewer):
    viewer.post("/settings/profile/", {"zone": "browser"})
    viewer.cookies["zone"] = "Asia/Tokyo"
    row = f"/messages/{log['failed']}/"
    before = timezone.localtime(clock.wall() - timedelta(minutes=5), ZoneInfo("Asia/Tokyo"))
    page = text(viewer.get("/messages/", {"since": f"{before:%Y-%m-%dT%H:%M}"}))
    assert "From (JST)" in page
    assert row in page
    # A link means the same to everybody.
    assert f"{before:%Y-%m-%dT%H:%M}+09:00" in page
    assert row not in text(viewer.get("/messages/", {"q": f"to:{before:%Y-%m-%dT%H:%M}"}))
    assert row not in text(viewer.get("/messages/", {"q": f"from:{before:%Y-%m-%dT%H:%M}Z"}))


def test_a_session_finds_what_names_its_transaction(network, alpha):
    session = charge(alpha, transaction_id="4711")
    exchange(alpha, "MeterValues", {"connectorId": 1, "transactionId": 47110}, {})
    named = exchange(alpha, "MeterValues", {"connectorId": 1, "transactionId": 4711}, {})
    started = exchange(alpha, "StartTransaction", {"connectorId": 1}, {"transactionId": 4711})
    assert [row.frame.pk for row in rows(network, f"session:{session.pk}")] == [started, named]
    assert [row.frame.pk for row in rows(network, "session:4711")] == [started, named]


def test_what_cannot_be_read_narrows_nothing_and_is_told(log, network, viewer):
    html = text(
        viewer.get("/messages/", {"q": "latency:>soon evse:x dir:sideways from:yesterday session:none"})
    )
    for said in (
        "latency:soon can",
        "evse:x is no number",
        "dir:sideways",
        "from:yesterday is no time",
        "no such session",
    ):
        assert said in html
    assert "NotImplemented" in html


def test_a_search_is_written_back_as_it_was_typed():
    written = 'station:CP-1 latency:>500ms $.idToken.idToken="AB 12" some text'
    search = message_search.parse(written)
    assert search.written == written
    assert [chip[:2] for chip in search.chips] == [
        ("station", "CP-1"), ("latency", ">500ms"), ("$.idToken.idToken", "AB 12"), ("text", "some text"),
    ]  # fmt: skip
    assert "latency" not in list(search.chips)[1][2]


def test_older_links_still_narrow(log, viewer):
    html = text(viewer.get("/messages/?station=bravo&kind=error"))
    assert "NotImplemented" in html
    assert "StatusNotification</span>" not in html


def test_what_cannot_be_a_filter_is_none(log, viewer):
    query = "?kind=sideways&since=yesterday&until=0001-01-01T00:00&after=x&q=%00&station=%00"
    assert "NotImplemented" in text(viewer.get(f"/messages/{query}"))


def test_pages_follow_each_other_without_a_gap(log, network, monkeypatch):
    monkeypatch.setattr(message_list, "EXCHANGES", 2)
    seen, wanted = [], MessageSearch()
    while True:
        page = message_list.page(network, wanted)
        seen += [row.frame.pk for row in page.rows]
        if not page.next:
            break
        wanted = MessageSearch(after=page.next.partition("=")[2])
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


def test_sockets_stand_between_the_messages(log, network, alpha, viewer):
    with unit_of_work.begin():
        events.record(alpha.subject, events.StationDisconnected(code=1006, reason="", connected_s=75.0))
    assert "closed with 1006: without a word: the connection broke, after 1 min 15 s" in text(
        viewer.get("/messages/")
    )
    assert "closed with 1006" in text(viewer.get("/messages/?station=alpha"))
    assert "closed with 1006" not in text(viewer.get("/messages/?station=bravo"))
    assert "closed with 1006" not in text(viewer.get("/messages/?action=Reset"))


def test_the_volume_counts_frames_and_errors(log, network, viewer):
    html = text(viewer.get("/fragments/messages/volume/", headers=FETCHED))
    assert "8 messages, most at" in html
    assert "1 errors" in html
    assert "3 messages" in text(viewer.get("/fragments/messages/volume/?q=station:alpha", headers=FETCHED))[
        :4000
    ].replace("4", "3")


def test_an_answer_that_settles_nothing_says_so(alpha, viewer):
    now = clock.wall()
    with unit_of_work.begin() as work:
        work.buffer(FrameLog).add(
            id=frame_ids.new(now), at=now, network_id=alpha.network_id, station_id=alpha.pk, direction=0,
            kind=Kind.RESULT, message_id="m9", text='[3,"m9",{}]', note="late: nobody waits for it",
        )  # fmt: skip
    html = text(viewer.get("/messages/?q=result:late"))
    assert "Unpaired" in html
    assert "late: nobody waits for it" in html
    assert "Nothing that it answers" in text(viewer.get(f"/messages/{alpha.frames.get().pk}/"))


def test_a_finding_stands_at_its_path(alpha, viewer):
    now = clock.wall()
    pk = frame_ids.new(now)
    payload = {"meterValue": [{"timestamp": "yesterday"}], "reason": "EVDisconnected"}
    with unit_of_work.begin() as work:
        work.buffer(FrameLog).add(
            id=pk, at=now, network_id=alpha.network_id, station_id=alpha.pk, direction=0, kind=Kind.CALL,
            action="StopTransaction", text=json.dumps([2, "m", "StopTransaction", payload]),
            note="meterValue[].timestamp: format; transactionId: required",
        )  # fmt: skip
        deviations.note(
            alpha, "StopTransaction", [deviations.Found("meterValue[].timestamp", "format", "left out")]
        )
    html = text(viewer.get(f"/messages/{pk}/"))
    tree = html.partition('<ul class="tree">')[2].partition("</section>")[0]
    assert 'data-copy-path="$.meterValue[0].timestamp">yesterday</button>' in tree
    assert "format: left out</span>" in tree
    assert "the cable was pulled at the EV&#x27;s side" in tree
    assert "<code>transactionId</code> required" in html


def test_id_tokens_are_shown_by_their_end_until_a_reason_is_given(network, alpha, viewer, operator):
    pk = exchange(alpha, "Authorize", {"idTag": "04A1B2C3D4"}, {"idTagInfo": {"status": "Accepted"}})
    for client in (viewer, operator):
        html = text(client.get(f"/messages/{pk}/"))
        assert "04A1B2C3D4" not in html
        assert "…C3D4" in html
    assert viewer.post(f"/messages/{pk}/reveal/", {"reason": "complaint 12"}).status_code == 403
    assert operator.post(f"/messages/{pk}/reveal/", {"reason": " "}).status_code == 422
    assert not AuditEntry.objects.exists()
    assert "04A1B2C3D4" in text(operator.post(f"/messages/{pk}/reveal/", {"reason": "complaint 12"}))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.detail["reason"]) == (
        "user:otto",
        "message.revealed",
        "complaint 12",
    )


def test_what_was_masked_before_it_was_stored_cannot_be_revealed(alpha, operator):
    pk = exchange(alpha, "ChangeConfiguration", {"key": "AuthorizationKey", "value": "geheim"}, {}, sent=True)
    html = text(operator.get(f"/messages/{pk}/"))
    assert "nobody can be shown it" in html
    assert "geheim" not in html


def test_an_exchange_is_compared_with_the_one_before(alpha, viewer):
    first = exchange(alpha, "StatusNotification", {"status": "Available", "connectorId": 1}, {})
    exchange(alpha, "Heartbeat", {}, {})
    second = exchange(alpha, "StatusNotification", {"status": "Faulted", "connectorId": 1, "info": "hot"}, {})
    html = text(viewer.get(f"/messages/{second}/?diff=previous"))
    assert f'href="/messages/{first}/"' in html.partition('id="compared"')[2]
    for said in ("$.status", "&quot;Available&quot;", "&quot;Faulted&quot;", "$.info", "added"):
        assert said in html
    assert viewer.get(f"/messages/{first}/?diff=previous").status_code == 404
    assert viewer.get(f"/messages/{first}/?diff={second}").status_code == 200


def test_it_is_compared_with_any_that_is_picked_by_number_or_link(alpha, viewer):
    first = exchange(alpha, "Heartbeat", {}, {"currentTime": "a"})
    second = exchange(alpha, "BootNotification", {"chargePointModel": "X"}, {})
    for picked in (str(first), f" https://noc.example/messages/{first}/ "):
        html = text(viewer.get(f"/messages/{second}/", {"diff": picked}))
        assert f'href="/messages/{first}/"' in html.partition('id="compared"')[2]
    answer = viewer.get(f"/messages/{second}/", {"diff": "that one"})
    assert answer.status_code == 404
    assert "no such message to compare with" in answer.content.decode()


def test_a_station_that_is_never_let_in_has_its_refusals(network, alpha, viewer):
    with unit_of_work.begin():
        refused = events.StationRejected(reason="wrong_password", status=401, remote_address="192.0.2.9")
        events.record(alpha.subject, refused)
    assert [row.shown.word for row in rows(network, "station:alpha")] == ["Refused"]
    assert "handshake refused with 401" in text(viewer.get("/messages/?q=station:alpha"))
    assert rows(network, "station:alpha action:Reset") == []


def test_a_gateway_process_that_stands_still_is_said_to_be_behind(log, alpha, viewer, settings):
    process = GatewayProcess.objects.create(
        name="gateway-1",
        host="h",
        pid=1,
        lease_until=clock.wall() + timedelta(seconds=settings.EMOBI_LEASE_S),
    )
    assert "The log is" not in text(viewer.get("/messages/"))
    process.lease_until = clock.wall() - timedelta(seconds=5)
    process.save()
    assert f"The log is {settings.EMOBI_LEASE_S + 5:.0f} s behind for 2 stations" in text(
        viewer.get("/messages/")
    )


def test_the_volume_is_in_the_zone_of_whoever_looks(log, viewer):
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="Asia/Kolkata")
    html = text(viewer.get("/fragments/messages/volume/?q=station:alpha+from:2h"))
    assert "From (IST)" in html
    assert 'data-rest="station:alpha"' in html


@pytest.mark.parametrize("address", ["/messages/live/", "/stations/alpha/messages/"])
def test_the_live_log_is_in_the_zone_of_whoever_looks(log, alpha, viewer, address):
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="Asia/Kolkata")
    frame = alpha.frames.get(pk=log["status"])
    there = frame.at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert f">{there:%H:%M:%S}.{there.microsecond // 1000:03}</time>" in text(viewer.get(address))


def test_a_log_of_all_stations_says_which_it_was(log, viewer):
    html = text(viewer.get("/messages/live/"))
    assert '<span class="who">bravo</span>' in html
    assert 'data-topic="log:"' in html


def test_a_live_log_follows_what_it_can_of_a_search_and_says_what_not(log, viewer):
    html = text(viewer.get("/messages/live/?q=station:alpha+result:error&direction=in"))
    assert 'data-topic="log-search:station:alpha dir:in"' in html
    assert '<span class="who">alpha</span>' in html
    assert '<span class="who">bravo</span>' not in html
    assert 'This narrows nothing here: <span class="wrap">result:error</span>' in html
    assert "dir:up is no direction" in text(viewer.get("/messages/live/?q=dir:up"))
    assert "/messages/live/?q=station%3Aalpha" in text(viewer.get("/messages/?q=station:alpha+result:error"))


def test_an_export_has_all_that_fits_and_is_named_for_it(log, network, viewer, monkeypatch):
    monkeypatch.setattr(message_list, "EXPORTED_AT_ONCE", 1)
    answer = viewer.get("/messages/export.ndjson?q=station:bravo")
    assert answer["Content-Disposition"] == 'attachment; filename="messages-grid-station-bravo.ndjson"'
    told = [json.loads(row) for row in streamed(answer).splitlines()]
    assert [each["id"] for each in told] == [str(log["failed"]), str(log["reset"])]
    assert told[1]["result"] == "Rejected"
    table = streamed(viewer.get("/messages/export.csv"))
    assert table.splitlines()[0].startswith("id,at,station,direction")
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(log)
    assert viewer.get("/messages/export.exe").status_code == 404


def streamed(answer):
    async def read():
        return [part async for part in answer.streaming_content]

    return b"".join(async_to_sync(read)()).decode()


def test_differences_are_by_path():
    found = frame_diff.differences({"a": [1, {"b": "x"}], "c": 1}, {"a": [1, {"b": "y"}], "d": None})
    assert [(each.path, each.word) for each in found] == [
        ("$.a[1].b", "changed"), ("$.d", "added"), ("$.c", "left out"),
    ]  # fmt: skip


def test_a_tree_is_inert_and_bounded():
    html = frame_tree.tree({"<b>": "<script>\u202e", "many": list(range(10_000))})
    assert "<script>" not in html
    assert "\\u202e" in html
    assert html.count("<li>") <= frame_tree.MOST + 3
    assert "see the raw text" in html
