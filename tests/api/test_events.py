from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock, events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Event, Network
from stations.models import Station
from tests.api.calling import Caller

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

ONLINE = events.StationOnline(offline_s=None)
OFFLINE = events.StationOffline(reason="no answer", last_heard_at=NOON - timedelta(seconds=61))
FAULT = events.StationFault(
    error_code="GroundFailure", vendor_error_code=None, info=None, fault_id="F", received_at=NOON
)
CLEARED = events.StationFaultCleared(
    error_code="GroundFailure", vendor_error_code=None, info=None, fault_id="F", received_at=NOON
)
AUTHORIZED = events.SessionAuthorized(
    id_token="GOOD", id_token_type=None, authorization="Accepted", received_at=NOON
)


def tell(about: Station | Network, *told: events.Event) -> None:
    subject = about.subject if isinstance(about, Station) else Subject(network_id=about.pk)
    with clock.at(NOON + timedelta(milliseconds=123)), unit_of_work.begin():
        for event in told:
            events.record(subject, event)


def types(caller: Caller, **filters) -> list[str]:
    return [event["type"] for event in caller.get("/events", **filters)["items"]]


def test_an_event_is_a_cloudevent(viewer, alpha):
    tell(alpha, OFFLINE)
    (told,) = viewer.get("/events")["items"]
    assert told == {
        "specversion": "1.0",
        "id": Event.objects.get().pk,
        "type": "emobi.station.offline",
        "source": "/networks/grid/stations/alpha",
        "subject": "alpha",
        "time": "2026-05-04T12:00:00.123Z",
        "datacontenttype": "application/json",
        "network": "grid",
        "station": "alpha",
        "ocppversion": "1.6",
        "sequence": "1",
        "data": {"reason": "no answer", "last_heard_at": "2026-05-04T11:58:59.000Z", "by_us": False},
    }


def test_an_event_of_no_station_is_one_of_its_network(viewer, network):
    tell(network, ONLINE)
    (told,) = viewer.get("/events")["items"]
    assert told["source"] == "/networks/grid"
    assert (told["subject"], told["station"], told["ocppversion"]) == (None, None, None)


def test_the_oldest_is_first_and_after_a_sequence_comes_what_is_newer(viewer, alpha):
    tell(alpha, ONLINE, OFFLINE)
    tell(alpha, ONLINE)
    told = viewer.get("/events")["items"]
    assert [event["sequence"] for event in told] == ["1", "2", "3"]
    assert viewer.get("/events", after=2)["items"] == told[2:]
    assert viewer.get("/events", after=3) == {"items": [], "next": None}
    assert viewer.get("/events", after=2**63 - 1)["items"] == []


@pytest.mark.parametrize("limit", [1, 2, 7, 500])
def test_pages_follow_each_other_without_gap_or_repetition(viewer, alpha, limit):
    tell(alpha, *[ONLINE, OFFLINE] * 4)
    paged = viewer.all("/events", limit, after=1, type="station.*")
    assert [event["sequence"] for event in paged] == [str(number) for number in range(2, 9)]


def test_a_cursor_goes_on_where_the_page_before_ended_whatever_came_after(viewer, alpha):
    tell(alpha, ONLINE, OFFLINE, FAULT)
    first = viewer.get("/events", limit=2, after=0)
    tell(alpha, CLEARED)
    told = viewer.get("/events", limit=2, after=0, cursor=first["next"])
    assert [event["sequence"] for event in told["items"]] == ["3", "4"]
    assert told["next"] is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("*", ["online", "offline", "fault", "fault_cleared", "authorized"]),
        ("station.fault", ["fault"]),
        ("emobi.station.fault", ["fault"]),
        ("station.*", ["online", "offline", "fault", "fault_cleared"]),
        ("emobi.session.*", ["authorized"]),
        ("session.*,station.online", ["online", "authorized"]),
        (" station.online , emobi.station.offline ", ["online", "offline"]),
        ("firmware.*", []),
    ],
)
def test_types_are_named_alone_or_by_their_noun_with_or_without_the_prefix(viewer, alpha, wanted, expected):
    tell(alpha, ONLINE, OFFLINE, FAULT, CLEARED, AUTHORIZED)
    assert [name.split(".")[2] for name in types(viewer, type=wanted)] == expected


@pytest.mark.parametrize(
    "wanted", ["", "station", "station.", "station.faults", "stat*", "*.fault", "station.**", ",", "**"]
)
def test_a_type_that_isnt_one_is_a_422(viewer, wanted):
    told = viewer.get("/events", expect=422, type=wanted)
    assert [error["field"] for error in told["errors"]] == ["type"]


def test_events_of_one_station_are_told_alone(viewer, alpha, bravo):
    tell(alpha, ONLINE)
    tell(bravo, OFFLINE)
    assert types(viewer, station="bravo") == ["emobi.station.offline"]
    assert types(viewer, station="bravo", type="station.online") == []
    assert types(viewer, station="nowhere") == []


@pytest.mark.parametrize("after", [-1, 2**63, 10**40, "x", "1.5", ""])
def test_a_sequence_that_cant_be_is_a_422(viewer, after):
    told = viewer.get("/events", expect=422, after=after)
    assert [error["field"] for error in told["errors"]] == ["after"]


def test_data_that_a_vendor_made_up_is_told_as_it_was_kept(viewer, alpha):
    said = {"huge": 1e30, "small": 1e-7, "text": "</script>\u2028\U0001f50c", "deep": [[[{}]]]}
    received = events.VendorDataReceived(
        vendor_id="v", message_id=None, data=said, answer="Accepted", received_at=NOON
    )
    tell(alpha, received)
    # PostgreSQL knows no floating point in JSON: a whole number comes back as one, beyond 64 bits.
    assert viewer.get("/events")["items"][0]["data"]["data"] == said | {"huge": 10**30}
