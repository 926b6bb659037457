"""Keeping and forgetting a list as it is narrowed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard import access as looking
from dashboard.access import Access, admin, viewer
from dashboard.addresses import client_address
from emobi.core.errors import Invalid, NotFound
from emobi.core.models import Role
from emobi.core.services import saved_views


@require_safe
@viewer
def views(request: HttpRequest, access: Access, page: str, of: str = "") -> HttpResponse:
    """The views of a list, and a form that keeps it as its address has it, but for where its page begins."""
    if _page(page, of) is None:
        return HttpResponse("There is no such list.", status=404, content_type="text/plain")
    asked = request.GET.copy()
    asked.pop("after", None)
    context = {
        "page": page,
        "of": of,
        "roles": Role.choices,
        "query": asked.urlencode(),
        "views": saved_views.of(access.network, access.user, page),
    }
    return looking.page(request, access, "dashboard/_saved_views.html", context)


@require_POST
@viewer
def save(request: HttpRequest, access: Access) -> HttpResponse:
    """Keep a list, and show it again."""
    page, query = request.POST.get("page", ""), request.POST.get("query", "").replace("\0", "")
    where = _page(page, request.POST.get("of", ""))
    if where is None:
        return HttpResponse("There is no such list.", status=422, content_type="text/plain")
    try:
        view = saved_views.save(
            access.network,
            access.user,
            page,
            request.POST.get("name", "").replace("\0", ""),
            query,
            shared="shared" in request.POST,
            pinned="pinned" in request.POST,
        )
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Kept as {view.name}.")
    return redirect(f"{where}?{query.removeprefix('?')}" if query else where)


@require_POST
@viewer
def delete(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Forget one's own view."""
    if not saved_views.delete(access.network, access.user, pk):
        return HttpResponse("It isn't yours, or isn't there.", status=404, content_type="text/plain")
    messages.success(request, "Forgotten.")
    return _back(request)


@require_POST
@admin
def make_default(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Let a list open with a shared view for everybody of a role, or no longer."""
    role = request.POST.get("role", "")
    try:
        view = saved_views.set_default(
            access.network, pk, role, by=access.actor, address=client_address(request)
        )
    except NotFound as error:
        return HttpResponse(str(error), status=404, content_type="text/plain")
    except Invalid as error:
        return HttpResponse(str(error), status=422, content_type="text/plain")
    word = Role(role).label.lower() if role else ""
    told = f"For everybody with the role {word} the list opens with {view.name}."
    messages.success(request, told if role else f"No list opens with {view.name} by itself.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(_page(request.POST.get("page", ""), request.POST.get("of", "")) or "/")


def _page(name: str, of: str = "") -> str | None:
    """A list's address; None if there is none of that name."""
    try:
        return reverse(f"dashboard:{name}", args=[of] if of else [])
    except NoReverseMatch:
        return None
