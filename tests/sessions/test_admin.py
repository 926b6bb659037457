import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.test import RequestFactory

from sessions.models import ChargingSession, IdToken, MeterValue
from sessions.services import charging_sessions
from tests.sessions.said import start_16, tell


@pytest.fixture
def request_of_admin(rf: RequestFactory, db):
    request = rf.get("/")
    request.user = User.objects.create_superuser("root")
    return request


@pytest.mark.parametrize("model", [ChargingSession, MeterValue])
def test_history_can_t_be_changed_by_anybody(request_of_admin, model):
    admin = site.get_model_admin(model)
    assert admin.has_view_permission(request_of_admin)
    assert not admin.has_add_permission(request_of_admin)
    assert not admin.has_change_permission(request_of_admin)
    assert not admin.has_delete_permission(request_of_admin)


def test_tokens_can(request_of_admin):
    admin = site.get_model_admin(IdToken)
    assert admin.has_add_permission(request_of_admin)
    assert admin.has_change_permission(request_of_admin)


@pytest.mark.parametrize("model", [ChargingSession, MeterValue, IdToken])
def test_lists_are_found_by_their_search(request_of_admin, rf, alpha, model):
    tell(charging_sessions.start, alpha, start_16())
    session = ChargingSession.objects.get()
    wanted = {ChargingSession: "GOOD", MeterValue: session.pk, IdToken: "goo"}[model]
    admin = site.get_model_admin(model)
    for text, expected in ((wanted, 1), ("nothing such", 0)):
        request = rf.get("/", {"q": text})
        request.user = request_of_admin.user
        assert admin.get_changelist_instance(request).get_queryset(request).count() == expected
