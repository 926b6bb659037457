"""Notification routes on their page."""

import re

from stations.models import Letter, NotificationRoute
from stations.services.notifications import letters

LIST = "/settings/notifications/"
FORM = {
    "name": "On call",
    "channel": "email",
    "recipients": "a@example.org, b@example.org",
    "severities": ["critical"],
    "quiet_from": "22:00",
    "quiet_to": "06:30",
    "time_zone": "Europe/Berlin",
    "digest": "10",
    "on_resolved": "on",
}


def test_a_route_is_made_changed_tried_switched_off_and_deleted(admin):
    page = "/settings/notifications/"
    admin.post(page, FORM)
    made = NotificationRoute.objects.get()
    assert (made.recipients, made.digest_s) == (["a@example.org", "b@example.org"], 600)
    assert (made.severities, made.on_resolved, f"{made.quiet_to:%H:%M}") == (["critical"], True, "06:30")
    shown = admin.get(f"{page}{made.pk}/").content.decode()
    assert "EMOBI_EMAIL_URL" in shown
    assert "Nobody is told by this route any more" in shown
    assert "a@example.org b@example.org" in shown
    wrong = admin.post(f"{page}{made.pk}/", {**FORM, "time_zone": "Mars"})
    assert (wrong.status_code, "is no time zone" in wrong.content.decode()) == (422, True)
    admin.post(f"{page}{made.pk}/", {**FORM, "name": "Nights"})
    admin.post(f"{page}{made.pk}/test/")
    letters.compose_all()
    letters.send_all()
    assert Letter.objects.count() == 2
    assert "Test of the route Nights" in admin.get(page).content.decode()
    Letter.objects.update(state="failed")
    admin.post(f"{page}letters/{Letter.objects.first().pk}/again/")
    assert Letter.objects.filter(state="waiting").count() == 1
    admin.post(f"{page}{made.pk}/switch/", {"enabled": "0"})
    made.refresh_from_db()
    assert (made.name, made.enabled) == ("Nights", False)
    admin.post(f"{page}{made.pk}/delete/")
    assert not NotificationRoute.objects.exists()


def test_only_admins_see_it(operator):
    assert operator.get("/settings/notifications/").status_code == 403


def test_a_refusal_loses_no_tick(admin, network):
    admin.post(LIST, FORM | {"severities": ["minor"]})
    of_one = f"{LIST}{NotificationRoute.objects.get().pk}/"
    typed = {**FORM, "severities": ["critical"], "kinds": ["offline", "fault"], "remind": "soon"}
    typed.pop("on_resolved", None)
    for path in (LIST, of_one):
        refused = admin.post(path, typed)
        assert refused.status_code == 422
        ticked = set(re.findall(r'value="(\w+)" checked', refused.content.decode()))
        assert ticked == {"critical", "offline", "fault"}
        assert 'name="on_resolved">' in refused.content.decode()
