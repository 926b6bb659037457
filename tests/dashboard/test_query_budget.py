"""What every page costs the database, signing in and all: a dozen queries."""

import pytest

from dashboard.overview import lately
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.pages import ROOMS, Cast
from tests.statements import counted

MOST = 12
# A button asks for more on the same page.
ASKED_FOR = {"/stations/bravo/settings/?suggest=1": MOST + 8}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_no_page_of_a_room_costs_more_than_a_dozen_queries(network, alpha, bravo, room):
    pages = {(page.path, page.role) for page in room(Cast(network, alpha, bravo)) if page.role}
    roles = {role for _, role in pages}
    people = {role: signed_in(enlist(network, f"{role}-person", role)) for role in roles}
    too_many = {}
    for path, role in sorted(pages):
        # A person's first page asks for a little more.
        people[role].get(path)
        lately.forget()
        with counted() as statements:
            people[role].get(path)
        if len(statements) > ASKED_FOR.get(path, MOST):
            too_many[path, role] = len(statements)
    assert too_many == {}
