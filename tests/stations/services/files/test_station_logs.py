import os
from datetime import timedelta

import pytest

from emobi.core import clock
from emobi.core.errors import Conflict, NotFound
from stations import file_store
from stations.commands.logs import GetLog
from stations.models import Command, StationLog
from stations.services.files import station_logs
from tests.stations.asked import ask
from tests.stations.test_file_store import OLD


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path


def opened(station, request_id=7, **params):
    """A log that the station is about to be asked for."""
    ask(station, "get_log", {"request_id": request_id, **params})
    station_logs.open_for(station, GetLog(request_id=request_id, **params))
    return StationLog.objects.get(command__params__request_id=request_id, station=station)


def test_a_log_is_to_come_to_us_unless_the_command_says_otherwise(alpha, settings):
    settings.EMOBI_PUBLIC_URL = "https://emobi.example.org"
    ask(alpha, "get_log", {"request_id": 7})
    url = station_logs.open_for(alpha, GetLog(request_id=7))
    log = StationLog.objects.get()
    assert url == f"https://emobi.example.org/files/logs/{log.token}/"
    assert len(log.token) == 43
    ask(alpha, "get_log", {"request_id": 8, "remote_location": "sftp://elsewhere/"})
    elsewhere = GetLog(request_id=8, remote_location="sftp://elsewhere/")
    assert station_logs.open_for(alpha, elsewhere) == "sftp://elsewhere/"
    assert StationLog.objects.get(command__params__request_id=8).token is None


def test_a_command_that_is_said_again_names_the_same_place(alpha):
    ask(alpha, "get_log", {"request_id": 7})
    urls = {station_logs.open_for(alpha, GetLog(request_id=7)) for _ in range(2)}
    assert len(urls) == StationLog.objects.count() == 1


def test_a_log_that_nobody_asked_for_has_no_place(alpha):
    with pytest.raises(Conflict):
        station_logs.open_for(alpha, GetLog(request_id=7))


def test_a_file_is_kept_once_and_its_repetition_is_welcome(alpha):
    log = opened(alpha)
    assert station_logs.receive(log, [b"hello ", b"world"], "/tmp/a\u202eb.log")
    assert not station_logs.receive(log, [b"hello world"], "other.log")
    with pytest.raises(Conflict):
        station_logs.receive(log, [b"something else"], "a.log")
    log.refresh_from_db()
    assert (log.size, log.filename) == (11, "ab.log")
    assert file_store.path(file_store.LOGS, log.pk).read_bytes() == b"hello world"
    assert list(file_store.path(file_store.INCOMING, "").iterdir()) == []


def test_the_stations_own_name_for_its_file_comes_first(alpha):
    log = opened(alpha)
    station_logs.named(alpha, GetLog(request_id=7), "alpha-diagnostics.zip")
    station_logs.receive(log, [b"x"], "upload")
    log.refresh_from_db()
    assert log.filename == "alpha-diagnostics.zip"


def test_the_right_to_upload_ends(alpha):
    log = opened(alpha)
    assert station_logs.by_token(log.token) == log
    with clock.at(log.expires_at), pytest.raises(NotFound):
        station_logs.by_token(log.token)
    with pytest.raises(NotFound):
        station_logs.by_token("nonsense")


def test_logs_are_forgotten_with_the_messages(alpha, settings):
    settings.EMOBI_MESSAGE_RETENTION_DAYS = 90
    old, new = opened(alpha, 1), opened(alpha, 2)
    for log in (old, new):
        station_logs.receive(log, [b"x"], "x.log")
    StationLog.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(days=91))
    lost = file_store.path(file_store.LOGS, "lost")
    lost.write_bytes(b"x")
    os.utime(lost, (OLD, OLD))
    station_logs.forget_the_old()
    assert StationLog.objects.get() == new
    assert [path.name for path in file_store.path(file_store.LOGS, "").iterdir()] == [new.pk]
    assert Command.objects.count() == 2
