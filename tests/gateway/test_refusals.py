"""Refused handshakes: each is kept, but a flood of them only in part."""

import asyncio
import dataclasses
import logging
import threading
from types import SimpleNamespace

import pytest

from emobi.core.models import Network
from gateway import admission, handshake, limits, refusals
from gateway.handshake import Admission
from gateway.presented import Refusal, Request
from gateway.process import Gateway
from gateway.refusals import MOST, MOST_OF_ONE, Refusals
from stations.models import Station
from stations.services.trust import credentials


def refusal(identity="", reason="no such path"):
    return Refusal(status=404, reason=reason, detail="…", network_slug="grid", identity=identity)


@pytest.fixture
def kept(monkeypatch):
    """What is submitted; windows end by hand."""
    monkeypatch.setattr(refusals, "WINDOW_S", 3600)
    return []


def play(kept, acts):
    """Let ``acts`` happen on an event loop, given how to keep one, and how to end the window."""

    async def run():
        keeper, intake = Refusals(), SimpleNamespace(submit=kept.append)
        acts(
            lambda one, address="127.0.0.7": keeper.keep(one, address, intake),
            lambda: keeper.end_window(intake),
        )
        keeper.end_window(intake)

    asyncio.run(run())


def test_the_same_again_is_counted_and_written_once_with_its_number(kept):
    def acts(keep, end_window):
        for _ in range(1000):
            keep(refusal("alpha"))
        assert [each.times for each in kept] == [1]
        end_window()
        assert [each.times for each in kept] == [1, 999]
        keep(refusal("alpha"))

    play(kept, acts)
    assert [each.times for each in kept] == [1, 999, 1]


def test_a_depot_of_known_stations_behind_one_address_is_kept_whole(kept):
    def acts(keep, end_window):
        for number in range(300):
            keep(dataclasses.replace(refusal(f"CP{number}"), known=True))

    play(kept, acts)
    assert len(kept) == 300


def test_different_ones_are_kept_at_once_of_each_address_up_to_a_number(kept, caplog):
    def acts(keep, end_window):
        for number in range(MOST * 10):
            keep(refusal(f"CP{number}"))
        assert len(kept) == MOST_OF_ONE
        for number in range(MOST * 10):
            keep(refusal(f"CP{number}"), f"127.0.1.{number % 250}")
        assert len(kept) == MOST
        end_window()
        keep(refusal("alpha"))

    play(kept, acts)
    assert len(kept) == MOST + 1
    assert f"{MOST * 20 - MOST} refused handshakes" in caplog.text


def test_what_the_listener_refuses_is_kept_with_the_others(kept):
    async def run():
        gateway = Gateway("flooded")
        gateway.ready, gateway.intake = True, SimpleNamespace(submit=kept.append)
        for _ in range(50):
            gateway.note_refusal("127.0.0.7", 426, "Not a WebSocket handshake.")
        gateway.note_refusal("127.0.0.7", 0, "TLS handshake failed: certificate verify failed")
        gateway.note_refusal("127.0.0.7", 408, "No complete request came within 10 s.")

    asyncio.run(run())
    assert [(each.refusal.status, each.refusal.reason) for each in kept] == [
        (426, "no WebSocket handshake"),
        (0, "no TLS"),
        (408, "no request in time"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "identity", "presented", "reason"),
    [
        ("grid", "alpha", (b"alpha", b"wrong wrong wrong"), "wrong password"),
        ("grid", "alpha", (b"bravo", b"wrong wrong wrong"), "user name is not the identity"),
        ("grid", "alpha", None, "no credentials"),
        ("grid", "charlie", (b"charlie", b"wrong wrong wrong"), "unknown station"),
        ("grid", "charlie", None, "unknown station"),
        ("nowhere", "alpha", (b"alpha", b"wrong wrong wrong"), "unknown station"),
        ("grid", "mute", (b"mute", b"wrong wrong wrong"), "no password here"),
        ("grid", "secure", (b"secure", b"wrong wrong wrong"), "profile too low"),
        ("grid", "certified", (b"certified", b"wrong wrong wrong"), "no client certificate"),
    ],
)
def test_each_refusal_of_credentials_takes_the_time_of_one_hash(
    monkeypatch, slug, identity, presented, reason
):
    network = Network.objects.create(slug="grid", name="Grid")
    stored = credentials.hashed("the right password")
    for name, profile, password_hash in [
        ("alpha", 1, stored), ("mute", 1, ""), ("secure", 2, stored), ("certified", 3, ""),
    ]:  # fmt: skip
        Station.objects.create(
            network=network, identity=name, security_profile=profile, password_hash=password_hash
        )
    hashed, matches = [], credentials._matches
    monkeypatch.setattr(credentials, "_matches", lambda *held: hashed.append(held) or matches(*held))
    verdict = handshake.judge(
        Request(
            network_slug=slug,
            identity=identity,
            offered=["ocpp1.6"],
            basic=presented,
            certificate=None,
            secure=identity == "certified",
        )
    )
    assert (verdict.status, verdict.reason) == (401, reason)
    assert len(hashed) == 1
    assert hashed[0][1] == (presented[1] if presented else b"")


