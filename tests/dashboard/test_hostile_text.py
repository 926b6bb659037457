"""What a station says of itself is text, on every page."""

import pytest
from django.test import Client
from django.utils.html import escape

from stations.models import Station
from tests.dashboard.hostile import LONG, furnish, harm
from tests.dashboard.pages import ROOMS, Cast, looker
from tests.dashboard.state import exchange

# Rooms in which nothing stands that others say.
SAY_NOTHING = {"accounts", "trouble", "nothing_yet"}


def test_template_braces_stay_braces(alpha, viewer):
    Station.objects.update(vendor="{{ 7|add:7 }}")
    assert "{{ 7|add:7 }}" in viewer.get("/stations/").content.decode()


def test_a_message_of_it_is_shown_and_does_nothing(alpha, viewer):
    html = viewer.get(f"/messages/{exchange(alpha, LONG, {LONG: LONG}, {LONG: LONG})}/").content.decode()
    assert harm(html) == []
    assert "alert(1)" in html


def test_a_hostile_search_is_text(alpha, viewer):
    for path in (
        "/stations/",
        "/messages/",
        "/sessions/",
        "/commands/",
        "/incidents/",
        "/fragments/palette/",
    ):
        html = viewer.get(path, {"q": LONG}).content.decode()
        assert (path, harm(html)) == (path, [])
        assert "alert(1)" in html


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_page_shows_what_others_say_and_does_nothing(network, alpha, bravo, room):
    pages = list(room(Cast(network, alpha, bravo)))
    furnish(network)
    shown = 0
    for page in pages:
        client = looker([page]) if page.role else Client()
        response = page.answer() if page.answer else client.get(page.path)
        html = response.content.decode()
        assert (page.path, response.status_code, harm(html)) == (page.path, page.status, [])
        shown += "alert(1)" in html
    assert shown or room.__name__ in SAY_NOTHING


def test_harm_is_found():
    assert len(harm(f'<p title="{LONG}">')) == 5
    assert harm(f'<a href="{escape(LONG)}">') == [f'<a href="{escape(LONG)}">']
    assert harm(escape(LONG)) == []
