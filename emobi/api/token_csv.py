"""Id tokens as CSV: the first row names the fields, each other one is a token.

UTF-8, with or without a byte order mark, commas, quotes as in RFC 4180. Read line by line, so that a long
file takes no more memory than its tokens' names.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, override

import orjson
from pydantic import TypeAdapter, ValidationError

from emobi.api.id_tokens import IdTokenIn
from emobi.core.errors import Invalid
from sessions.services.token_import import Row

LONGEST_LINE = 64 * 1024

_ROW = TypeAdapter(IdTokenIn)
_SURROGATE = re.compile("[\ud800-\udfff]")

# What a cell that is left empty says: the value of a new token.
EMPTY: Mapping[str, Any] = {
    "type": "ISO14443",
    "status": "accepted",
    "expires_at": None,
    "group": "",
    "master_pass": False,
    "concurrent": False,
    "allowed_evses": [],
    "charging_priority": 0,
    "language1": "",
    "language2": "",
    "personal_message": "",
    "tariff": None,
    "note": "",
}


class Source(Protocol):
    """What gives the bytes of a file line by line."""

    def readline(self, size: int, /) -> bytes: ...


def rows(source: Source) -> Iterator[Row]:
    """The rows of a file; those that can't be read with the reason. Where a quote is out of place, or a line
    too long, nobody can tell where the next row begins: that row is the last.

    Raises:
        Invalid: If its first row doesn't name the fields.
    """
    lines = _Lines(source)
    table = csv.reader(lines, strict=True)
    begins = 1
    try:
        header = _header(next(table, []))
        begins = lines.number + 1
        for cells in table:
            if cells:
                yield _row(header, cells, lines.number)
            begins = lines.number + 1
    except csv.Error as fault:
        if begins == 1:
            raise Invalid(f"line 1: {fault}") from fault
        reason = Invalid(f"{fault}; from this line on nothing was read")
        yield Row(line=begins, fault=reason, is_last=True)


class _Lines(Iterator[str]):
    """The lines of a file, and the number of the one read last.

    Bytes that aren't UTF-8 come as lone surrogates.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.number = 0

    @override
    def __next__(self) -> str:
        line = self._source.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"longer than {LONGEST_LINE} bytes")
        return line.decode("utf-8-sig" if self.number == 1 else "utf-8", "surrogateescape")


def _header(names: Sequence[str]) -> Sequence[str]:
    named = [name.strip() for name in names]
    unknown = [name for name in named if name not in EMPTY and name != "id_token"]
    if unknown:
        raise Invalid(f"line 1: no such field as {unknown[0][:40]!r}")
    if "id_token" not in named or len(set(named)) < len(named):
        raise Invalid("line 1 names each field once, and id_token among them")
    return named


def _row(header: Sequence[str], cells: Sequence[str], line: int) -> Row:
    if len(cells) != len(header):
        return Row(line=line, fault=Invalid(f"{len(cells)} cells under {len(header)} names"))
    text = "".join(cells)
    if "\0" in text:
        return Row(line=line, fault=Invalid("text can't hold NUL"))
    if _SURROGATE.search(text):
        return Row(line=line, fault=Invalid("not UTF-8"))
    said = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    try:
        read = _ROW.validate_python({name: _value(name, cell) for name, cell in said.items()})
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        return Row(line=line, fault=Invalid(first["msg"], str(first["loc"][0])))
    except orjson.JSONDecodeError:
        return Row(line=line, fault=Invalid("a list in JSON", "allowed_evses"))
    return Row(
        line=line,
        id_token=read["id_token"],
        fields={name: value for name, value in read.items() if name != "id_token"},
    )


def _value(name: str, cell: str) -> object:
    if not cell and name in EMPTY:
        return EMPTY[name]
    return orjson.loads(cell) if name == "allowed_evses" else cell
