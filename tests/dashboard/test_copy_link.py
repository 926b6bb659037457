"""A link to what one looks at is had where it can be told from others: in its head."""

import re

from tests.dashboard import pages
from tests.dashboard.pages import Cast

# What has a page of its own: an incident, a run, a delivery, a charging session, a message.
OWN = re.compile(
    r"/(incidents/\w{26}|playbooks/runs/\w+|webhooks/deliveries/\w+|sessions/\w{26}|messages/\d+)/"
)
ROOMS = (pages.incidents, pages.playbooks, pages.webhooks, pages.charging, pages.messages)


def test_whatever_has_a_page_of_its_own_has_a_link_to_copy(network, alpha, bravo, viewer):
    cast = Cast(network, alpha, bravo)
    paths = {page.path for room in ROOMS for page in room(cast) if OWN.fullmatch(page.path)}
    kinds = {path.split("/")[1] for path in paths}
    assert kinds == {"incidents", "playbooks", "webhooks", "sessions", "messages"}
    paths |= {"/stations/bravo/", "/stations/bravo/reservations/"}
    shown = {path: viewer.get(path).content.decode().count(" data-copy-link") for path in paths}
    assert shown == dict.fromkeys(paths, 1)
