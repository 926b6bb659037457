"""How a list opens for whoever doesn't say what they look for: with the default view of their role."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from dashboard.access import Access, View
from emobi.core.services import saved_views


def opens_by_default[**P](page: str) -> Callable[[View[P]], View[P]]:
    """A list whose URL is named ``page``: without a query it leads to its default view, if it has one.

    Whoever comes from the list itself has cleared its filter, and means all of it.
    """

    def decorate(
        view: View[P],
    ) -> Callable[Concatenate[HttpRequest, Access, P], HttpResponseBase]:
        @wraps(view)
        def opened(
            request: HttpRequest, access: Access, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.GET and urlsplit(request.headers.get("Referer", "")).path != request.path:
                query = saved_views.default(access.network, access.role, page)
                if query:
                    return redirect(f"{request.path}?{query}")
            return view(request, access, *args, **kwargs)

        return opened

    return decorate
