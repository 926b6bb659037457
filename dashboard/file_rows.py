"""Lists as files: NDJSON and CSV, streamed by the page, so that any length costs the memory of a page."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.http import Http404, StreamingHttpResponse

CONTENT_TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}

# What makes a spreadsheet take a text for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

type Row = Mapping[str, Any]
# Given where to go on ("" at the start): rows, and where to go on ("" at the end).
type ReadRows = Callable[[str], tuple[Sequence[Row], str]]


def answer(kind: str, columns: Sequence[str], read: ReadRows, name: str) -> StreamingHttpResponse:
    """A list as a file.

    Args:
        kind: ndjson or csv; anything else isn't there.
        columns: Of the table; rows have these names.
        read: Reads a page.
        name: Of the file, without its ending: the list, and what it is narrowed to.
    """
    if kind not in CONTENT_TYPES:
        raise Http404
    told = StreamingHttpResponse(_chunks(kind, columns, read), content_type=CONTENT_TYPES[kind])
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:120]
    told.headers["Content-Disposition"] = f'attachment; filename="{safe}.{kind}"'
    return told


async def _chunks(kind: str, columns: Sequence[str], read: ReadRows) -> AsyncIterator[str]:
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
