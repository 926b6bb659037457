"""Answers that are files: with ranges, so that a slow modem goes on where it stopped. Source: RFC 9110."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

CHUNK = 1 << 18

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file that doesn't change; ``sha256`` in hexadecimal digits tells it from any other."""

    path: Path
    filename: str
    size: int
    sha256: str

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


class Gone(Exception):
    """The file isn't there any more."""


def answer(request: HttpRequest, file: StoredFile) -> HttpResponseBase:
    """The file, a range of it, or that the client has it already.

    Raises:
        Gone: If it isn't there.
    """
    if not file.path.exists():
        raise Gone
    unchanged = get_conditional_response(request, etag=file.etag)
    if unchanged is not None:
        return unchanged
    wanted = _range(request, file)
    if wanted is None:
        return _described(HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"}), file)
    first, length = wanted
    response: HttpResponseBase = HttpResponse()
    if request.method != "HEAD":
        response = StreamingHttpResponse(_pieces(file.path, first, length))
    response.headers["Content-Length"] = str(length)
    if length != file.size:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{file.size}"
    return _described(response, file)


def _described(response: HttpResponseBase, file: StoredFile) -> HttpResponseBase:
    """Say what it is: always something to be saved, never something that a browser shows."""
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    disposition = content_disposition_header(as_attachment=True, filename=file.filename)
    said = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": disposition or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": file.etag,
        "Repr-Digest": f"sha-256=:{digest}:",
        "Cache-Control": "private",
    }
    for name, value in said.items():
        response.headers[name] = value
    return response


def _range(request: HttpRequest, file: StoredFile) -> tuple[int, int] | None:
    """First byte and length of what is wanted; None if there is nothing of it.

    Whoever asks for several ranges at once gets the whole, as for a range of another version of the file.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or request.headers.get("If-Range", file.etag) != file.etag:
        return 0, file.size
    first, last = asked.groups()
    if not first:
        length = min(int(last or 0), file.size)
        return (file.size - length, length) if length else None
    begin, end = int(first), int(last) if last else file.size - 1
    if last and end < begin:
        return 0, file.size
    return (begin, min(end, file.size - 1) - begin + 1) if begin < file.size else None


async def _pieces(path: Path, first: int, length: int) -> AsyncIterator[bytes]:
    """A part of a file, read as fast as it is taken."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        await asyncio.to_thread(file.seek, first)
        while length:
            piece = await asyncio.to_thread(file.read, min(CHUNK, length))
            if not piece:
                return
            length -= len(piece)
            yield piece
    finally:
        file.close()
