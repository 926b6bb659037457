"""Requests of ours to servers of others."""

import ipaddress
import socket
import threading

import pytest

from emobi.core import outgoing_http
from emobi.core.outgoing_http import Unreachable
from tests.web_server import Told, serving


def post(url, *, timeout_s=5.0, public_only=False, **options):
    return outgoing_http.post(
        url,
        b"question",
        {"Content-Type": "text/plain"},
        timeout_s=timeout_s,
        public_only=public_only,
        **options,
    )


def test_the_answer_is_told_whatever_its_status():
    with serving(lambda asked: Told(403, b"no", "text/plain; charset=utf-8")) as server:
        answer = post(f"{server.url}/a/b?c=d")
    assert (answer.status, answer.body, answer.content_type, answer.ok) == (403, b"no", "text/plain", False)
    (asked,) = server.asked
    assert (asked.path, asked.body, asked.headers["Content-Type"]) == ("/a/b?c=d", b"question", "text/plain")


def test_a_redirect_is_not_followed():
    with (
        serving(lambda asked: Told()) as elsewhere,
        serving(lambda asked: Told(302, headers={"Location": elsewhere.url})) as server,
    ):
        assert post(server.url).status == 302
    assert elsewhere.asked == []


def test_an_answer_that_is_too_large_is_none():
    with serving(lambda asked: Told(body=bytes(100))) as server:
        assert len(post(server.url, largest=100).body) == 100
        with pytest.raises(Unreachable, match="larger than 99"):
            post(server.url, largest=99)


def test_a_server_that_drips_is_not_waited_for():
    """Each byte comes in time, the answer never."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            accepted, _ = listening.accept()
            with accepted:
                try:
                    while not ended.wait(0.01):
                        accepted.sendall(b"H")
                except OSError:
                    ended.set()

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(Unreachable):
                post(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout_s=0.2)
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://example.org/", "http://", "http://[::1/", "http://user:word@example.org/",
        "http://example.org:99999/", "http://no-such-name.invalid/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_url_of_a_server_is_not_asked(url):
    with pytest.raises(Unreachable):
        post(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://192.168.1.1/", "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://[fe80::1]/", "http://[fc00::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
        "http://2130706433/", "http://0x7f.1/", "http://224.0.0.1/", "http://100.64.0.1/",
        "http://[::127.0.0.1]/", "http://[64:ff9b:1::7f00:1]/", "http://[::ffff:0:127.0.0.1]/", "http://[fec0::1]/",
    ],
)  # fmt: skip
def test_a_url_from_outside_leads_nobody_into_our_network(url):
    with pytest.raises(Unreachable, match="not a public address"):
        post(url, public_only=True)


def test_a_url_from_outside_leads_to_no_unusual_port():
    with serving(lambda asked: Told()) as server, pytest.raises(Unreachable, match="isn't asked"):
        post(server.url, public_only=True)
    assert server.asked == []


@pytest.mark.parametrize("text", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::"])
def test_the_internet_is_public(text):
    assert outgoing_http.is_public(ipaddress.ip_address(text))
