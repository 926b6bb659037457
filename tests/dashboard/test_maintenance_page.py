"""Maintenance is planned on a page, by operators."""

from django.contrib.auth.models import User

from emobi.core.models import Preferences
from stations.models import MaintenanceWindow, Station
from stations.services.registry import maintenance_windows

PATH = "/settings/maintenance/"
FILLED = {"site": "Depot <A>", "begins_at": "2099-05-01T10:00", "ends_at": "2099-05-01T12:00"}
FILLED |= {"reason": "A new meter."}


def text(response, status=200):
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_it_is_planned_in_ones_own_zone_seen_by_all_and_taken_back(network, alpha, operator, viewer):
    Station.objects.filter(pk=alpha.pk).update(site="Depot <A>")
    Preferences.objects.create(user=User.objects.get(username="otto"), zone="Asia/Kolkata")
    assert "None is planned" in text(viewer.get(PATH))
    assert operator.post(PATH, FILLED)["Location"] == PATH
    assert "2099-05-01 10:00:00 IST" in text(operator.get(PATH))
    assert "2099-05-01 04:30:00 UTC" in text(viewer.get(PATH))
    assert "Depot &lt;A&gt;" in text(viewer.get(PATH))
    made = MaintenanceWindow.objects.get()
    assert viewer.post(f"{PATH}{made.pk}/end/").status_code == 403
    operator.post(f"{PATH}{made.pk}/end/")
    made.refresh_from_db()
    assert made.state == "cancelled"


def test_what_is_wrong_comes_back_with_the_form(network, alpha, operator, viewer):
    refused = text(operator.post(PATH, FILLED | {"site": "", "stations": "alpha\r\nnobody"}), 422)
    assert "There is no station nobody" in refused
    assert ">alpha nobody</textarea>" in refused
    assert "Say when." in text(operator.post(PATH, FILLED | {"begins_at": "soon"}), 422)
    assert viewer.post(PATH, FILLED).status_code == 403
    assert not MaintenanceWindow.objects.exists()


def test_stations_are_brought_from_their_list_and_others_windows_are_not_there(
    network, alpha, operator, stranger
):
    prepared = operator.post(f"{PATH}prepare/", {"station": ["alpha", "stranger"]})
    assert ">alpha</textarea>" in text(prepared)
    from_now = {"begins_at": stranger.created_at, "ends_at": stranger.created_at.replace(year=2099)}
    Station.objects.filter(pk=stranger.pk).update(site="There")
    theirs = MaintenanceWindow.objects.create(
        id="1", network=stranger.network, site="There", reason="x", author="user:eve", **from_now
    )
    assert operator.post(f"{PATH}{theirs.pk}/end/").status_code == 404
    assert list(maintenance_windows.newest(network)) == []
