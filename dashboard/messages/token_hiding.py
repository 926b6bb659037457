"""Id tokens in frames: as good as a key to whoever reads all of one, so they are shown by their end. Pure.

Passwords and keys never come here: they are masked before anything is stored (`stations.masking`).
"""

from typing import Any

import orjson

from dashboard import figures
from dashboard.messages.frame_words import read
from stations import masking

# Fields that hold a token, as text; 2.0.1 has it within an object of the same name.
_TOKENS = frozenset({"idTag", "parentIdTag", "idToken"})


def hidden(text: str) -> str:
    """A frame's text with its id tokens cut to their ends; what isn't JSON as it is."""
    if not any(f'"{name}"' in text for name in _TOKENS):
        return text
    parts = read(text)
    return text if parts is None else orjson.dumps(_hidden(parts)).decode()


def _hidden(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return {
                name: figures.masked(item) if name in _TOKENS and isinstance(item, str) else _hidden(item)
                for name, item in value.items()
            }
        case list():
            return [_hidden(item) for item in value]
        case _:
            return value


def hides(text: str) -> bool:
    """Whether there is a token in it that could be shown."""
    return hidden(text) != text


def was_masked(text: str) -> bool:
    """Whether something was taken out of it before it was stored: that can't be shown to anybody."""
    return f'"{masking.MASK}"' in text or f":{masking.MASK}@" in text
