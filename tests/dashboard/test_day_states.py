"""The lanes of a day show what the cards showed: played by what stations say, in both versions."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User

from dashboard.station import day_states, station_page
from emobi.core import clock, events, unit_of_work
from emobi.core.models import Preferences
from stations.models import Station
from tests.gateway.hearing import hear

HOUR = timedelta(hours=1)


def cards(station):
    return station_page.cards(station_page.now(station.network, station.identity))


def lanes(station):
    now = clock.wall()
    return day_states.lanes(
        station_page.now(station.network, station.identity).station, cards(station), now - 24 * HOUR, now
    )


def shown_at(lane, moment):
    return next((span.shown.word for span in lane.spans if span.since <= moment < span.until), None)


class Day:
    """Steps of an hour each, and what the card of EVSE 1 showed after each."""

    def __init__(self, station, begun_ago):
        self.station = station
        self.at = clock.wall() - begun_ago
        self.seen = []

    @property
    def time(self):
        return clock.iso(self.at)

    def step(self, *said):
        for action, payload in said:
            hear(self.station, action, payload, received=self.at)
        self.seen.append((self.at, cards(self.station)[0].shown.word))
        self.at += HOUR

    def lanes_agree(self):
        lane = next(lane for lane in lanes(self.station) if lane.name == "EVSE 1")
        moments = [at + HOUR / 2 for at, _ in self.seen if at > clock.wall() - 24 * HOUR]
        told = [shown_at(lane, moment) for moment in moments]
        assert told == [word for _, word in self.seen[len(self.seen) - len(moments) :]]
        assert all(before.until == after.since for before, after in pairwise(lane.spans))
        assert all(before.shown != after.shown for before, after in pairwise(lane.spans))
        return told


def status16(word, **more):
    said = {"connectorId": 1, "status": word, "errorCode": "NoError"}
    return "StatusNotification", said | more


def start16(day):
    said = {"connectorId": 1, "idTag": "GOOD0001", "meterStart": 1000, "timestamp": day.time}
    return "StartTransaction", said


def stop16(day, number):
    return "StopTransaction", {"transactionId": number, "meterStop": 9000, "timestamp": day.time}


def meter16(day, number, watts):
    sample = {"value": str(watts), "measurand": "Power.Active.Import", "unit": "W"}
    values = [{"timestamp": day.time, "sampledValue": [sample]}]
    return "MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": values}


def test_the_finer_words_of_1_6_are_in_the_lanes(alpha):
    day = Day(alpha, timedelta(hours=9, minutes=10))
    day.step(status16("Available"))
    day.step(status16("Preparing"))
    day.step(start16(day), status16("Charging"))
    number = day.station.charging_sessions.get().transaction_id
    day.step(status16("SuspendedEV"))
    day.step(status16("Charging"), meter16(day, int(number), 7000))
    day.step(stop16(day, int(number)), status16("Finishing"))
    day.step(status16("Faulted", errorCode="GroundFailure"))
    day.step(status16("Unavailable"))
    day.step(status16("Available"))
    assert day.lanes_agree() == [
        "Available", "Preparing", "Charging", "Suspended by EV", "Charging", "Finishing", "Faulted",
        "Unavailable", "Available",
    ]  # fmt: skip


def test_a_station_that_said_charging_before_its_start_charged(alpha):
    day = Day(alpha, timedelta(hours=5, minutes=10))
    day.step(status16("Preparing"))
    day.step(status16("Charging"), start16(day))
    number = int(day.station.charging_sessions.get().transaction_id)
    day.seen.pop()  # until its meter speaks nobody told
    day.at -= HOUR
    day.step(meter16(day, number, 7000))
    day.step(meter16(day, number, 7100))
    day.step(stop16(day, number), status16("Finishing"))
    assert day.lanes_agree() == ["Preparing", "Charging", "Charging", "Finishing"]


def test_a_session_that_began_the_day_before_still_charges_in_the_morning(alpha):
    day = Day(alpha, timedelta(hours=26, minutes=10))
    day.step(status16("Preparing"))
    day.step(start16(day), status16("Charging"))
    assert day.lanes_agree() == []
    assert [span.shown.word for span in lanes(alpha)[1].spans] == ["Charging"]
    day.at += 10 * HOUR
    day.step(status16("SuspendedEVSE"))
    assert [span.shown.word for span in lanes(alpha)[1].spans] == ["Charging", "Suspended by EVSE"]


def event201(day, kind, seq, trigger, state):
    return "TransactionEvent", {
        "eventType": kind, "timestamp": day.time, "triggerReason": trigger, "seqNo": seq,
        "transactionInfo": {"transactionId": "t-1", "chargingState": state},
        "evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "GOOD0001", "type": "ISO14443"},
    }  # fmt: skip


def status201(day, word):
    said = {"timestamp": day.time, "connectorStatus": word, "evseId": 1, "connectorId": 1}
    return "StatusNotification", said


def test_2_0_1_is_told_by_its_transactions(bravo):
    day = Day(bravo, timedelta(hours=8, minutes=10))
    day.step(status201(day, "Available"))
    day.step(status201(day, "Occupied"))
    day.step(
        event201(day, "Started", 0, "Authorized", "EVConnected"),
        event201(day, "Updated", 1, "ChargingStateChanged", "Charging"),
    )
    day.step(event201(day, "Updated", 2, "ChargingStateChanged", "SuspendedEVSE"))
    day.step(event201(day, "Updated", 3, "MeterValuePeriodic", "SuspendedEVSE"))
    day.step(event201(day, "Updated", 4, "ChargingStateChanged", "Charging"))
    day.step(event201(day, "Ended", 5, "EVDeparted", "Idle"))
    day.step(status201(day, "Available"))
    assert day.lanes_agree() == [
        "Available", "Occupied", "Charging", "Suspended by EVSE", "Suspended by EVSE", "Charging", "Occupied",
        "Available",
    ]  # fmt: skip


def test_what_the_card_shows_now_is_right_whatever_the_events_come_to(alpha):
    day = Day(alpha, timedelta(hours=2, minutes=10))
    day.step(status16("Preparing"))
    day.step(status16("Charging"))  # by itself: no session, and no event
    assert day.lanes_agree() == ["Preparing", "Charging"]


@pytest.mark.parametrize("created_ago", [timedelta(hours=3), timedelta(days=9)])
def test_its_connection_has_a_lane(alpha, created_ago):
    now = clock.wall()
    Station.objects.update(
        created_at=now - created_ago, connectivity="silent", connectivity_since=now - HOUR / 2
    )
    with clock.at(now - 2 * HOUR), unit_of_work.begin():
        events.record(alpha.subject, events.StationOffline(reason="closed", last_heard_at=None))
    with clock.at(now - HOUR), unit_of_work.begin():
        events.record(alpha.subject, events.StationOnline(offline_s=3600))
    words = [span.shown.word for span in lanes(alpha)[0].spans]
    known = ["Online"] if created_ago > timedelta(days=1) else []
    assert words == [*known, "Offline", "Online", "Silent"]


def test_the_day_is_told_in_the_zone_of_whoever_looks(alpha, viewer):
    hear(alpha, *status16("Charging"))
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="Asia/Kolkata")
    html = viewer.get("/fragments/stations/alpha/activity/").content.decode()
    assert "From (IST)" in html
    assert "Times in IST" in html


def test_the_day_costs_the_same_few_queries(alpha, viewer, django_assert_max_num_queries):
    day = Day(alpha, timedelta(hours=9))
    for word in ("Available", "Preparing", "Charging", "Finishing", "Available"):
        day.step(status16(word))
    with django_assert_max_num_queries(12):
        viewer.get("/fragments/stations/alpha/activity/", headers={"HX-Request": "true"})
