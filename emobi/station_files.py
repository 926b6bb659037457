"""`/files/`: where stations fetch firmware, and leave their logs.

Stations have no key: whoever knows the token in a path may do what it is for, and nothing else. Which paths
there are is said in `stations.file_addresses`.
"""

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils.http import parse_header_parameters
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from emobi.core import file_answers
from emobi.core.errors import Conflict, NotFound
from emobi.core.file_answers import StoredFile
from stations import file_store
from stations.services.files import firmware_images, station_logs


@csrf_exempt
@require_safe
def firmware(request: HttpRequest, token: str, filename: str) -> HttpResponseBase:
    """An image of the firmware store."""
    try:
        image = firmware_images.by_token(token)
        file = StoredFile(
            path=file_store.path(file_store.FIRMWARE, image.pk),
            filename=image.filename,
            size=image.size,
            sha256=image.sha256,
        )
        return file_answers.answer(request, file)
    except (NotFound, file_answers.Gone):
        raise Http404 from None


@csrf_exempt
@require_http_methods(["PUT", "POST"])
def log(request: HttpRequest, token: str, filename: str = "") -> HttpResponse:
    """A station's log: the body as it is, or the file of a form (OCPP 2.0.1, N01.FR.18 and .19)."""
    try:
        found = station_logs.by_token(token)
    except NotFound:
        raise Http404 from None
    if "Content-Range" in request.headers:
        return _told(400, "The file has to come in one piece.")
    chunks, name = _body(request)
    try:
        new = station_logs.receive(found, chunks, name or filename)
    except file_store.TooLarge:
        return _told(413, "The file is too large.")
    except file_store.Empty:
        return _told(400, "There is no file.")
    except Conflict as reason:
        return _told(409, str(reason))
    return _told(201 if new else 200, "Thank you.")


def _body(request: HttpRequest) -> tuple[Iterable[bytes], str]:
    """What is uploaded, piece by piece, and how it is called."""
    if request.content_type == "multipart/form-data":
        return _form(request)
    _, said = parse_header_parameters(request.headers.get("Content-Disposition", ""))
    return iter(lambda: request.read(file_store.CHUNK), b""), said.get("filename", "")


def _form(request: HttpRequest) -> tuple[Iterable[bytes], str]:
    try:
        file = next(iter(request.FILES.values()), None)
    except MultiPartParserError:
        return (), ""
    return (file.chunks(), file.name or "") if isinstance(file, UploadedFile) else ((), "")


def _told(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")


urlpatterns = [
    path("firmware/<str:token>/<str:filename>", firmware),
    re_path(r"^logs/(?P<token>[A-Za-z0-9_-]+)/*(?P<filename>[^/]*)$", log),
]
