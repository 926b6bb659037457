"""What people say of a station: its name, its notes, and the zone in which its times are read."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from emobi.core.models import AuditEntry, Preferences
from stations.models import Station
from tests.dashboard.state import charge

SETTINGS = "/stations/alpha/settings/"


def text(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def save(client, **said):
    return client.post(f"{SETTINGS}save/", {"registration": "accepted", **said})


@pytest.fixture
def in_its_zone(operator):
    Preferences.objects.create(user=User.objects.get(username="otto"), zone="station")
    return operator


def test_a_station_has_a_name_and_notes_beside_every_tab(alpha, bravo, operator, viewer):
    said = {"name": "Harbour <3>", "notes": "Key at the kiosk.\r\nAsk for Jo.", "zone": "Asia/Kolkata"}
    assert save(operator, **said).status_code == 302
    alpha.refresh_from_db()
    assert (alpha.name, alpha.notes) == ("Harbour <3>", "Key at the kiosk.\nAsk for Jo.")
    for path in ("/stations/alpha/", "/stations/alpha/messages/"):
        page = text(viewer, path)
        assert "Harbour &lt;3&gt;" in page
        assert "Key at the kiosk. Ask for Jo." in page
    assert "Harbour" in text(viewer, "/stations/?q=harbour")
    assert "bravo" not in text(viewer, "/stations/?q=harbour")
    assert 'value="Asia/Kolkata"' in text(operator, SETTINGS)
    assert AuditEntry.objects.get(action="station.changed").detail["name"]["to"] == "Harbour <3>"
    assert "None yet." in text(operator, "/stations/bravo/")
    assert "None yet." not in text(viewer, "/stations/bravo/")


def test_what_is_no_zone_is_refused_with_the_form(alpha, operator):
    refused = save(operator, zone="Mars/Olympus", notes="kept")
    assert refused.status_code == 422
    assert "There is no time zone" in refused.content.decode()
    assert ">kept</textarea>" in refused.content.decode()
    alpha.refresh_from_db()
    assert (alpha.zone, alpha.notes) == ("", "")


def test_its_pages_are_in_its_zone_and_all_others_in_utc(alpha, bravo, in_its_zone):
    Station.objects.filter(pk=alpha.pk).update(zone="Asia/Kolkata")
    session = charge(alpha, started_at=datetime(2026, 5, 1, 23, tzinfo=UTC))
    for path in ("/stations/alpha/", "/stations/alpha/commands/reset/", f"/sessions/{session.pk}/"):
        assert 'data-zone="Asia/Kolkata"' in text(in_its_zone, path)
    assert "2026-05-02 04:30:00 IST" in text(in_its_zone, f"/sessions/{session.pk}/")
    for path in ("/stations/bravo/", "/stations/", "/sessions/"):
        assert 'data-zone="UTC"' in text(in_its_zone, path)


def test_who_chose_another_zone_is_shown_that(alpha, viewer):
    Station.objects.filter(pk=alpha.pk).update(zone="Asia/Kolkata")
    assert 'data-zone="UTC"' in text(viewer, "/stations/alpha/")
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="browser")
    assert 'data-zone="browser"' in text(viewer, "/stations/alpha/")


def test_what_a_colleague_did_meanwhile_stays(alpha, operator):
    Station.objects.filter(pk=alpha.pk).update(registration="pending", tags=["new"], allowed_versions=["1.6"])
    form = operator.get(SETTINGS).context
    shown = {f"shown-{name}": text for name, text in form["shown"].items()}
    sent = {**form["filled"], "allowed_versions": form["versions"], **shown}
    assert 'name="shown-registration" value="pending"' in text(operator, SETTINGS)
    Station.objects.filter(pk=alpha.pk).update(
        registration="accepted", tags=["new", "vip"], security_profile=2, allowed_versions=["1.6", "2.0.1"]
    )
    refused = save(operator, **sent | {"notes": "Ask for Jo.", "zone": "Mars"})
    assert refused.status_code == 422
    assert refused.context["shown"] == form["shown"]
    assert save(operator, **sent | {"notes": "Ask for Jo."}).status_code == 302
    alpha.refresh_from_db()
    assert (alpha.notes, alpha.registration, alpha.tags) == ("Ask for Jo.", "accepted", ["new", "vip"])
    assert (alpha.security_profile, alpha.allowed_versions) == (2, ["1.6", "2.0.1"])
    assert list(AuditEntry.objects.get(action="station.changed").detail) == ["notes"]
    assert save(operator, **sent | {"allowed_versions": []}).status_code == 302
    alpha.refresh_from_db()
    assert alpha.allowed_versions == []
    assert save(operator, **sent).status_code == 302
    assert AuditEntry.objects.filter(action="station.changed").count() == 2
