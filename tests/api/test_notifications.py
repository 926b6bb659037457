"""Notification routes, and what people were told."""

from stations.services.notifications import letters

ROUTE = {"name": "On call", "recipients": ["noc@example.org"], "quiet_from": "22:00", "quiet_to": "06:30"}


def test_a_route_is_made_changed_tried_and_deleted(admin, viewer):
    made = admin.post("/notification-routes", ROUTE)
    assert (made["quiet_from"], made["quiet_to"], made["time_zone"]) == ("22:00", "06:30", "UTC")
    assert "EMOBI_EMAIL_URL" in made["problem"]
    path = f"/notification-routes/{made['id']}"
    changed = admin.patch(path, {"quiet_from": None, "quiet_to": None, "severities": ["critical"]})
    assert (changed["quiet_from"], changed["severities"], changed["name"]) == (None, ["critical"], "On call")
    assert viewer.get(path) == changed
    assert viewer.all("/notification-routes", 1) == [changed]
    assert admin.post(f"{path}/test", None, expect=202) == {"recipients": 1}
    letters.compose_all()
    letters.send_all()
    (told,) = viewer.all("/notifications", 1, state="waiting")
    assert (told["recipient"], told["state"]) == ("noc@example.org", "waiting")
    assert "EMOBI_EMAIL_URL" in told["error"]
    assert viewer.get("/notifications", state="sent")["items"] == []
    admin.delete(path)
    viewer.get(path, expect=404)


def test_what_cant_be_taken_is_said_at_its_field(admin):
    wrong = {
        "recipients": ["nobody"],
        "time_zone": "Mars/Olympus",
        "quiet_to": None,
        "name": " ",
        "digest_s": 10**9,
        "remind_s": 10,
        "kinds": ["x"],
    }
    for field, value in wrong.items():
        told = admin.post("/notification-routes", {**ROUTE, field: value}, expect=422)
        assert told["errors"][0]["field"].startswith(field), told
    admin.post("/notification-routes", {"name": "nobody"}, expect=422)
    admin.post("/notification-routes", ROUTE)
    admin.post("/notification-routes", ROUTE, expect=409)
