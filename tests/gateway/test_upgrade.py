"""Judging an upgrade request, for requests that nobody thought of."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from gateway import upgrade

NAMES = st.sampled_from(
    [b"host", b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-protocol", b"authorization"]
)
HEADERS = st.lists(st.tuples(NAMES | st.binary(max_size=8), st.binary(max_size=40)), max_size=8)


@given(target=st.binary(max_size=40), headers=HEADERS)
def test_any_request_is_either_read_or_refused(target, headers):
    with suppress(upgrade.UpgradeRefused):
        wanted = upgrade.read(b"GET", target, b"HTTP/1.1", [(b"upgrade", b"websocket"), *headers])
        assert wanted.raw_path.startswith(b"/")
        assert wanted.raw_path.isascii()


@given(headers=HEADERS)
def test_no_header_s_value_becomes_another_header(headers):
    """autobahn splits where `str.splitlines` does."""
    with suppress(upgrade.UpgradeRefused):
        head = upgrade.read(b"GET", b"/", b"HTTP/1.1", [(b"upgrade", b"websocket"), *headers]).head()
        assert head.decode("latin-1").splitlines() == head.decode("latin-1").split("\r\n")[:-1]
        known = {*upgrade.ONCE, *upgrade.LISTS, b"sec-websocket-protocol"}
        assert {line.partition(b":")[0] for line in head.splitlines()[1:-1]} <= known
