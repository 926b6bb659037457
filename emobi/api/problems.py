"""Errors of the API: RFC 9457 problem details, ``application/problem+json``.

The status says what kind of problem it is (``type`` is ``about:blank``), ``detail`` what to change, in words.
Where values can't be taken, ``errors`` names each ``field`` as the API spells it, with its ``detail``.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from inspect import iscoroutinefunction, markcoroutinefunction

import orjson
from django import db
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from dashboard import request_ids
from emobi.api.rate_limits import TooManyRequests
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# The paths that this package answers.
PREFIX = "/api/"

STATUS: Mapping[type[Refused], int] = {NotFound: 404, Conflict: 409, Invalid: 422, Forbidden: 403}

# Seconds after which to ask again while the database is away.
TRY_AGAIN_S = 5

# What is answered where no view is reached.
OUTSIDE = {
    400: "The request can't be read, or its Host isn't in EMOBI_ALLOWED_HOSTS.",
    404: "There is nothing at this path.",
    405: "This path has other methods; see Allow.",
}


def problem(status: int, detail: str, **more: object) -> HttpResponse:
    """A problem as an answer; ``more`` are members beyond the standard ones."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)


def install(api: NinjaAPI) -> None:
    """Answer every error of ``api`` as a problem."""
    handlers: Mapping[type[Exception], Callable[..., HttpResponse]] = {
        Refused: _refused,
        TooManyRequests: _too_many,
        ValidationError: _invalid,
        AuthenticationError: _unauthenticated,
        HttpError: _http_error,
        RequestDataTooBig: _too_big,
        SuspiciousOperation: _suspicious,
        db.OperationalError: _database_away,
        db.InterfaceError: _database_away,
        Exception: _failed,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _refused(request: HttpRequest, reason: Refused) -> HttpResponse:
    status = STATUS.get(type(reason), 400)
    if isinstance(reason, Invalid):
        errors = [{"field": reason.field, "detail": str(reason)}]
        return problem(status, str(reason), errors=errors)
    return problem(status, str(reason))


def _invalid(request: HttpRequest, reason: ValidationError) -> HttpResponse:
    errors = [{"field": _field(error["loc"]), "detail": error["msg"]} for error in reason.errors]
    told = [f"{error['field']}: {error['detail']}" if error["field"] else error["detail"] for error in errors]
    return problem(422, "; ".join(told), errors=errors)


def _field(place: tuple[str | int, ...]) -> str:
    """The name of a field: without "query", "path", or "body" and the name that our code has for the body."""
    source, *names = place
    return ".".join(str(name) for name in (names[1:] if source == "body" else names))


def _unauthenticated(request: HttpRequest, reason: AuthenticationError) -> HttpResponse:
    answer = problem(401, "Send a valid key as Authorization: Bearer KEY.")
    answer.headers["WWW-Authenticate"] = 'Bearer realm="emobi"'
    return answer


def _http_error(request: HttpRequest, reason: HttpError) -> HttpResponse:
    """Of a body that can't be parsed, say why."""
    return problem(reason.status_code, f"{reason}: {reason.__cause__}" if reason.__cause__ else str(reason))


def _too_many(request: HttpRequest, reason: TooManyRequests) -> HttpResponse:
    answer = problem(429, str(reason))
    answer.headers["Retry-After"] = str(reason.retry_after_s)
    return answer


def _too_big(request: HttpRequest, reason: RequestDataTooBig) -> HttpResponse:
    return problem(413, "The body is too large.")


def _suspicious(request: HttpRequest, reason: SuspiciousOperation) -> HttpResponse:
    return problem(400, OUTSIDE[400])


def _database_away(request: HttpRequest, reason: db.Error) -> HttpResponse:
    log.warning("database away: %s %s: %s", request.method, request.path, reason)
    answer = problem(503, "The database is away; try again in a moment.")
    answer.headers["Retry-After"] = str(TRY_AGAIN_S)
    return answer


def _failed(request: HttpRequest, reason: Exception) -> HttpResponse:
    number = request.META[request_ids.META_KEY]
    log.error("request %s failed: %s %s", number, request.method, request.path, exc_info=reason)
    return problem(500, f"Something went wrong here; it is logged as {number}.", request_id=number)


type Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class Outside:
    """Middleware: where no view of the API answers (no such path, wrong method) it is a problem, too."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        answer = self._get_response(request)
        if isinstance(answer, HttpResponseBase):
            return _as_problem(request, answer)
        return self._later(request, answer)

    async def _later(self, request: HttpRequest, answer: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        return _as_problem(request, await answer)


def _as_problem(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """``answer``, or a problem in place of a page about an error."""
    is_page = answer.status_code >= 400 and answer.headers.get("Content-Type", "").startswith("text/")
    if not is_page or not request.path_info.startswith(PREFIX):
        return answer
    detail = OUTSIDE.get(answer.status_code, "The request can't be carried out.")
    told = problem(answer.status_code, detail)
    if "Allow" in answer.headers:
        told.headers["Allow"] = answer.headers["Allow"]
    return told
