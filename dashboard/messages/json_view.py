"""JSON as a page shows it: indented, its parts marked for colour. Everything in it is escaped."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.messages.frame_words import read

# More than this a browser shouldn't lay out at once, and nobody reads it.
LONGEST = 100_000
DEEPEST = 40


def pretty(text: str) -> SafeString:
    """A frame's text, indented if it is JSON; else as it came."""
    parsed = read(text) if len(text) <= LONGEST else None
    if parsed is None:
        rest = len(text) - LONGEST
        return escape(text[:LONGEST] + (f"… and {rest} characters more" if rest > 0 else ""))
    # mark_safe: every text in it went through `escape`.
    return mark_safe("".join(_marked(parsed, 0)))


def _marked(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON
    match value:
        case dict() | list() if depth >= DEEPEST:
            yield "…"
        case dict() if value:
            yield from _block("{", "}", [(_key(name), item) for name, item in value.items()], depth)
        case list() if value:
            yield from _block("[", "]", [("", item) for item in value], depth)
        case str():
            yield f'<span class="s">{_quoted(value)}</span>'
        case True | False | None:
            yield f'<span class="w">{str(value).lower() if value is not None else "null"}</span>'
        case int() | float():
            yield f'<span class="n">{value}</span>'
        case _:
            yield "{}" if isinstance(value, dict) else "[]"


def _block(opening: str, closing: str, items: list[tuple[str, Any]], depth: int) -> Iterator[str]:
    indent = "  " * (depth + 1)
    yield f"{opening}\n"
    for position, (name, item) in enumerate(items, start=1):
        yield f"{indent}{name}"
        yield from _marked(item, depth + 1)
        yield ",\n" if position < len(items) else "\n"
    yield f"{'  ' * depth}{closing}"


def _key(name: str) -> str:
    return f'<span class="k">{_quoted(name)}</span>: '


def _quoted(text: str) -> str:
    """As JSON writes it, inert in HTML; marks that turn the direction of text are escapes too."""
    quoted = json.dumps(text, ensure_ascii=False)
    return escape("".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in quoted))