def knock(identity):
    """The scope of a handshake."""
    return {
        "client": ("127.0.0.7", 1),
        "scheme": "ws",
        "raw_path": f"/ocpp/grid/{identity}".encode(),
        "subprotocols": ["ocpp1.6"],
        "headers": [],
        "extensions": {},
    }


def test_one_address_can_not_fill_the_line(monkeypatch):
    monkeypatch.setattr(admission, "MOST_WAITING_OF_ONE", 5)

    async def run():
        door, intake = admission.Door(), SimpleNamespace(submit=lambda _: None, available=True)
        never = asyncio.Event()

        async def wait(*_):
            await never.wait()

        monkeypatch.setattr(door, "_in_turn", wait)
        waiting = [asyncio.ensure_future(door.admit(knock(f"CP{n}"), intake)) for n in range(5)]
        await asyncio.sleep(0)
        crowded = await door.admit(knock("CP5"), intake)
        other = asyncio.ensure_future(door.admit(knock("CP6") | {"client": ("127.0.0.8", 1)}, intake))
        await asyncio.sleep(0)
        waits = not other.done()
        for each in (*waiting, other):
            each.cancel()
        await asyncio.gather(*waiting, other, return_exceptions=True)
        again = asyncio.ensure_future(door.admit(knock("CP5"), intake))
        await asyncio.sleep(0)
        waits_again = not again.done()
        again.cancel()
        await door.close()
        return crowded, waits, waits_again

    crowded, waits, waits_again = asyncio.run(run())
    assert crowded.status == 503
    assert int(dict(crowded.headers)[b"Retry-After"]) >= 1
    assert waits
    assert waits_again


def test_two_chargers_with_one_identity_that_take_turns_have_to_wait(monkeypatch, kept):
    station = Station(pk=7, network_id=3, identity="alpha")
    let_in = Admission(
        station=station, subprotocol="ocpp1.6", echo="", security_profile=1, password_hash="",
        serial_number=None, unchecked="",
    )  # fmt: skip

    async def run():
        door, intake = admission.Door(), SimpleNamespace(submit=kept.append, available=True)
        monkeypatch.setattr(door, "_in_turn", lambda *_: asyncio.sleep(0, let_in))
        verdicts = [await door.admit(knock("ALPHA"), intake) for _ in range(50)]
        await door.close()
        return verdicts

    verdicts = asyncio.run(run())
    assert set(verdicts[: limits.SOCKETS]) == {let_in}
    refused = [each for each in verdicts if each is not let_in]
    assert refused
    assert {each.status for each in refused} == {503}
    assert 1 <= int(dict(refused[0].headers)[b"Retry-After"]) <= limits.SOCKET_EVERY_S
    assert [(each.refusal.reason, each.refusal.identity, each.refusal.known) for each in kept] == [
        ("too many connections", "alpha", True)
    ]


def test_a_503_is_a_line_of_the_log(caplog):
    with caplog.at_level(logging.INFO, "gateway.admission"):
        verdict = asyncio.run(Gateway("starting").admit({"client": ("127.0.0.7", 1)}))
    assert verdict.status == 503
    assert int(dict(verdict.headers)[b"Retry-After"]) >= 1
    assert caplog.messages == ["not now, 127.0.0.7: we start, or stop"]


def test_who_hangs_up_while_it_is_judged_has_failed_all_the_same(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def judge(_request):
        begun.set()
        assert go_on.wait(20)
        return dataclasses.replace(refusal("alpha"), status=401)

    async def run():
        door, intake = admission.Door(), SimpleNamespace(submit=lambda _: None, available=True)
        counted = []

        async def add(guesser):
            counted.append(guesser)

        monkeypatch.setattr(admission.handshake, "judge", judge)
        monkeypatch.setattr(door._failures, "add", add)
        first = asyncio.ensure_future(door.admit(knock("alpha"), intake))
        await asyncio.to_thread(begun.wait, 20)
        second = asyncio.ensure_future(door.admit(knock("alpha"), intake))  # waits for its turn
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        second.cancel()
        go_on.set()
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        await door.close()
        return counted, outcomes

    counted, outcomes = asyncio.run(run())
    assert counted == [("127.0.0.7", "grid/alpha")]
    assert all(isinstance(each, asyncio.CancelledError) for each in outcomes)
