import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from emobi.core import unit_of_work
from stations import frame_ids
from stations.models import Direction, Frame, Kind
from stations.services.log import frames
from stations.services.log.frames import FrameLog
from tests.stations.telling import NOON, after

HEARTBEAT = '[2,"1","Heartbeat",{}]'


def add(log: FrameLog, station, at: datetime = NOON, text: str = HEARTBEAT, **said) -> int:
    frame_id = frame_ids.new(at)
    log.add(
        **{
            "id": frame_id, "at": at, "network_id": station.network_id, "station_id": station.pk,
            "direction": Direction.RECEIVED, "kind": Kind.CALL, "text": text,
        } | said
    )  # fmt: skip
    return frame_id


def keep(station, *texts: str, **said) -> list[Frame]:
    with unit_of_work.begin() as work:
        ids = [add(work.buffer(FrameLog), station, text=text, **said) for text in texts]
    return list(Frame.objects.filter(pk__in=ids).order_by("pk"))


def test_frames_are_kept_as_they_came(alpha):
    (frame,) = keep(
        alpha,
        HEARTBEAT,
        message_id="1",
        action="Heartbeat",
        note="late",
        error_code="",
        pair_id=5,
        round_trip_ms=1.5,
    )
    assert (frame.at, frame.network_id, frame.station, frame.direction, frame.kind) == (
        NOON, alpha.network_id, alpha, Direction.RECEIVED, Kind.CALL,
    )  # fmt: skip
    assert (frame.message_id, frame.action, frame.note, frame.text) == ("1", "Heartbeat", "late", HEARTBEAT)
    assert (frame.pair_id, frame.round_trip_ms) == (5, 1.5)


def test_frames_of_a_unit_of_work_keep_their_order(alpha):
    texts = [f'[2,"{number}","Heartbeat",{{}}]' for number in range(50)]
    assert [frame.text for frame in keep(alpha, *texts)] == texts


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('[2,"1","X",{"a":"\U0001f50c ü"}]', '[2,"1","X",{"a":"\U0001f50c ü"}]'),
        ("nul \0 inside", "nul \ufffd inside"),
        ("half a pair \ud83d", "half a pair ?"),
        ('[2,"1","X",{"a":"\\u0000"}]', '[2,"1","X",{"a":"\\u0000"}]'),
        ("%s %% \\ ' \"", "%s %% \\ ' \""),
        ("", ""),
    ],
)
def test_any_text_can_be_kept(alpha, text, kept):
    assert keep(alpha, text)[0].text == kept


def test_secrets_are_masked_before_they_are_kept(alpha):
    call = '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"6869646465"}]'
    (frame,) = keep(alpha, call, action="ChangeConfiguration")
    assert frame.text == '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]'


def test_a_call_that_was_kept_before_is_told_its_answer(alpha):
    (call,) = keep(alpha, HEARTBEAT)
    with unit_of_work.begin() as work:
        log = work.buffer(FrameLog)
        answer_id = add(log, alpha, after(1), kind=Kind.RESULT, pair_id=call.pk)
        log.pair(call.pk, answer_id)
    call.refresh_from_db()
    assert call.pair_id == answer_id


# ── partitions ──────────────────────────────────────────────────────────────────────────────────────────

TODAY = date(2026, 5, 4)


def days() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'stations_frame'::regclass ORDER BY 1"
        )
        return [name.removeprefix("stations_frame_") for (name,) in cursor.fetchall()]


def partition_of(frame: Frame) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM stations_frame WHERE id = %s", [frame.pk])
        (name,) = cursor.fetchone()
    return str(name).removeprefix("stations_frame_")


def test_partitions_are_made_from_yesterday_to_three_days_ahead(db):
    frames.keep_partitions(TODAY)
    assert days() == ["20260503", "20260504", "20260505", "20260506", "20260507", "default"]


def test_doing_it_again_changes_nothing(alpha):
    frames.keep_partitions(TODAY)
    (frame,) = keep(alpha, HEARTBEAT)
    frames.keep_partitions(TODAY)
    assert partition_of(frame) == "20260504"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 5, 4, 0, 0, 0, 0, UTC), "20260504"),
        (datetime(2026, 5, 4, 23, 59, 59, 999_000, UTC), "20260504"),
        (datetime(2026, 5, 5, 0, 0, 0, 0, UTC), "20260505"),
        (datetime(2026, 5, 9, 0, 0, 0, 0, UTC), "default"),
    ],
)
def test_a_frame_goes_into_the_partition_of_its_day(alpha, at, day):
    frames.keep_partitions(TODAY)
    assert partition_of(keep(alpha, HEARTBEAT, at=at)[0]) == day


def test_frames_that_found_no_partition_of_their_day_are_moved_when_there_is_one(alpha):
    kept = keep(alpha, HEARTBEAT, at=after(0)) + keep(alpha, HEARTBEAT, at=after(86400))
    assert {partition_of(frame) for frame in kept} == {"default"}
    frames.keep_partitions(TODAY)
    assert [partition_of(frame) for frame in kept] == ["20260504", "20260505"]
    assert [frame.text for frame in Frame.objects.all()] == [HEARTBEAT] * 2


def test_frames_of_days_when_nobody_made_partitions_are_moved_too(alpha):
    frames.keep_partitions(TODAY)
    (waiting,) = keep(alpha, HEARTBEAT, at=after(5 * 86400))
    (ancient,) = keep(alpha, HEARTBEAT, at=after(-200 * 86400))
    assert {partition_of(waiting), partition_of(ancient)} == {"default"}
    frames.keep_partitions(TODAY + timedelta(days=9))
    assert partition_of(waiting) == "20260509"
    assert not Frame.objects.filter(pk=ancient.pk).exists()
    assert "20251016" not in days()


def test_what_is_older_than_it_has_to_be_is_dropped_by_the_day(alpha, settings):
    settings.EMOBI_MESSAGE_RETENTION_DAYS = 2
    frames.keep_partitions(TODAY)
    for day in (0, 1):
        keep(alpha, HEARTBEAT, at=after(day * 86400))
    lost = keep(alpha, HEARTBEAT, at=after(-30 * 86400))
    assert partition_of(lost[0]) == "default"
    frames.keep_partitions(TODAY + timedelta(days=3))
    assert days() == ["20260505", "20260506", "20260507", "20260508", "20260509", "20260510", "default"]
    assert [frame.at for frame in Frame.objects.all()] == [after(86400)]


def test_other_tables_below_it_are_left_alone(db, settings):
    settings.EMOBI_MESSAGE_RETENTION_DAYS = 1
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE stations_frame_kept PARTITION OF stations_frame FOR VALUES FROM (1) TO (2)"
        )
    frames.keep_partitions(TODAY)
    assert "kept" in days()


@pytest.mark.django_db(transaction=True)
def test_two_runners_at_once_do_it_once():
    done: list[int] = []

    def run() -> None:
        try:
            frames.keep_partitions(TODAY)
            done.append(1)
        finally:
            connection.close()

    runners = [threading.Thread(target=run) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    try:
        assert len(done) == 4
        assert len(days()) == 6
    finally:
        with connection.cursor() as cursor:
            for day in set(days()) - {"default"}:
                cursor.execute(f"DROP TABLE stations_frame_{day}")
