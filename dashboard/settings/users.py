"""Who works in the network, and as what."""

from collections import Counter
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import Access, admin, page
from dashboard.addresses import client_address
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Membership, Role
from emobi.core.services import members, operators

MATRIX = (
    (Role.VIEWER, "Sees everything of the network, and changes nothing."),
    (Role.OPERATOR, "Also sends commands to stations, accepts new ones, works on incidents."),
    (
        Role.ENGINEER,
        "Also changes what acts by itself or on many: playbooks, templates, profiles, campaigns.",
    ),
    (Role.ADMIN, "Also changes people, keys and the network, and reads the audit log."),
    (Role.AUDITOR, "Sees everything, the audit log too, and changes nothing."),
)


@require_http_methods(["GET", "HEAD", "POST"])
@admin
def users(request: HttpRequest, access: Access) -> HttpResponse:
    """The page, and a new person."""
    if request.method != "POST":
        return _page(request, access, {})
    login, role = request.POST.get("email", "").replace("\0", ""), request.POST.get("role", "")
    try:
        user, password = operators.create(
            access.network, login, role, by=access.actor, address=client_address(request)
        )
    except (Invalid, Conflict) as error:
        return _page(request, access, {"refusal": str(error), "email": login, "role": role}, status=422)
    return _page(request, access, {"made": user.get_username(), "password": password})


@require_POST
@admin
def change(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Change somebody's role, sign them out, deactivate them, or give them a new password."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk, network=access.network)
    name = member.user.get_username()
    who: dict[str, Any] = {
        "by": access.actor,
        "reason": request.POST.get("reason", "").replace("\0", "").strip()[:300],
        "address": client_address(request),
    }
    try:
        match request.POST.get("action"):
            case "role":
                members.change_role(member, request.POST.get("role", ""), **who)
                said = f"{name} is {Role(member.role).label.lower()} now."
            case "deactivate":
                members.deactivate(member, **who)
                said = f"{name} may do nothing here from now on."
            case "activate":
                members.activate(member, **who)
                said = f"{name} may do again what {Role(member.role).label.lower()}s may."
            case "sign-out":
                count = members.sign_out(member, **who)
                said = f"{name} is signed out: {count} session{'' if count == 1 else 's'} ended."
            case "password":
                password = members.renew_password(member, **who)
                return _page(request, access, {"made": name, "password": password})
            case _:
                return HttpResponse("There is no such action.", status=422, content_type="text/plain")
    except (Invalid, Conflict) as error:
        return _page(request, access, {"problem": str(error)}, status=409)
    messages.success(request, said)
    return redirect("dashboard:users")


def _page(request: HttpRequest, access: Access, more: dict[str, Any], status: int = 200) -> HttpResponse:
    found = list(
        Membership.objects.filter(network=access.network)
        .select_related("user")
        .order_by("deactivated_at", "user__username")
    )
    people = [each.user_id for each in found]
    factors = Counter(
        Authenticator.objects.filter(user__in=people)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user", flat=True)
    )
    seen = dict(
        UserSession.objects.filter(user__in=people)
        .order_by()
        .values_list("user")
        .annotate(at=Max("last_seen_at"))
    )
    context = {
        "section": "settings",
        "tab": "users",
        "rows": [(each, factors[each.user_id], seen.get(each.user_id)) for each in found],
        "roles": Role.choices,
        "matrix": MATRIX,
        **more,
    }
    return page(request, access, "dashboard/settings/users.html", context, status)
