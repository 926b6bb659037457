"""Errors of the API: RFC 9457 problem details. A text for people, a stable ``type`` for programs."""

import logging
from collections.abc import Mapping

import orjson
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from emobi.core import ulid
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused

log = logging.getLogger(__name__)

STATUS: Mapping[type[Refused], tuple[int, str]] = {
    NotFound: (404, "Not found"),
    Conflict: (409, "Conflict"),
    Invalid: (422, "Invalid value"),
    Forbidden: (403, "Not allowed"),
}


def problem(status: int, title: str, detail: str = "", **more: object) -> HttpResponse:
    """A problem as an answer; ``more`` are members beyond the standard ones."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    answer = HttpResponse(orjson.dumps(body), status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="emobi"'
    return answer


def install(api: NinjaAPI) -> None:
    """Answer every error of ``api`` as a problem."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, reason: Refused) -> HttpResponse:
        status, title = STATUS.get(type(reason), (400, "Refused"))
        more = (
            {"errors": [{"field": reason.field, "detail": str(reason)}]}
            if isinstance(reason, Invalid)
            else {}
        )
        return problem(status, title, str(reason), **more)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, reason: ValidationError) -> HttpResponse:
        errors = [
            {"field": ".".join(str(part) for part in error["loc"]), "detail": error["msg"]}
            for error in reason.errors
        ]
        return problem(
            422, "Invalid value", "; ".join(f"{e['field']}: {e['detail']}" for e in errors), errors=errors
        )

    @api.exception_handler(AuthenticationError)
    def unauthenticated(request: HttpRequest, reason: AuthenticationError) -> HttpResponse:
        return problem(401, "No valid key", "Send a valid key as Authorization: Bearer KEY.")

    @api.exception_handler(Throttled)
    def throttled(request: HttpRequest, reason: Throttled) -> HttpResponse:
        answer = problem(429, "Too many requests", "This key has used up its requests; see Retry-After.")
        answer["Retry-After"] = str(int(reason.wait or 1) + 1)
        return answer

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, reason: HttpError) -> HttpResponse:
        return problem(reason.status_code, "Refused", str(reason))

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, reason: Http404) -> HttpResponse:
        return problem(404, "Not found")

    @api.exception_handler(SuspiciousOperation)
    def suspicious(request: HttpRequest, reason: SuspiciousOperation) -> HttpResponse:
        return problem(400, "Bad request")

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, reason: Exception) -> HttpResponse:
        request_id = ulid.new()
        log.error("request %s failed: %s %s", request_id, request.method, request.path, exc_info=reason)
        return problem(
            500,
            "Our fault",
            f"Something went wrong here; it is logged as {request_id}.",
            request_id=request_id,
        )
