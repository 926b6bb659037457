"""Lists as files: NDJSON and CSV, streamed page by page, so that any length costs the memory of a page."""

import csv
import io
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query
from pydantic import BaseModel

from dashboard import file_exports
from dashboard.file_exports import Taker
from emobi.api import auth
from emobi.core.models import Role
from emobi.core.services import api_keys

# Given a cursor and how many items, a page as the API shows it.
type ReadPage = Callable[[str | None, int], dict[str, Any]]

# Items of a page; a frame may be a megabyte.
AT_ONCE = 200

Format = Annotated[
    Literal["json", "ndjson", "csv"],
    Query(description="ndjson, csv: everything from `cursor` on as a file, streamed; `limit` doesn't apply."),
]

# For the description of operations that export.
DESCRIBED: dict[str, Any] = {
    "responses": {
        200: {
            "content": {
                kind.partition(";")[0]: {"schema": {"type": "string"}}
                for kind in file_exports.CONTENT_TYPES.values()
            }
        }
    }
}

# What makes a spreadsheet take a text for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def told(
    request: HttpRequest,
    kind: str,
    model: type[BaseModel],
    read: ReadPage,
    cursor: str | None,
    limit: int,
    name: str,
    *,
    row: type[BaseModel] | None = None,
) -> dict[str, Any] | StreamingHttpResponse:
    """A page of a list, or from there on all of it as a file.

    Args:
        request: Who asks for it.
        kind: json, ndjson or csv.
        model: What an item is.
        read: Reads a page.
        cursor: Where to begin; None: at the start of the list.
        limit: Of a page that is no file.
        name: Of the file, without its ending.
        row: What an item is in a table, if it's something else: its fields are the columns.
    """
    # Read here, so that what is wrong with the request is still told by a status.
    first = read(cursor, limit if kind == "json" else AT_ONCE)
    if kind == "json":
        return first
    encode, shape = (_csv, row or model) if kind == "csv" else (_ndjson, model)
    key = auth.demand(request, Role.VIEWER)
    taker = Taker(network=key.network, actor=auth.actor(key), holds=partial(api_keys.holds, key))
    return file_exports.answer(request, taker, kind, _chunks(encode, shape, read, first), name)


async def _chunks(
    encode: Callable[[type[BaseModel], Iterable[Mapping[str, Any]], bool], str],
    model: type[BaseModel],
    read: ReadPage,
    page: dict[str, Any],
) -> AsyncGenerator[str]:
    is_first = True
    while True:
        plain = [model.model_validate(item).model_dump(mode="json") for item in page["items"]]
        yield encode(model, plain, is_first)
        if page["next"] is None:
            return
        is_first = False
        page = await sync_to_async(read)(page["next"], AT_ONCE)


def _ndjson(_model: type[BaseModel], rows: Iterable[Mapping[str, Any]], _first: bool) -> str:
    return "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)


def _csv(model: type[BaseModel], rows: Iterable[Mapping[str, Any]], first: bool) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    if first:
        writer.writerow(model.model_fields)
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: Mapping[str, Any]) -> Iterator[object]:
    for value in row.values():
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
