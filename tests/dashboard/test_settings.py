"""People, keys, screens, one's own profile."""

import csv
import re
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.test import Client

from dashboard.audit import views as audit_views
from emobi.core import clock, metric_snapshots, metrics
from emobi.core.errors import Conflict
from emobi.core.models import ApiKey, AuditEntry, Membership, Preferences, WallToken
from emobi.core.services import api_keys, audit_seals, members, wall_tokens
from stations.services.registry import registration
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import streamed

PATHS = {
    "/settings/profile/": {"viewer", "operator", "engineer", "admin", "auditor"},
    "/settings/users/": {"admin"},
    "/settings/keys/": {"admin"},
    "/settings/system/": {"engineer", "admin"},
    "/settings/about/": {"viewer", "operator", "engineer", "admin", "auditor"},
    "/audit/": {"admin", "auditor"},
    "/audit/export/": {"admin", "auditor"},
}


@pytest.mark.parametrize("role", ["viewer", "operator", "engineer", "admin", "auditor"])
def test_who_may_open_what(network, role):
    client = signed_in(enlist(network, "somebody", role))
    found = {path: client.get(path).status_code for path in PATHS}
    assert found == {path: 200 if role in roles else 403 for path, roles in PATHS.items()}


def test_an_auditor_operates_nothing(alpha, network):
    client = signed_in(enlist(network, "audrey", "auditor"))
    assert client.get("/stations/alpha/").status_code == 200
    assert client.post("/stations/alpha/commands/reset/send/").status_code == 403


def secret(response):
    found = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', response.content.decode())
    assert found
    return found[1]


def test_a_new_person_signs_in_with_the_password_that_was_shown(network, admin):
    response = admin.post("/settings/users/", {"email": "Erna@example.org", "role": "engineer"})
    client = Client()
    form = {"username": "erna@example.org", "password": secret(response)}
    assert client.post("/sign-in/", form).status_code == 302
    assert client.get("/settings/system/").status_code == 200
    assert AuditEntry.objects.get(action="operator.created").actor == "user:ada"


def test_a_refused_person_is_told_why(network, admin):
    assert admin.post("/settings/users/", {"email": "no one", "role": "viewer"}).status_code == 422
    assert admin.post("/settings/users/", {"email": "erna", "role": "king"}).status_code == 422
    assert User.objects.count() == 1


def test_a_role_is_changed_with_its_reason(network, admin):
    otto = enlist(network, "otto", "operator").memberships.get()
    admin.post(f"/settings/users/{otto.pk}/", {"action": "role", "role": "engineer", "reason": "new job"})
    otto.refresh_from_db()
    assert otto.role == "engineer"
    entry = AuditEntry.objects.get(action="operator.role_changed")
    assert entry.detail == {
        "before": {"role": "operator"},
        "after": {"role": "engineer"},
        "reason": "new job",
    }
    page = admin.get("/audit/").content.decode()
    assert "<del>operator</del> → <ins>engineer</ins>" in page
    assert "new job" in page


@pytest.mark.parametrize("form", [{"action": "role", "role": "viewer"}, {"action": "deactivate"}])
def test_the_last_admin_stays(network, admin, form):
    ada = Membership.objects.get(user__username="ada")
    response = admin.post(f"/settings/users/{ada.pk}/", form)
    assert response.status_code == 409
    assert "Nobody else here is an admin" in response.content.decode()
    enlist(network, "adam", "admin")
    assert admin.post(f"/settings/users/{ada.pk}/", form).status_code == 302
    assert not AuditEntry.objects.filter(action__startswith="operator.").filter(actor="user:adam").exists()


def test_an_admin_who_cannot_sign_in_does_not_count(network, admin):
    adam = enlist(network, "adam", "admin")
    members.deactivate(adam.memberships.get(), by="user:ada")
    with pytest.raises(Conflict):
        members.change_role(Membership.objects.get(user__username="ada"), "viewer", by="user:ada")


