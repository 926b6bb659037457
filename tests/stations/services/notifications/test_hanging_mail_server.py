"""A mail server that says nothing holds one process of the worker, and loses no letter."""

import socket
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection

from emobi import env
from emobi.core import clock, ulid
from stations.models import Letter
from stations.services.notifications import letters
from tests.stations.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


def written(network, many):
    now = clock.wall()
    for number in range(many):
        letter_id = ulid.new()
        Letter.objects.create(
            id=letter_id,
            network=network,
            recipient="alice@example.org",
            subject=f"number {number}",
            message_id=f"<{letter_id}@example.org>",
            next_attempt_at=now,
            created_at=now,
        )


def leads_to(settings, port):
    settings.EMOBI_EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.MAILERS = {"default": env.mailer("EMOBI_EMAIL_URL", settings.EMOBI_EMAIL_URL)}


def send_apart():
    """As another process does."""
    try:
        letters.send_all(within_s=0)
    finally:
        connection.close()


def test_it_holds_one_process_and_what_waits_is_sent_afterwards(network, settings):
    written(network, 3)
    with closing(socket.create_server(("127.0.0.1", 0))) as hanging:
        leads_to(settings, hanging.getsockname()[1])
        held = threading.Thread(target=send_apart)
        held.start()
        asked, _ = hanging.accept()
        assert letters.send_all() == 0
        hanging.setblocking(False)
        with pytest.raises(BlockingIOError):
            hanging.accept()
        asked.close()
        held.join()
        # Its time was over: it took no other.
        with pytest.raises(BlockingIOError):
            hanging.accept()
    assert list(Letter.objects.values_list("state", "attempts").order_by("-attempts")) == [
        ("waiting", 1), ("waiting", 0), ("waiting", 0),
    ]  # fmt: skip
    server = MailServer().start()
    try:
        leads_to(settings, server.port)
        with clock.at(clock.wall() + timedelta(minutes=1)):
            assert [letters.send_all(within_s=0), letters.send_all()] == [1, 2]
    finally:
        server.stop()
    assert sorted(each["Subject"] for each in server.kept.letters) == ["number 0", "number 1", "number 2"]
