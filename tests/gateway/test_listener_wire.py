"""Frames that break the rules of WebSocket or the bounds of the listener, and compression."""

import struct
import zlib

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from tests.gateway.listener_process import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    ListenerProcess,
    frame,
)

MIB = 1 << 20
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    with ListenerProcess(tmp_path_factory.mktemp("wire"), options={"close_timeout_s": 0.5}) as process:
        yield process
        assert "Traceback" not in process.log


def deflated(octets: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -12)
    return (deflate.compress(octets) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


VIOLATIONS = {
    "unmasked": (1002, frame(TEXT, b"hi", masked=False)),
    "reserved bit": (1002, frame(TEXT, b"hi", rsv=2)),
    "compressed without having agreed on it": (1002, frame(TEXT, deflated(b"hi"), rsv=4)),
    "unknown opcode": (1002, frame(3, b"hi")),
    "continuation of nothing": (1002, frame(0, b"hi")),
    "message in a message": (1002, frame(TEXT, b"a", fin=False) + frame(TEXT, b"b")),
    "ping of 126 bytes": (1002, frame(PING, b"x" * 126)),
    "fragmented ping": (1002, frame(PING, b"x", fin=False)),
    "close of 1 byte": (1002, frame(CLOSE, b"x")),
    "close with 1005": (1002, frame(CLOSE, struct.pack("!H", 1005))),
    "close with a reason that isn't text": (1007, frame(CLOSE, struct.pack("!H", 1000) + b"\xff")),
    "text that isn't UTF-8": (1007, frame(TEXT, b"\xff\xfe")),
    "text that ends within a character": (1007, frame(TEXT, b"\xc3")),
    "1 MiB and a byte": (1009, frame(TEXT, b"x" * (MIB + 1))),
    "2**63 - 1 bytes announced": (1009, bytes.fromhex("81ff7fffffffffffffff00000000")),
    "2**64 - 1 bytes announced": (1002, bytes.fromhex("81ffffffffffffffffff00000000")),
    "fragments over 1 MiB": (1009, frame(TEXT, b"x", fin=False) + frame(0, b"x" * 1000, fin=False) * 1100),
    "fragments without end": (1008, frame(TEXT, b"x", fin=False) + frame(0, b"", fin=False) * 10_000),
    "10,000 pings": (1008, frame(PING) * 10_000),
    "10,000 pongs": (1008, frame(PONG) * 10_000),
}


@pytest.mark.parametrize(("code", "octets"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_violation_is_answered_with_its_close_code(listener, code, octets):
    with listener.open() as station:
        station.send(octets)
        assert station.close_code() == code


def test_after_a_violation_the_connection_ends_in_order(listener):
    with listener.open() as station:
        station.send(frame(3), frame(TEXT, b"not heard any more") * 100)
        assert station.close_code() == 1002
        with pytest.raises(EOFError):
            station.receive()


def test_a_violation_ends_one_connection_and_no_other(listener):
    with listener.open() as bystander, listener.open() as offender:
        offender.send(VIOLATIONS["10,000 pings"][1])
        assert offender.close_code() == 1008
        bystander.send(frame(TEXT, b"undisturbed"))
        assert bystander.receive() == (TEXT, b"undisturbed")


def test_a_message_of_1_mib_passes_in_one_piece_or_in_fragments(listener):
    with listener.open() as station:
        station.send(frame(TEXT, b"length " + b"x" * (MIB - 7)))
        assert station.receive() == (TEXT, b"%d" % (MIB - 7))
        station.send(frame(TEXT, b"length ", fin=False), frame(0, b"x" * 2048, fin=False) * 511, frame(0))
        assert station.receive() == (TEXT, b"%d" % (2048 * 511))


def test_a_ping_between_fragments_gets_its_pong(listener):
    with listener.open() as station:
        station.send(frame(TEXT, b"he", fin=False), frame(PING, b"?"), frame(0, b"llo"))
        assert station.receive() == (PONG, b"?")
        assert station.receive() == (TEXT, b"hello")


@pytest.fixture(scope="module")
def bomb():
    return deflated(b"a" * (200 * MIB))


@pytest.mark.parametrize("pieces", [1, 300])
def test_a_bomb_of_200_mib_is_refused_and_costs_no_memory(listener, bomb, pieces):
    size = len(bomb) // pieces + 1
    parts = [bomb[start : start + size] for start in range(0, len(bomb), size)]
    before = listener.resident_mib
    with listener.open(DEFLATE) as station:
        first, *rest = parts
        station.send(frame(TEXT, first, fin=not rest, rsv=4))
        station.send(*(frame(0, part, fin=part is rest[-1]) for part in rest))
        assert station.close_code() == 1009
    assert listener.resident_mib < before + 10


def test_many_small_bombs_in_one_read_cost_no_memory(listener):
    bomb = frame(TEXT, deflated(b"a" * MIB), rsv=4)
    before = listener.resident_mib
    with listener.open(DEFLATE, path="/deaf") as station, listener.open() as bystander:
        station.send(bomb * 50)
        for _ in range(300):  # by then the listener has long read them
            bystander.send(frame(TEXT, b"hello"))
            assert bystander.receive() == (TEXT, b"hello")
        assert listener.resident_mib < before + 16


def test_damaged_compression_is_answered_with_1007(listener):
    with listener.open(DEFLATE) as station:
        station.send(frame(TEXT, b"\xff\xff\xff\xff\x01", rsv=4))
        assert station.close_code() == 1007


OFFERS = {
    "any": ClientPerMessageDeflateFactory(client_max_window_bits=True),
    "the client's window fixed": ClientPerMessageDeflateFactory(),
    "the client's window wide": ClientPerMessageDeflateFactory(client_max_window_bits=15),
    "the client's window narrow": ClientPerMessageDeflateFactory(client_max_window_bits=9),
    "the server's window wide": ClientPerMessageDeflateFactory(server_max_window_bits=15),
    "the server's window narrow": ClientPerMessageDeflateFactory(server_max_window_bits=9),
    "no context": ClientPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True
    ),
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS.keys())
def test_compression_is_agreed_on_and_works_both_ways(listener, offer):
    with listener.connect(extensions=[offer], compression=None) as station:
        assert "permessage-deflate" in station.response.headers["Sec-WebSocket-Extensions"]
        station.send("length " + "ab" * 300_000)
        assert station.recv() == "600000"
        for number in range(5):
            text = f'[2,"{number}","Heartbeat",{{}}]' * 1000
            station.send(text)
            assert station.recv() == text


def test_compression_that_a_station_breaks_is_not_agreed_on(listener):
    with listener.connect("/plain", extensions=[OFFERS["no context"]], compression=None) as station:
        assert "Sec-WebSocket-Extensions" not in station.response.headers
        station.send("length " + "ab" * 300)
        assert station.recv() == "600"


@pytest.mark.parametrize(
    "extensions",
    [
        b"permessage-deflate; server_max_window_bits=8",
        b"permessage-deflate; client_max_window_bits=7",
        b"permessage-deflate; tea=earl-grey",
        b"permessage-bzip2",
        b"x-webkit-deflate-frame",
        b'damaged ;;="',
    ],
)
def test_an_extension_that_cannot_be_met_is_declined_and_the_station_served_without(listener, extensions):
    with listener.open(b"Sec-WebSocket-Extensions: " + extensions) as station:
        assert b"extensions" not in station.head.lower()
        station.send(frame(TEXT, b"hello"))
        assert station.receive() == (TEXT, b"hello")


def test_offers_may_come_in_several_headers(listener):
    first = b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8"
    with listener.open(first, b"Sec-WebSocket-Extensions: permessage-deflate") as station:
        assert b"permessage-deflate" in station.head


def test_compression_can_be_switched_off(tmp_path):
    with ListenerProcess(tmp_path, options={"deflate": False}) as listener, listener.open(DEFLATE) as station:
        assert b"extensions" not in station.head.lower()


@pytest.mark.parametrize(
    ("headers", "message"),
    [([], frame(TEXT, b"x" * 1001)), ([DEFLATE], frame(TEXT, deflated(b"x" * 1001), rsv=4))],
    ids=["plain", "compressed"],
)
def test_the_size_of_a_message_is_the_listener_s_to_set(tmp_path, headers, message):
    options = {"max_message_bytes": 1000}
    with ListenerProcess(tmp_path, options=options) as listener, listener.open(*headers) as station:
        station.send(message)
        assert station.close_code() == 1009
