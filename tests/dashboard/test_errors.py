"""Pages for when something is wrong, and the number that leads to the log."""

import logging

import pytest
from django.db import OperationalError

from dashboard.stations import views


def test_an_unknown_page_is_told_in_our_style(viewer):
    response = viewer.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()
    assert 'href="/">Back to the overview<' in response.content.decode()
    assert response["X-Request-ID"] in response.content.decode()


def test_a_failure_shows_its_number_and_nothing_of_its_cause(viewer, monkeypatch, caplog):
    def breaks(*_):
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(views, "_listing", breaks)
    viewer.raise_request_exception = False
    with caplog.at_level(logging.CRITICAL, "django.request"):
        response = viewer.get("/stations/")
    html = response.content.decode()
    assert response.status_code == 500
    assert response["X-Request-ID"] in html
    assert "secret cause" not in html
    assert "Traceback" not in html


def test_a_database_that_is_away_has_a_page_of_its_own(viewer, monkeypatch, caplog):
    def away(*_):
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(views, "_listing", away)
    viewer.raise_request_exception = False
    with caplog.at_level(logging.CRITICAL, "django.request"):
        response = viewer.get("/stations/?q=fault")
    html = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert 'href="/stations/?q=fault">Try again' in html
    assert response["X-Request-ID"] in html
    assert "10.0.0.7" not in html
    assert "Traceback" not in html


def test_the_number_stands_in_what_the_request_logs(viewer, capsys):
    response = viewer.get("/nowhere/")
    assert response["X-Request-ID"] in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/stations/", "/stations/nobody/", "/sign-in/", "/nowhere/"])
def test_every_page_has_the_policy_and_nothing_inline(viewer, path):
    response = viewer.get(path)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    html = response.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert "<script>" not in html
