"""An authority that says nothing holds one process of the worker, and no request is lost."""

import threading
from datetime import timedelta

import pytest
from cryptography import x509
from django.db import connection

from emobi.core import clock, unit_of_work
from stations.models import SigningRequest
from stations.reports import SigningReport
from stations.services.trust import signing, signing_requests
from tests.certificate_tree import authority, csr, issue
from tests.web_server import Told, serving

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_holds_one_process_and_what_waits_is_signed_afterwards(alpha, bravo, settings):
    made = authority("External")
    asked_once, may_answer = threading.Event(), threading.Event()

    def sign(asked):
        asked_once.set()
        may_answer.wait(20)
        request = x509.load_pem_x509_csr(asked.body)
        leaf = issue(asked.headers["Emobi-Station"], made, public_key=request.public_key())
        return Told(201, (leaf.pem + made.pem).encode())

    def sign_apart():
        try:
            signed.append(signing.sign_due(within_s=0))
        finally:
            connection.close()

    signed = []
    for station in (alpha, bravo):
        type(station).objects.filter(pk=station.pk).update(serial_number=station.identity)
        station.refresh_from_db()
        with unit_of_work.begin():
            signing_requests.receive(station, SigningReport(csr=csr(station.identity)[0]))
    with serving(sign) as server:
        settings.EMOBI_CA_URL = server.url
        held = threading.Thread(target=sign_apart)
        held.start()
        assert asked_once.wait(20)
        assert signing.sign_due() == 0
        may_answer.set()
        held.join()
        assert (signed, len(server.asked)) == ([1], 1)
        with clock.at(clock.wall() + timedelta(minutes=1)):
            assert signing.sign_due() == 1
    assert set(SigningRequest.objects.values_list("state", flat=True)) == {"signed"}
