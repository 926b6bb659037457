"""What a URL says of who comes by it."""

import pytest

from gateway import presented
from gateway.presented import Refusal


def refused(path):
    return presented.read({"raw_path": path, "subprotocols": [], "scheme": "ws", "headers": []})


@pytest.mark.parametrize(
    ("path", "network_slug", "identity"),
    [
        (b"/", "", ""),
        (b"/ocpp", "", ""),
        (b"/alpha", "", "alpha"),
        (b"/ocpp/grid", "grid", ""),
        (b"/grid/alpha", "grid", "alpha"),
        (b"/steve/websocket/grid/alpha", "grid", "alpha"),
        (b"/ocpp/grid/bravo/alpha", "grid", "alpha"),
        (b"/ocpp/grid/al%pha", "grid", "al%pha"),
        (b"/ocpp/grid/%ff", "grid", "%ff"),
        (b"/steve/gr%00id/\xff", "gr\ufffdid", "\ufffd"),
        (b"/steve/grid/" + b"a" * 1000, "grid", "a" * 64),
    ],
)
def test_a_path_that_is_not_ours_says_who_came_as_far_as_it_does(path, network_slug, identity):
    refusal = refused(path)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (404, "no such path")
    assert (refusal.network_slug, refusal.identity) == (network_slug, identity)
