"""Lists as files: NDJSON and CSV, streamed by the page, so that any length costs the memory of a page."""

import csv
import io
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, StreamingHttpResponse

from dashboard import file_exports
from dashboard.access import Access

# What makes a spreadsheet take a text for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

type Row = Mapping[str, Any]
# Given where to go on ("" at the start): rows, and where to go on ("" at the end).
type ReadRows = Callable[[str], tuple[Sequence[Row], str]]


def answer(
    request: HttpRequest, access: Access, kind: str, columns: Sequence[str], read: ReadRows, *name: str
) -> StreamingHttpResponse:
    """A list as a file.

    Args:
        request: Who asks for it.
        access: The same, and as what.
        kind: ndjson or csv; anything else isn't there.
        columns: Of the table; rows have these names.
        read: Reads a page.
        name: Of the file, in parts: the list, and what it is narrowed to.
    """
    if kind not in file_exports.CONTENT_TYPES:
        raise Http404
    return file_exports.answer(request, access.taker, kind, _chunks(kind, columns, read), *name)


async def _chunks(kind: str, columns: Sequence[str], read: ReadRows) -> AsyncGenerator[str]:
    if kind == "csv":
        yield _csv([columns])
    after = ""
    while True:
        rows, after = await sync_to_async(read)(after)
        if kind == "csv":
            yield _csv(_cells(row, columns) for row in rows)
        else:
            yield "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)
        if not after:
            return


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(row: Row, columns: Sequence[str]) -> Iterator[object]:
    for value in (row[name] for name in columns):
        match value:
            case dict() | list():
                yield orjson.dumps(value).decode()
            case str():
                yield inert(value)
            case _:
                yield value


def inert(text: str) -> str:
    """``text``, with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
