"""What every page costs the database, signing in and all: a dozen queries."""

import pytest

from dashboard.overview import lately
from tests.dashboard.pages import ROOMS, Cast, looker
from tests.statements import counted

MOST = 12
# Each step of a station's way in is read from rows of its own.
ASKED_FOR = {
    "/connect/stations/CP-7/": MOST + 2,
    "/connect/stations/alpha/": MOST + 2,
}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_no_page_of_a_room_costs_more_than_a_dozen_queries(network, alpha, bravo, room):
    pages = [page for page in room(Cast(network, alpha, bravo)) if page.role and not page.answer]
    too_many = {}
    for page in pages:
        client = looker([page])
        # A person's first page asks for a little more.
        client.get(page.path)
        lately.forget()
        with counted() as statements:
            client.get(page.path)
        if len(statements) > ASKED_FOR.get(page.path, MOST):
            too_many[page.path, page.role] = len(statements)
    assert too_many == {}
