import pytest
from django.core.exceptions import ImproperlyConfigured

from emobi import env

NAME = "EMOBI_EXAMPLE"


@pytest.fixture
def given(monkeypatch):
    return lambda value: monkeypatch.setenv(NAME, value)


@pytest.mark.parametrize(
    ("read", "default"),
    [
        (lambda default: env.text(NAME, default=default), "plain"),
        (lambda default: env.choice(NAME, default=default, among=["one", "two"]), "two"),
        (lambda default: env.boolean(NAME, default=default), True),
        (lambda default: env.integer(NAME, default=default, at_least=3), 7),
        (lambda default: env.seconds(NAME, default=default), 2.5),
        (lambda default: env.url(NAME, default=default, schemes=["ws"]), "ws://example.org/ocpp"),
    ],
)
def test_an_unset_or_empty_variable_gives_the_default(read, default, given, monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    assert read(default) == default
    given("")
    assert read(default) == default


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://emobi@:5433/emobi?host=%2Frun%2Fpostgresql",
        "postgresql://emobi:secret@[::1]:5432/emobi",
        "unix:///run/valkey.sock?db=1",
        "rediss://:secret@cache.example.org:6380/0",
    ],
)
def test_a_server_is_at_a_host_or_a_socket(value, given):
    given(value)
    assert env.server_url(NAME, default="", schemes=["postgresql", "rediss", "unix"]) == value


def test_words_are_separated_by_spaces_or_commas(given):
    given("one two,three, four")
    assert env.words(NAME, default="") == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("OFF", False)]
)
def test_booleans_have_several_spellings(value, meaning, given):
    given(value)
    assert env.boolean(NAME, default=not meaning) is meaning


def test_a_choice_is_answered_as_it_is_spelt_in_the_list(given):
    given("JSON")
    assert env.choice(NAME, default="console", among=["console", "json"]) == "json"


@pytest.mark.parametrize(
    ("value", "host", "port", "shown"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 8000, "127.0.0.1:8000"),
        ("noc.example.org:443", "noc.example.org", 443, "noc.example.org:443"),
        ("[::1]:9000", "::1", 9000, "[::1]:9000"),
    ],
)
def test_an_address_is_a_host_and_a_port(value, host, port, shown, given):
    given(value)
    address = env.address(NAME, default="localhost:1")
    assert (address.host, address.port, str(address), bool(address)) == (host, port, shown, True)


def test_an_address_that_is_set_and_empty_is_nowhere(given):
    given("")
    address = env.address(NAME, default="localhost:1")
    assert not address
    assert str(address) == ""


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (lambda: env.choice(NAME, default="a", among=["a"]), ["b"]),
        (lambda: env.boolean(NAME, default=True), ["maybe", "2"]),
        (lambda: env.integer(NAME, default=5, at_least=1, at_most=9), ["five", "1.0", "0", "10", "-1"]),
        (lambda: env.seconds(NAME, default=5, at_least=1), ["soon", "0.5", "nan", "inf", "-1", "1e14"]),
        (
            lambda: env.address(NAME, default=""),
            [
                "8000",
                "localhost",
                "localhost:",
                ":8000",
                "localhost:http",
                "localhost:0",
                "localhost:65536",
                "a b:1",
            ],
        ),
        (
            lambda: env.address(NAME, default=""),
            ["::1:80", "http://localhost:80", "localhost:80/", "me@host:80", "a:1\n"],
        ),
        (
            lambda: env.url(NAME, default="", schemes=["ws", "wss"]),
            ["http://host", "host", "ws://", "ws:/host", "ws://host:port", "ws://host/a b", "ws://host\n"],
        ),
    ],
)
def test_a_wrong_value_is_refused_with_one_line_that_names_the_variable(read, values, given):
    for value in values:
        given(value)
        with pytest.raises(ImproperlyConfigured) as refusal:
            read()
        assert str(refusal.value).startswith(NAME)
        assert str(refusal.value).isprintable()


def test_a_refused_url_isnt_repeated_as_it_may_hold_a_password(given):
    given("mysql://emobi:hunter2@host/emobi")
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.url(NAME, default="", schemes=["postgresql"])
    assert "hunter2" not in str(refusal.value)