def test_what_is_done_to_somebody_is_said_before(network, admin, operator):
    otto = Membership.objects.get(user__username="otto")
    page = admin.get("/settings/users/").content.decode()
    for action, words in (
        ("sign-out", "they can sign in again"),
        ("password", "and their sessions end"),
        ("deactivate", f"All of {network.name} is refused to them at once"),
    ):
        button = re.search(rf'value="{action}" aria-describedby="(\w+-{otto.pk})"', page)
        assert button
        assert words in page[page.index(f'id="{button[1]}"') : button.start()]
    assert page.count("your own sessions end, this one too") == 1


def test_a_deactivated_person_may_do_nothing_until_activated(network, admin, operator):
    otto = Membership.objects.get(user__username="otto")
    admin.post(f"/settings/users/{otto.pk}/", {"action": "deactivate"})
    assert operator.get("/stations/").status_code == 403
    admin.post(f"/settings/users/{otto.pk}/", {"action": "activate"})
    assert operator.get("/stations/").status_code == 200


def test_somebodys_sessions_are_ended(network, admin, operator):
    otto = Membership.objects.get(user__username="otto")
    admin.post(f"/settings/users/{otto.pk}/", {"action": "sign-out"})
    assert operator.get("/stations/").status_code == 302
    assert AuditEntry.objects.get(action="operator.signed_out").detail["sessions"] == 1


def test_nobody_takes_over_who_works_elsewhere_too(network, elsewhere, admin):
    otto = enlist(network, "otto", "operator")
    member = otto.memberships.get()
    assert secret(admin.post(f"/settings/users/{member.pk}/", {"action": "password"}))
    enlist(elsewhere, "otto", "admin")
    for action in ("password", "sign-out"):
        assert admin.post(f"/settings/users/{member.pk}/", {"action": action}).status_code == 409
    # Whom the other network has deactivated works here alone, whatever its admin wants.
    elsewhere.memberships.filter(user=otto).update(deactivated_at=clock.wall())
    for action, status in (("sign-out", 302), ("password", 200)):
        assert admin.post(f"/settings/users/{member.pk}/", {"action": action}).status_code == status
    otto.is_superuser = True
    otto.save()
    for action in ("password", "sign-out"):
        assert admin.post(f"/settings/users/{member.pk}/", {"action": action}).status_code == 409


def test_an_admin_looks_as_a_lower_role_and_goes_back(network, elsewhere, alpha, admin):
    assert admin.post("/settings/view-as/", {"role": "viewer"})["Location"] == "/"
    page = admin.get("/stations/").content.decode()
    assert "with the rights of the role <strong>Viewer</strong>" in page
    assert "data-pick" not in page
    assert admin.get("/settings/keys/").status_code == 403
    assert admin.get("/stations/alpha/commands/reset/").status_code == 403
    assert admin.post("/settings/view-as/", {"role": "engineer"}).status_code == 403
    # Elsewhere they are what they are.
    enlist(elsewhere, "ada", "operator")
    admin.post("/network/", {"slug": "elsewhere"})
    assert "with the rights of" not in admin.get("/stations/").content.decode()
    admin.post("/network/", {"slug": "grid"})
    admin.post("/settings/view-as/end/")
    assert admin.get("/settings/keys/").status_code == 200
    told = AuditEntry.objects.filter(action__startswith="user.view_as").order_by("pk")
    assert [(each.action, each.detail) for each in told] == [
        ("user.view_as_begun", {"role": "viewer"}),
        ("user.view_as_ended", {"role": "viewer"}),
    ]


def test_nobody_gets_more_by_looking_as_somebody(network, operator, admin):
    assert operator.post("/settings/view-as/", {"role": "viewer"}).status_code == 403
    for role in ("admin", "king", ""):
        admin.post("/settings/view-as/", {"role": role})
        assert admin.get("/settings/keys/").status_code == 200
    session = operator.session
    session["view_as"] = [network.slug, "engineer"]
    session.save()
    assert operator.get("/settings/system/").status_code == 403


