"""Values of the wrong type, read as the type that was meant. None: there is no telling what was meant."""

import math
import re
from collections.abc import Callable, Iterable, Mapping

from gateway.json_text import Json
from gateway.schemas import LARGEST_INTEGER, SMALLEST_INTEGER

# A decimal comma is what some firmwares print in the locale of their maker.
_NUMBER = re.compile(r"\s*([+-]?\d{1,30})(?:[.,](\d{1,30}))?\s*", re.ASCII)

_TRUTH: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}


def integer(value: Json) -> int | None:
    """From a text, or from a float without a fraction."""
    read = number(value)
    if read is None or read != math.trunc(read) or not SMALLEST_INTEGER <= read <= LARGEST_INTEGER:
        return None
    return int(read)


def number(value: Json) -> int | float | None:
    """From a text such as ``"12,5"``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or not (match := _NUMBER.fullmatch(value)):
        return None
    whole, fraction = match.groups()
    return int(whole) if fraction is None else float(f"{whole}.{fraction}")


def text(value: Json) -> str | None:
    """From a number or a truth value, as JSON prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else None


def boolean(value: Json) -> bool | None:
    """From 0 and 1, or from words, in any case."""
    return _TRUTH.get(str(value).strip().casefold())


def word(value: str, words: Iterable[str]) -> str | None:
    """The one of ``words`` that differs only in case, or in space around it."""
    wanted = value.strip().casefold()
    return next((word for word in words if word.casefold() == wanted), None)


# By ``type`` of JSON Schema.
BY_TYPE: Mapping[str, Callable[[Json], Json]] = {
    "integer": integer,
    "number": number,
    "string": text,
    "boolean": boolean,
}
