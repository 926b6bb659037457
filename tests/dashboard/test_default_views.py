"""Lists that are kept by name: on which pages, and with which one a list opens for a role."""

import pytest

from emobi.core import ulid
from emobi.core.models import AuditEntry, SavedView
from tests.dashboard.conftest import enlist, signed_in
from webhooks.models import Endpoint

PAGES = {
    "stations": "/stations/",
    "messages": "/messages/",
    "charging-sessions": "/sessions/",
    "all-commands": "/commands/",
    "incidents": "/incidents/",
    "audit": "/audit/",
}


def keep(client, page="stations", query="q=site%3AA", **said):
    client.post("/views/save/", {"page": page, "query": query, "name": "Ours", "shared": "on", **said})
    return SavedView.objects.latest("pk")


def default(client, view, role):
    return client.post(f"/views/{view.pk}/default/", {"page": view.page, "role": role})


@pytest.mark.parametrize(("page", "path"), PAGES.items())
def test_every_list_keeps_views_and_opens_with_the_one_of_the_role(network, admin, page, path):
    assert f'hx-get="/fragments/views/{page}/?' in admin.get(path).content.decode()
    view = keep(admin, page, "q=x&actor=x")
    assert admin.get(path).status_code == 200
    assert default(admin, view, "admin")["Location"] == path
    assert admin.get(path)["Location"] == f"{path}?q=x&actor=x"
    assert admin.get(f"{path}?q=y").status_code == 200
    # Who clears the filter of the list means all of it.
    assert admin.get(path, headers={"Referer": f"http://testserver{path}?q=x"}).status_code == 200
    assert "opens first" in admin.get(f"/fragments/views/{page}/").content.decode()
    default(admin, view, "")
    assert admin.get(path).status_code == 200


def test_a_role_has_one_default_in_a_network_and_no_other_role_has_it(network, elsewhere, admin, viewer):
    first, second = keep(admin), keep(viewer, name="Other")
    default(admin, first, "viewer")
    default(admin, second, "viewer")
    first.refresh_from_db()
    assert first.default_for == ""
    assert viewer.get("/stations/").status_code == 302
    assert admin.get("/stations/").status_code == 200
    assert signed_in(enlist(elsewhere, "eve", "viewer")).get("/stations/").status_code == 200
    assert AuditEntry.objects.filter(action="saved_view.default_set").count() == 2
    viewer.post("/views/save/", {"page": "stations", "query": "q=a", "name": "Other"})
    assert viewer.get("/stations/").status_code == 200


def test_only_an_admin_says_how_lists_open_and_only_by_what_is_shared(network, elsewhere, admin, operator):
    view = keep(operator)
    assert default(operator, view, "operator").status_code == 403
    assert default(admin, view, "king").status_code == 422
    mine = SavedView.objects.create(
        network=network, owner=view.owner, page="stations", name="Mine", query="q=a"
    )
    assert default(admin, mine, "operator").status_code == 404
    stranger = signed_in(enlist(elsewhere, "eve", "admin"))
    assert default(stranger, view, "viewer").status_code == 404


def test_deliveries_keep_views_that_fit_every_webhook(network, admin):
    one, two = (
        Endpoint.objects.create(
            id=ulid.new(), network=network, url="https://t.example.org/", types=["*"], fanned_out_to=0
        )
        for _ in range(2)
    )
    assert (
        f'hx-get="/fragments/views/webhook/{one.pk}/?' in admin.get(f"/webhooks/{one.pk}/").content.decode()
    )
    said = {"page": "webhook", "of": one.pk, "query": "state=dead", "name": "Dead"}
    assert admin.post("/views/save/", said)["Location"] == f"/webhooks/{one.pk}/?state=dead"
    shown = admin.get(f"/fragments/views/webhook/{two.pk}/").content.decode()
    assert 'href="?state=dead"' in shown
    assert f'name="of" value="{two.pk}"' in shown
