"""Names that nobody answers for are no other receiver's trouble."""

import socket
import threading

import pytest

from tests.web_server import Told, serving
from webhooks.models import Attempt

pytestmark = pytest.mark.django_db(transaction=True)


def test_dead_name_servers_delay_no_other_webhook(subscribe, happen, deliver, monkeypatch):
    """However many there are; the loop's own threads are a few more than there are processors."""
    answers, as_ever = threading.Event(), socket.getaddrinfo

    def look_up(host, *args, **options):
        if str(host).startswith("dead"):
            answers.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        return as_ever(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with serving(lambda asked: Told()) as receiver:
        for number in range(40):
            subscribe(f"http://dead-{number}.example.org/")
        well = subscribe(receiver.url.replace("127.0.0.1", "localhost"))
        happen("alpha")
        try:
            assert deliver(lambda: well.deliveries.filter(state="delivered").exists())
            # None of the others has been given up meanwhile.
            assert Attempt.objects.count() == 1
        finally:
            answers.set()
