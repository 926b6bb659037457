"""JSON as stations write it: what a strict parser refuses, or reads without a word.

Nothing here guesses at a meaning: there is one way to read it, or none.
"""

import json
import math
import re
from collections import Counter

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None

# Repairing works with a regular expression: it isn't for a megabyte of rubbish.
LONGEST_REPAIR = 65_536

# NUL is no character to PostgreSQL, and half a surrogate pair is none to UTF-8.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# Faults of firmwares that are out there: a stray comma at the head of a list or an object (`[,{`), and a name
# without a value (`"transactionId":,`). Strings are matched first so that nothing in them is touched; the
# closing quote is optional so that an open string can't make the search start again at every quote in it.
_FAULT = re.compile(
    r"""
    (?P<string> "(?:[^"\\]|\\.)*+"? )
    | (?P<comma> (?<=[\[{]) \s*+ , )
    | (?P<empty> : \s*+ (?=[,}\]]) )
    """,
    re.VERBOSE | re.DOTALL,
)


def read_damaged(text: str) -> Json:
    """Read what a strict parser refused.

    Accepted are a byte order mark, bare control characters in strings, half a surrogate pair, NaN, Infinity
    and numbers beyond a double (all read as null), stray commas and empty values (see `_FAULT`).

    Raises:
        ValueError: If even so it isn't JSON.
    """
    text = text.removeprefix("\ufeff")
    try:
        return _read_leniently(text)
    except (ValueError, RecursionError):
        if len(text) > LONGEST_REPAIR:
            raise ValueError("too long to repair") from None
    try:
        return _read_leniently(_FAULT.sub(_repaired, text))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def is_deeper(node: Json, levels: int) -> bool:
    """Whether arrays and objects are nested in ``node`` more than ``levels`` deep."""
    if isinstance(node, dict):
        node = list(node.values())
    if not isinstance(node, list):
        return False
    return levels == 0 or any(is_deeper(item, levels - 1) for item in node)


def scrubbed(node: Json) -> Json:
    """``node`` with each character that can't be stored replaced by U+FFFD."""
    if isinstance(node, str):
        return _UNSTORABLE.sub("\ufffd", node)
    if isinstance(node, list):
        return [scrubbed(item) for item in node]
    if isinstance(node, dict):
        return {_UNSTORABLE.sub("\ufffd", key): scrubbed(item) for key, item in node.items()}
    return node


def repeated_keys(text: str) -> list[str]:
    """The keys that stand in ``text`` more than once; ``text`` is JSON with one object in it."""
    seen: Counter[str] = Counter()

    def count(pairs: list[tuple[str, Json]]) -> None:
        seen.update(key for key, _ in pairs)

    json.loads(text, object_pairs_hook=count)
    return [key for key, times in seen.items() if times > 1]


def _read_leniently(text: str) -> Json:
    read: Json = json.loads(
        text, strict=False, parse_constant=_nothing, parse_float=_number, parse_int=_number
    )
    return read


def _nothing(_constant: str) -> None:
    """NaN and the infinities are no numbers of JSON."""


def _number(literal: str) -> int | float | None:
    """As a strict parser reads it, which makes floats of integers beyond 64 bits; None beyond a double."""
    value = float(literal)
    if not math.isfinite(value):
        return None
    if literal.lstrip("-").isdigit() and -(2.0**63) <= value < 2.0**64:
        return int(literal)
    return value


def _repaired(fault: re.Match[str]) -> str:
    if fault["comma"] is not None:
        return ""
    if fault["empty"] is not None:
        return ":null"
    return fault["string"]
