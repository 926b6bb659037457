"""What the listener refuses by itself: kept, but a flood of it only in part."""

import asyncio
import logging
from types import SimpleNamespace

from gateway import process
from gateway.process import MOST_REFUSALS_PER_S, Gateway


def test_a_flood_is_kept_only_in_part(monkeypatch):
    kept, seconds = [], [7.0]
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    gateway = Gateway("flooded")
    gateway.ready, gateway.intake = True, SimpleNamespace(submit=kept.append)
    for _ in range(MOST_REFUSALS_PER_S * 10):
        gateway.note_refusal("127.0.0.7", 426, "Not a WebSocket handshake.")
    assert len(kept) == MOST_REFUSALS_PER_S
    seconds[0] += 1
    gateway.note_refusal("127.0.0.7", 0, "TLS handshake failed: certificate verify failed")
    assert [(each.refusal.status, each.refusal.reason) for each in kept[-2:]] == [
        (426, "no WebSocket handshake"),
        (0, "no TLS"),
    ]


def test_a_503_is_a_line_of_the_log(caplog):
    with caplog.at_level(logging.INFO, "gateway.admission"):
        refusal = asyncio.run(Gateway("starting").admit({"client": ("127.0.0.7", 1)}))
    assert refusal.status == 503
    assert int(dict(refusal.headers)[b"Retry-After"]) >= 1
    assert caplog.messages == ["not now, 127.0.0.7: we start, or stop"]
