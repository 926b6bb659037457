"""What is read and written past autobahn: whole text frames, and nothing else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plain_frames import read_text, text_frame

MOST = 1 << 20
MASK = b"\x12\x00\xfe\x80"


def masked(payload, *, first=0x81, mask=MASK, length=None):
    """A client's frame; ``length`` is how its length is said, the shortest way if it isn't given."""
    if length is None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    hidden = bytes(octet ^ mask[i % 4] for i, octet in enumerate(payload))
    return bytes([first]) + length + mask + hidden


@given(text=st.text(max_size=300), mask=st.binary(min_size=4, max_size=4), rest=st.binary(max_size=20))
def test_a_whole_text_is_read_and_what_follows_it_stays(text, mask, rest):
    frame = masked(text.encode(), mask=mask)
    assert read_text(frame + rest, MOST) == (text, len(frame))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535])
def test_every_length_of_a_frame_is_read(size):
    assert read_text(masked(b"x" * size), MOST) == ("x" * size, size + (6 if size < 126 else 8))


@given(text=st.text(max_size=200), data=st.data())
def test_a_part_of_a_frame_waits_for_the_rest(text, data):
    frame = masked(text.encode())
    assert read_text(frame[: data.draw(st.integers(0, len(frame) - 1))], MOST) is None


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\x81\x02hi", id="not masked"),
        pytest.param(b"\x81\x02hi and what follows it", id="not masked, and more behind it"),
        pytest.param(masked(b"half", first=0x01), id="a first fragment"),
        pytest.param(masked(b"rest", first=0x80), id="a last fragment"),
        pytest.param(masked(b"octets", first=0x82), id="binary"),
        pytest.param(masked(b"small", first=0xC1), id="compressed"),
        pytest.param(masked(b"\x03\xe8", first=0x88), id="close"),
        pytest.param(masked(b"", first=0x89), id="ping"),
        pytest.param(masked(b"", first=0x8A), id="pong"),
        pytest.param(masked(b"\xff\xfe"), id="no UTF-8"),
        pytest.param(masked(b"\xed\xa0\x80"), id="half of a surrogate pair"),
        pytest.param(masked(b"short", length=b"\xfe\x00\x05"), id="length in more octets than it needs"),
        pytest.param(masked(b"x" * 70_000, length=b"\xff" + struct.pack("!Q", 70_000)), id="64 KiB and more"),
    ],
)
def test_all_others_are_left_to_the_protocol(frame):
    assert read_text(frame, MOST) is None


def test_a_frame_beyond_the_limit_is_left_to_the_protocol():
    assert read_text(masked(b"x" * 101), 101) is not None
    assert read_text(masked(b"x" * 101), 100) is None


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_the_length_of_a_frame_of_ours_is_said_in_the_fewest_octets(size):
    frame = text_frame("x" * size)
    if size < 126:
        assert frame[:2] == bytes([0x81, size])
    elif size < 65536:
        assert frame[:4] == b"\x81\x7e" + struct.pack("!H", size)
    else:
        assert frame[:10] == b"\x81\x7f" + struct.pack("!Q", size)
    assert frame.endswith(b"x" * size)


def test_a_frame_of_ours_is_utf_8():
    assert text_frame("Säule") == b"\x81\x06S\xc3\xa4ule"
