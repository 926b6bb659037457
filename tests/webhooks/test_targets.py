"""Nothing is sent into our own network: neither by the URL that is written down, nor by where it leads."""

import socket
from contextlib import closing

import pytest

from emobi.core.errors import Invalid
from tests.web_server import Told, serving
from webhooks import sender, targets
from webhooks.sender import Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# However an address of ours is written.
PRIVATE = [
    "127.0.0.1",
    "127.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fc00::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[::127.0.0.1]",
    "[::10.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[fec0::1]",
    "224.0.0.1",
    "2130706433",
    "0x7f000001",
    "localhost",
]


@pytest.fixture
def only_public(settings):
    settings.EMOBI_WEBHOOK_ALLOW_PRIVATE = False


def send(url):
    return sender.send_and_wait(Message(url=url, keys=[SECRET], id="msg", body=b"{}"))


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_is_sent_to_a_private_address(only_public, host):
    """There would be an answer at the port of some of them."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        result = send(f"http://{host}:{listening.getsockname()[1]}/")
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert result.status is None
    assert result.error in ("not a public address", "InvalidUrlClientError")


def test_a_name_is_judged_by_the_address_that_it_leads_to(only_public, monkeypatch):
    """Whatever it led to when the webhook was made."""
    with serving(lambda asked: Told()) as receiver:
        port = int(receiver.url.rpartition(":")[2])
        local = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: local)
        result = send(f"http://receiver.example.org:{port}/")
    assert result.error == "not a public address"
    assert receiver.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example.org/",
        "ftp://receiver.example.org/",
        "https://receiver.example.org:8443/",
        "https://user:secret@receiver.example.org/",
        "https://receiver.example.org/#a",
        "https://receiver.example.org/a b",
        "https://receiver.example.org:port/",
        "https://[::1",
        "https://",
        "receiver.example.org",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::10.0.0.1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[fec0::1]/",
        "https://localhost/",
    ],
)
def test_a_url_that_isnt_sent_to_is_refused_when_it_is_written_down(only_public, url):
    with pytest.raises(Invalid):
        targets.judged(url)


def test_a_public_url_is_taken(only_public):
    url = "https://receiver.example.org/hooks?key=1"
    assert targets.judged(url) == url


def test_who_allows_private_ones_gets_them():
    with serving(lambda asked: Told(202)) as receiver:
        assert send(targets.judged(receiver.url)).status == 202


def test_an_endless_answer_isnt_waited_for():
    with serving(lambda asked: Told(200, b"x" * (1 << 22))) as receiver:
        result = send(receiver.url)
    assert result.ok
    assert result.body == "x" * sender.KEPT_BYTES


def test_a_receiver_that_isnt_there_is_said_to_be_so():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    result = send(f"http://127.0.0.1:{port}/")
    assert (result.status, result.ok) == (None, False)
    assert "refused" in result.error.lower()


def test_a_receiver_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(sender, "TIMEOUT_S", 0.1)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        result = send(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    assert result.error == "no answer within 0.1 s"
