import json
import logging
import threading

import pytest
import structlog
from django.core.exceptions import ImproperlyConfigured

from emobi import logs

# What a station could send to forge a record, to drive a terminal, or to turn the reading direction.
HOSTILE = "CP\r\n2026 forged\x1b[2J\u202e\u2028\x85\x00"


def configure(*, json):
    logs.configure("INFO", json=json)
    # What other tests started may still have something to say.
    [handler] = [each for each in logging.getLogger().handlers if isinstance(each, logs.StandardError)]
    handler.addFilter(lambda record: record.thread == threading.get_ident())


@pytest.fixture(autouse=True)
def restored():
    structlog.contextvars.clear_contextvars()  # of requests that other tests made
    yield
    structlog.reset_defaults()
    logs.configure("INFO", json=True)


@pytest.fixture(params=[True, False], ids=["json", "console"])
def configured(request):
    configure(json=request.param)


@pytest.fixture
def as_json():
    configure(json=True)


@pytest.fixture
def as_console():
    configure(json=False)


def printed(capsys):
    return capsys.readouterr().err


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "log",
    [
        lambda: structlog.get_logger("emobi.test").warning(HOSTILE, station=HOSTILE, **{HOSTILE: HOSTILE}),
        lambda: logging.getLogger("emobi.test").warning("heard %s", HOSTILE, extra={"station": HOSTILE}),
    ],
    ids=["structlog", "logging"],
)
def test_a_record_is_one_line_of_printable_characters_whatever_a_station_said(log, capsys):
    log()
    line = printed(capsys)
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert "forged" in line


@pytest.mark.usefixtures("as_json")
def test_json_gives_back_what_was_logged(capsys):
    structlog.get_logger("emobi.test").info("heard", station=HOSTILE, frames=3)
    record = json.loads(printed(capsys))
    assert record.pop("timestamp").endswith("Z")
    assert record == {
        "event": "heard",
        "level": "info",
        "logger": "emobi.test",
        "station": HOSTILE,
        "frames": 3,
    }


@pytest.mark.usefixtures("as_json")
def test_a_traceback_is_a_value_in_json(capsys):
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logging.getLogger("emobi.test").exception("it broke")
    record = json.loads(printed(capsys))
    assert record["exception"].startswith("Traceback")
    assert "forged" in record["exception"]


@pytest.mark.usefixtures("as_console")
def test_a_traceback_on_a_terminal_cant_be_taken_for_a_record(capsys):
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        structlog.get_logger("emobi.test").exception("it broke")
    first, *following = printed(capsys).splitlines()
    assert "it broke" in first
    assert following
    assert all(line.startswith("  | ") and line.isprintable() for line in following)


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "values",
    [
        {"password": "hunter2"},
        {"EMOBI_SECRET_KEY": "hunter2"},
        {"api_key": "hunter2"},
        {"headers": {"Authorization": "hunter2", "Host": "example.org"}},
        {"header": "Basic hunter2"},
        {"headers": [("authorization", "Bearer hunter2")]},
        {"url": "redis://:hunter2@localhost:6379/0"},
        {"url": "postgresql://emobi:hun@ter2hunter2@localhost/emobi"},
        {"raw": b"Authorization: Basic hunter2"},
    ],
)
def test_a_secret_is_never_logged(values, capsys):
    structlog.get_logger("emobi.test").warning("here", **values)
    line = printed(capsys)
    assert "hunter2" not in line
    assert logs.MASK in line


@pytest.mark.usefixtures("configured")
def test_a_secret_within_the_text_is_never_logged(capsys):
    logging.getLogger("emobi.test").warning("connecting to %s", "redis://:hunter2@localhost/0")
    line = printed(capsys)
    assert "hunter2" not in line
    assert "localhost/0" in line


@pytest.mark.usefixtures("as_json")
def test_context_is_part_of_every_record(capsys):
    with structlog.contextvars.bound_contextvars(station="CP001"):
        structlog.get_logger("emobi.test").info("of ours")
        logging.getLogger("library").warning("of a library")
    assert [json.loads(line)["station"] for line in printed(capsys).splitlines()] == ["CP001", "CP001"]


def test_records_below_the_level_are_left_out_and_a_second_configuration_replaces_the_first(capsys):
    logs.configure("info", json=True)
    logs.configure("WARNING", json=True)
    logging.getLogger("emobi.test").info("small talk")
    logging.getLogger("emobi.test").warning("this")
    assert len(printed(capsys).splitlines()) == 1


def test_what_libraries_tell_of_their_routine_is_left_to_debugging(capsys):
    for level, expected in [("INFO", 0), ("DEBUG", 1)]:
        logs.configure(level, json=True)
        logging.getLogger("daphne.server").info("Listening")
        assert len(printed(capsys).splitlines()) == expected
    logging.getLogger("celery.beat").error("this is no routine")
    assert "no routine" in printed(capsys)


def test_the_format_is_json_unless_a_terminal_or_the_environment_wants_it_otherwise(capsys, monkeypatch):
    monkeypatch.delenv("EMOBI_LOG_FORMAT", raising=False)
    logs.configure("INFO")
    logging.getLogger("emobi.test").warning("one")
    assert json.loads(printed(capsys))["event"] == "one"
    monkeypatch.setenv("EMOBI_LOG_FORMAT", "console")
    logs.configure("INFO")
    logging.getLogger("emobi.test").warning("two")
    assert not printed(capsys).startswith("{")


@pytest.mark.parametrize(
    ("name", "level", "log_format"),
    [("EMOBI_LOG_LEVEL", "LOUD", "json"), ("EMOBI_LOG_FORMAT", "INFO", "xml")],
)
def test_a_wrong_setting_is_refused_by_name(name, level, log_format, monkeypatch):
    monkeypatch.setenv("EMOBI_LOG_FORMAT", log_format)
    with pytest.raises(ImproperlyConfigured, match=name):
        logs.configure(level)
