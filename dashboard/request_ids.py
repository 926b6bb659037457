"""A number for each request: in its answer, in every line that it logs, and on the page when it fails."""

import sys
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction, markcoroutinefunction

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from emobi.core import ulid

META_KEY = "REQUEST_ID"
HEADER = "X-Request-ID"

type Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class Numbering:
    """Middleware that gives each request its number; to stand outermost.

    Not a thread is held for a request of an asynchronous view, which may take as long as its client likes.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self._get_response = get_response
        self._asynchronous = iscoroutinefunction(get_response)
        if self._asynchronous:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        number = request.META[META_KEY] = ulid.new()
        if self._asynchronous:
            return self._later(request, number)
        # Not unbound: Django logs a failed request after all middleware. The next request binds its own.
        structlog.contextvars.bind_contextvars(request_id=number)
        answer = self._get_response(request)
        assert isinstance(answer, HttpResponseBase)
        return _numbered(answer, number)

    async def _later(self, request: HttpRequest, number: str) -> HttpResponseBase:
        structlog.contextvars.bind_contextvars(request_id=number)
        answer = self._get_response(request)
        assert isinstance(answer, Awaitable)
        return _numbered(await answer, number)


def _numbered(response: HttpResponseBase, number: str) -> HttpResponseBase:
    response.headers[HEADER] = number
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an unexpected failure: its number, and of its cause only that the database is away."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        response = render(request, "503.html", status=503)
        response.headers["Retry-After"] = "5"
        return response
    return render(request, "500.html", status=500)