def test_a_key_is_rotated_and_both_hold_for_a_day(network, admin):
    old_text = secret(admin.post("/settings/keys/", {"name": "ERP", "role": "operator", "expiry": "30"}))
    old = api_keys.verify(old_text, "203.0.113.9")
    assert "203.0.113.9" in admin.get("/settings/keys/").content.decode()
    new = api_keys.verify(secret(admin.post(f"/settings/keys/{old.pk}/rotate/")))
    assert (new.name, new.role) == ("ERP", "operator")
    assert timedelta(days=29) < new.expires_at - clock.now() < timedelta(days=31)
    assert api_keys.verify(old_text) == old
    with clock.at(clock.now() + timedelta(hours=25)):
        assert api_keys.verify(old_text) is None
        assert not api_keys.holds(old)
        assert admin.post(f"/settings/keys/{old.pk}/rotate/").status_code == 409
    told = AuditEntry.objects.get(action="api_key.rotated")
    assert (told.target, told.detail["by"]) == (old.prefix, new.prefix)


def test_another_networks_people_and_keys_do_not_exist(network, elsewhere, admin):
    member = enlist(elsewhere, "eve", "viewer").memberships.get()
    key, _ = api_keys.create(elsewhere, "viewer")
    wall, _ = wall_tokens.create(elsewhere, "hall", by="user:eve")
    for path in (
        f"/settings/users/{member.pk}/",
        f"/settings/keys/{key.pk}/revoke/",
        f"/settings/keys/{key.pk}/rotate/",
        f"/settings/keys/walls/{wall.pk}/revoke/",
    ):
        assert admin.post(path, {"action": "deactivate"}).status_code == 404


def test_a_key_is_made_shown_once_ends_and_is_revoked(network, admin):
    text = secret(admin.post("/settings/keys/", {"name": "ERP", "role": "viewer", "expiry": "30"}))
    key = api_keys.verify(text)
    assert key is not None
    assert key.expires_at is not None
    shown = admin.get("/settings/keys/").content.decode()
    assert text not in shown
    assert "Whatever uses it is refused at once" in shown
    ApiKey.objects.update(expires_at=clock.wall() - timedelta(seconds=1))
    assert api_keys.verify(text) is None
    ApiKey.objects.update(expires_at=None)
    admin.post(f"/settings/keys/{key.pk}/revoke/")
    assert api_keys.verify(text) is None


def test_a_screen_sees_what_its_link_lets_it_and_nothing_else(network, alpha, admin):
    link = secret(admin.post("/settings/keys/walls/", {"name": "Hall"}))
    screen = Client()
    assert screen.get(link)["Location"] == "/?wall=1"
    assert screen.session.get_expiry_age() > 365 * 86400
    assert screen.get("/stations/").status_code == 302
    assert screen.get("/settings/profile/").status_code == 302
    assert Client().get("/wall/guess/").status_code == 404
    admin.post(f"/settings/keys/walls/{WallToken.objects.get().pk}/revoke/")
    assert Client().get(link).status_code == 404


def test_a_profile_is_kept_and_drawn(network, alpha, viewer):
    form = {"zone": "Europe/Berlin", "theme": "light", "density": "compact", "palette": "contrast"}
    viewer.post("/settings/profile/", form)
    page = viewer.get("/stations/alpha/").content.decode()
    for drawn in (
        'data-theme="light"',
        'data-density="compact"',
        'data-palette="contrast"',
        'data-single-keys="off"',
        'data-zone="Europe/Berlin"',
    ):
        assert drawn in page
    assert re.search(r'title="[-\d]+ [:\d]+ CES?T"', page)
    assert 'data-alarms=""' in page
    viewer.post("/settings/profile/", form | {"sound": "on", "title_count": "on"})
    assert 'data-alarms="title sound "' in viewer.get("/stations/alpha/").content.decode()
    assert viewer.post("/settings/preferences/", {"single_keys": "on", "theme": "dark"}).status_code == 204
    kept = Preferences.objects.get()
    assert (kept.single_keys, kept.theme, kept.zone) == (True, "dark", "Europe/Berlin")


def test_the_browsers_own_zone_is_taken_from_its_cookie(network, alpha, viewer):
    viewer.post("/settings/profile/", {"zone": "browser"})
    viewer.cookies["zone"] = "Asia/Tokyo"
    assert "JST" in viewer.get("/stations/alpha/").content.decode()
    viewer.cookies["zone"] = "../../etc/passwd"
    assert "UTC" in viewer.get("/stations/alpha/").content.decode()


