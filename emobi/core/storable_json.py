"""JSON that somebody typed or sent, as far as it can be stored and told again.

PostgreSQL knows no NUL, UTF-8 no half surrogate pair, and JSON neither NaN nor Infinity; Python's own reader
takes them all.
"""

import re
from functools import reduce
from typing import Any

import orjson

# An escaped NUL: its backslash isn't itself escaped.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# orjson reads 1024 levels and writes 254; events and audit entries put some around what they tell of.
_LEVELS_AROUND = 20


def read(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """What the text says.

    Raises:
        ValueError: If it isn't JSON, or holds what can't be stored; says why.
    """
    encoded = text.encode() if isinstance(text, str) else text
    found = orjson.loads(encoded)
    if _NUL.search(encoded):
        raise ValueError("text can't hold NUL")
    try:
        orjson.dumps(reduce(lambda inner, _: [inner], range(_LEVELS_AROUND), found))
    except orjson.JSONEncodeError as error:
        raise ValueError("it is nested too deeply") from error
    return found
