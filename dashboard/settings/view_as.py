"""Looking at the pages with the rights of a lower role, to see what somebody else sees."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard import access as looking
from dashboard.access import Access, admin, viewer
from dashboard.addresses import client_address
from emobi.core import unit_of_work
from emobi.core.models import Role
from emobi.core.services import audit


@require_POST
@admin
def begin(request: HttpRequest, access: Access) -> HttpResponse:
    """Look as a role does, in this network and session, until one goes back."""
    role = request.POST.get("role", "")
    if role not in Role.values or role == Role.ADMIN:
        messages.error(request, "Choose a role below admin.")
        return redirect("dashboard:users")
    request.session[looking.VIEW_AS_KEY] = [access.network.slug, role]
    _note(request, access, "user.view_as_begun", role)
    return redirect("dashboard:overview")


@require_POST
@viewer
def end(request: HttpRequest, access: Access) -> HttpResponse:
    """Look as what one is again."""
    if request.session.pop(looking.VIEW_AS_KEY, None) and access.own_role:
        _note(request, access, "user.view_as_ended", access.role)
    return redirect("dashboard:overview")


def _note(request: HttpRequest, access: Access, action: str, role: str) -> None:
    with unit_of_work.begin():
        username = access.user.get_username()
        detail = {"role": role}
        audit.record(access.network.pk, access.actor, action, username, detail, client_address(request))