@pytest.mark.parametrize("form", [{"zone": "Mars/Olympus"}, {"zone": "UTC", "theme": "pink"}])
def test_what_cannot_be_chosen_is_refused(network, viewer, form):
    assert viewer.post("/settings/profile/", form).status_code == 422
    assert not Preferences.objects.exists()


def test_the_audit_log_can_only_be_added_to(network, admin):
    api_keys.create(network, "viewer")
    for change in (
        lambda: AuditEntry.objects.update(actor="user:nobody"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert AuditEntry.objects.get().actor == "system:setup"


def test_the_audit_log_is_narrowed_and_taken_along(network, elsewhere, admin, monkeypatch):
    api_keys.create(network, "viewer", "=1+1", by="user:ada")
    api_keys.create(network, "viewer", by="user:otto")
    api_keys.create(elsewhere, "viewer", by="user:eve")
    page = admin.get("/audit/?actor=otto").content.decode()
    assert "user:otto" in page
    assert "user:eve" not in admin.get("/audit/").content.decode()
    lines = streamed(admin.get("/audit/export/?format=ndjson&actor=otto")).splitlines()
    assert len(lines) == 1
    monkeypatch.setattr(audit_views, "EXPORTED_AT_ONCE", 2)
    actors = [
        row["actor"] for row in csv.DictReader(StringIO(streamed(admin.get("/audit/export/?format=csv"))))
    ]
    # That it is taken along, twice by now, is in it.
    assert actors == ["user:ada", "user:ada", "user:otto", "user:ada"]
    assert admin.get("/audit/export/?format=xml").status_code == 422


def test_an_entry_leads_to_what_it_is_about_and_says_what_changed(network, admin, alpha):
    registration.change(alpha, {"maintenance": True}, by="user:ada")
    page = admin.get("/audit/?action=station.changed").content.decode()
    assert '<a href="/stations/alpha/">alpha</a>' in page
    assert '<span class="muted">maintenance</span> <del>no</del> → <ins>yes</ins>' in page


def test_the_audit_log_says_whether_it_is_as_it_was_written(network, admin):
    with clock.at(clock.now() - timedelta(hours=3)):
        api_keys.create(network, "viewer", by="user:ada")
    assert "the first seal is still to come" in admin.get("/audit/").content.decode()
    audit_seals.seal_all()
    assert "Check all entries" in admin.get("/audit/").content.decode()
    narrowed = admin.get("/audit/?actor=ada").content.decode()
    [check] = re.findall(r'href="([^"]*check=1)"', narrowed)
    checked = admin.get(f"/audit/{unescape(check)}")
    assert "1 seal checked: 1 entry as it was written." in checked.content.decode()
    assert checked.context["filter"].actor == "ada"


def test_lists_take_as_many_queries_as_rows_came(network, admin, django_assert_max_num_queries):
    for number in range(20):
        enlist(network, f"person{number}", "viewer")
        api_keys.create(network, "viewer")
    for path in ("/settings/users/", "/settings/keys/", "/settings/system/", "/audit/"):
        with django_assert_max_num_queries(12):
            admin.get(path)


def test_the_system_says_how_fast_events_get_out(network, admin, monkeypatch):
    assert (
        "No event was told to a client of the stream yet" in admin.get("/settings/system/").content.decode()
    )
    told = metrics.Histogram("emobi_ingest_to_stream_seconds", "")
    metrics._figures.remove(told)
    for seconds in [0.004] * 90 + [0.015] * 9 + [300.0]:
        told.observe(seconds)
    monkeypatch.setattr(metric_snapshots, "of_all", lambda: {"web-1": [told.snapshot()], "web-2": []})
    page = admin.get("/settings/system/").content.decode()
    assert "p50 3 ms, p95 16 ms, p99 20 ms" in page
    assert "99 of 100 within 120 ms" in page


def test_what_we_stand_on_is_told_with_its_licences(viewer):
    page = viewer.get("/settings/about/").content.decode()
    row = page.partition('<th scope="row">Django</th>')[2].partition("</tr>")[0]
    assert "BSD-3-Clause" in row
