"""What responders say of a station's certificate, asked over real sockets."""

import asyncio
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from gateway import revocation
from gateway.client_certificate import client_certificate
from gateway.revocation import FAILURES, Revocations
from gateway.standing import Status
from stations import ocsp
from tests.certificate_tree import Responder, authority, issue
from tests.web_server import serving

CA = authority("CA")


@pytest.fixture(autouse=True)
def responders_of_this_machine(settings):
    settings.EMOBI_OCSP_ALLOW_PRIVATE = True


@pytest.fixture
def revocations():
    made = Revocations()
    yield made
    made._threads.shutdown()


def shown(responder_url, *, issuer=CA, above=()):
    """What a station shows whose certificate names this responder."""
    leaf = issue("SN1", issuer, responder=responder_url)
    chain = [each.pem for each in (leaf, issuer, *above)]
    certificate = client_certificate({"extensions": {"tls": {"client_cert_chain": chain}}})
    assert certificate is not None
    return certificate, leaf.certificate.serial_number


def standings(revocations, *certificates):
    """Of stations that come at one moment."""

    async def all_of_them():
        return await asyncio.gather(*(revocations.standing(each) for each in certificates))

    return asyncio.run(all_of_them())


def standing(revocations, certificate):
    return standings(revocations, certificate)[0]


def test_many_who_come_at_once_are_one_question_and_later_ones_none(revocations):
    with serving(Responder(CA)) as server:
        certificate, _ = shown(server.url)
        found = standings(revocations, *[certificate] * 20)
        found += standings(revocations, certificate)
        assert {each.status for each in found} == {Status.GOOD}
        assert len(server.asked) == 1


def test_an_answer_without_an_end_lasts_for_a_storm_all_the_same(revocations):
    with serving(Responder(CA, lasts=None)) as server:
        certificate, _ = shown(server.url)
        for _ in range(3):
            standing(revocations, certificate)
        assert len(server.asked) == 1


def test_when_an_answer_has_ended_its_responder_is_asked_again(revocations, monkeypatch):
    responder = Responder(CA)
    with serving(responder) as server:
        certificate, serial = shown(server.url)
        assert standing(revocations, certificate).status is Status.GOOD
        responder.revoked.add(serial)
        assert standing(revocations, certificate).status is Status.GOOD
        later = datetime.now(UTC) + timedelta(hours=2)
        responder.this_update = timedelta(hours=1, minutes=59)
        responder.lasts = timedelta(hours=3)
        for module in (revocation, ocsp):
            monkeypatch.setattr(module.clock, "wall", lambda: later)
        found = standing(revocations, certificate)
        assert found.status is Status.REVOKED
        assert "since" in found.why


def test_an_authority_between_may_be_revoked_too(revocations):
    responder = Responder(CA)
    with serving(responder) as server:
        between = authority("Between", CA, responder=server.url)
        certificate, _ = shown(None, issuer=between, above=(CA,))
        responder.revoked.add(between.certificate.serial_number)
        assert standing(revocations, certificate).status is Status.REVOKED


def test_who_names_no_responder_is_asked_about_nowhere(revocations):
    certificate, _ = shown(None)
    assert standing(revocations, certificate).status is Status.GOOD


@pytest.mark.parametrize(
    ("responder", "why"),
    [
        (Responder(authority("CA")), "didn't sign"),
        (Responder(CA, status=500), "500"),
        (Responder(CA), "doesn't know"),
    ],
)
def test_what_is_no_answer_says_nothing(revocations, responder, why):
    with serving(responder) as server:
        certificate, serial = shown(server.url)
        if why == "doesn't know":
            responder.unknown.add(serial)
        found = standing(revocations, certificate)
    assert found.status is Status.UNKNOWN
    assert why in found.why


def test_a_responder_that_is_dead_is_left_alone(revocations):
    with serving(Responder(CA, status=500)) as server:
        fleet = [shown(server.url)[0] for _ in range(FAILURES + 3)]
        found = [standing(revocations, certificate) for certificate in fleet]
        assert {each.status for each in found} == {Status.UNKNOWN}
        assert len(server.asked) == FAILURES
        assert "for a while" in found[-1].why


def test_who_waits_too_long_leaves_the_answer_to_the_next(revocations, settings, monkeypatch):
    free = Event()
    responder = Responder(CA)

    def slow(asked):
        free.wait(20)
        return responder(asked)

    monkeypatch.setattr(revocation, "LONGEST_WAIT_S", 0.05)
    settings.EMOBI_OCSP_TIMEOUT_S = 20

    async def come_twice(certificate):
        first = await revocations.standing(certificate)
        asking = list(revocations._asking.values())
        free.set()
        await asyncio.gather(*asking)
        return first, await revocations.standing(certificate)

    with serving(slow) as server:
        first, then = asyncio.run(come_twice(shown(server.url)[0]))
        assert "too long" in first.why
        assert then.status is Status.GOOD
        assert len(server.asked) == 1
