"""Keeping and forgetting a list as it is narrowed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard import access as looking
from dashboard.access import Access, viewer
from emobi.core.errors import Invalid
from emobi.core.services import saved_views


@require_safe
@viewer
def views(request: HttpRequest, access: Access, page: str) -> HttpResponse:
    """The views of a list, and a form that keeps it as its address has it, but for where its page begins."""
    if _page(page) is None:
        return HttpResponse("There is no such list.", status=404, content_type="text/plain")
    asked = request.GET.copy()
    asked.pop("after", None)
    context = {
        "page": page,
        "list_url": f"dashboard:{page}",
        "query": asked.urlencode(),
        "views": saved_views.of(access.network, access.user, page),
    }
    return looking.page(request, access, "dashboard/_saved_views.html", context)


@require_POST
@viewer
def save(request: HttpRequest, access: Access) -> HttpResponse:
    """Keep a list, and show it again."""
    page, query = request.POST.get("page", ""), request.POST.get("query", "").replace("\0", "")
    where = _page(page)
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
    return redirect(_page(request.POST.get("page", "")) or "/")


def _page(name: str) -> str | None:
    """A list's address; None if there is none of that name."""
    try:
        return reverse(f"dashboard:{name}")
    except NoReverseMatch:
        return None
