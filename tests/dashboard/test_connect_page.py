"""How stations get in: the URL to paste, who waits, who was refused and why."""

from datetime import timedelta

from emobi.core import clock
from stations.models import RefusedHandshake, Station


def refuse(network, identity, **columns):
    now = clock.wall()
    made = {
        "network": network, "network_slug": network.slug, "identity": identity,
        "remote_address": "203.0.113.7", "reason": "wrong password", "status": 401,
        "detail": "Did somebody paste a space?", "first_at": now, "last_at": now, "count": 41,
    }  # fmt: skip
    RefusedHandshake.objects.create(**(made | columns))


def page(client):
    return " ".join(client.get("/connect/").content.decode().split())


def test_the_url_to_paste_is_the_networks(network, viewer):
    assert "/ocpp/grid/CP001" in page(viewer)
    assert "manage.py add_station grid CP001" in page(viewer)


def test_a_refused_handshake_is_told_in_words(network, viewer):
    refuse(network, "CP-2099")
    html = page(viewer)
    for shown in ("CP-2099", "203.0.113.7", "Wrong password", "Did somebody paste a space?", ">41<"):
        assert shown in html


def test_old_refusals_and_those_of_others_are_left_out(network, elsewhere, viewer):
    refuse(network, "OLD", last_at=clock.wall() - timedelta(hours=25))
    refuse(elsewhere, "THEIRS")
    assert "Nobody was refused." in page(viewer)


def test_a_pending_station_can_be_accepted_from_here(network, operator):
    Station.objects.create(network=network, identity="new", registration="pending")
    assert 'value="accept"' in page(operator)
    response = operator.post("/stations/new/registration/", {"decision": "accept", "back": "connect"})
    assert response["Location"] == "/connect/"
    assert "Nobody waits." in page(operator)


def test_a_viewer_sees_who_waits_and_decides_nothing(network, viewer):
    Station.objects.create(network=network, identity="new", registration="pending")
    html = page(viewer)
    assert ">new</a>" in html
    assert 'value="accept"' not in html
