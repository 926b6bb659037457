"""Id tokens in frames: as good as a key to whoever reads all of one, so they are shown by their end. Pure.

Passwords and keys never come here: they are masked before anything is stored (`stations.masking`).
"""

import re
from typing import Any

import orjson

from dashboard import figures
from stations import masking

# Fields that hold a token, as `_is_token` compares them; 2.0.1 has it within an object of the same name.
_TOKENS = frozenset({"idtag", "parentidtag", "idtoken", "additionalidtoken"})
# What has none of these has none of those: JSON may write any letter as an escape.
_HINT = re.compile(r"id[_-]?(?:tag|token)|\\u", re.IGNORECASE)
_NOTHING = ("", '""', "null", "true", "false")


def hidden(text: str) -> str:
    """A frame's text with its id tokens cut to their ends, be it damaged; in its spelling if it has none."""
    if not _HINT.search(text):
        return text
    try:
        parts = orjson.loads(text)
        found = _hidden(parts, token=False)
        return text if found == parts else orjson.dumps(found).decode()
    except orjson.JSONDecodeError:
        return masking.with_others(text, _is_token, _end)
    except (RecursionError, orjson.JSONEncodeError):
        return masking.MASK  # nobody nests like that to be read


def _hidden(value: Any, *, token: bool) -> Any:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return {name: _hidden(item, token=_is_token(name)) for name, item in value.items()}
        case list():
            return [_hidden(item, token=token) for item in value]
        case bool() | None | "" | masking.MASK:
            return value
        case str() | int() | float() if token:
            return figures.masked(str(value))
        case str() if value.lstrip().startswith(("{", "[", '"')):
            # As all data of 1.6's vendors are.
            return hidden(value)
        case _:
            return value


def _is_token(name: str) -> bool:
    return masking.plain(name).replace("_", "").replace("-", "") in _TOKENS


def _end(written: str) -> str:
    """The same of a value as a damaged text has it."""
    value = written.strip('"')
    return written if written in _NOTHING or value == masking.MASK else f'"{figures.masked(value)}"'


def hides(text: str) -> bool:
    """Whether there is a token in it that could be shown."""
    return hidden(text) != text


def was_masked(text: str) -> bool:
    """Whether something was taken out of it before it was stored: that can't be shown to anybody."""
    return f'"{masking.MASK}"' in text or f":{masking.MASK}@" in text
