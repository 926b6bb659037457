"""A payload as a tree that folds: names, types, values, their meaning, and what is wrong where.

Everything in it is escaped.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.messages.enum_words import meaning
from stations.models import Deviation, Frame

# More than this a browser shouldn't lay out at once; the raw text has all of it.
MOST = 2000
DEEPEST = 40
# Deeper, or of more members, is folded.
OPEN_DEPTH = 3
OPEN_MEMBERS = 12

_MORE = mark_safe('<li class="muted">… and more: see the raw text</li>')
_OPEN = mark_safe(" open")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A way in which the frame differs from its schema: where, which rule, and what we made of it."""

    path: str
    rule: str
    detail: str = ""


def findings(frame: Frame, known: Sequence[Deviation]) -> list[Finding]:
    """What was noted of a frame when it came; ``known`` deviations of its station say more of each."""
    details = {(each.path, each.rule): each.detail for each in known if each.action == frame.action}
    found = []
    for part in frame.note.split("; "):
        path, separator, rule = part.rpartition(": ")
        if separator:
            path = "" if path == "frame" else path
            found.append(Finding(path=path, rule=rule, detail=details.get((path, rule), "")))
    return found


class _Tree:
    """Draws one payload; counts what it has drawn."""

    def __init__(self, found: Sequence[Finding]) -> None:
        self._by_path: dict[str, list[Finding]] = {}
        for each in found:
            self._by_path.setdefault(each.path, []).append(each)
        self._left = MOST

    def members(self, value: Any, path: str, depth: int) -> Iterator[SafeString]:  # noqa: ANN401 - JSON
        items: Sequence[tuple[str, str, Any]]
        if isinstance(value, dict):
            items = [(name, f"{path}.{name}", item) for name, item in value.items()]
        else:
            items = [(f"[{position}]", f"{path}[{position}]", item) for position, item in enumerate(value)]
        for name, where, item in items:
            if self._left <= 0:
                yield _MORE
                return
            self._left -= 1
            yield self._node(name, where, item, depth)

    def _node(self, name: str, path: str, value: Any, depth: int) -> SafeString:  # noqa: ANN401 - JSON
        found = self._marks(path)
        key = format_html('<span class="k">{}</span>', visible(name))
        if isinstance(value, dict | list) and value and depth < DEEPEST:
            word = "object" if isinstance(value, dict) else "list"
            opened = (depth < OPEN_DEPTH and len(value) <= OPEN_MEMBERS) or bool(found)
            return format_html(
                '<li><details{}><summary>{} <span class="tree-type">{} of {}</span>{}</summary>'
                "<ul>{}</ul></details></li>",
                _OPEN if opened else "", key, word, len(value), found,
                format_html_join("", "{}", ((each,) for each in self.members(value, path, depth + 1))),
            )  # fmt: skip
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        told = meaning(name, value)
        return format_html(
            '<li>{} <button type="button" class="leaf {}" data-copy="{}" data-copy-path="{}">{}</button>'
            ' <span class="tree-type">{}</span>{}{}</li>',
            key, _css(value), text, path, visible(text) if text else "“”", _type(value),
            format_html(' <span class="tree-meaning">{}</span>', told) if told else "", found,
        )  # fmt: skip

    def _marks(self, path: str) -> SafeString:
        place = _INDEX.sub("[]", path.removeprefix("$").removeprefix("."))
        found = self._by_path.get(place, ())
        return format_html_join(
            "", ' <span class="tag" data-tone="fault">{}{}</span>',
            ((each.rule, f": {each.detail}" if each.detail else "") for each in found),
        )  # fmt: skip


def tree(payload: Any, found: Sequence[Finding] = ()) -> SafeString:  # noqa: ANN401 - JSON
    """A payload as nested lists; what is no object or list is told as it is."""
    if not isinstance(payload, dict | list) or not payload:
        text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        return format_html('<p class="tree mono wrap">{}</p>', visible(text))
    parts = _Tree(found).members(payload, "$", 0)
    return format_html('<ul class="tree">{}</ul>', format_html_join("", "{}", ((each,) for each in parts)))


def visible(text: str) -> str:
    """Marks that turn the direction of text, and others that can't be seen, as escapes."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _type(value: Any) -> str:  # noqa: ANN401 - JSON
    names: Mapping[type, str] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "text",
        type(None): "null",
    }
    return names.get(type(value), "empty")


def _css(value: Any) -> str:  # noqa: ANN401 - JSON
    return {str: "s", bool: "w", int: "n", float: "n"}.get(type(value), "w")
