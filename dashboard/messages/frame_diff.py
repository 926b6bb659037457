"""How two payloads differ: what was added, left out, or says something else. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

MOST = 400
DEEPEST = 40


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One path that differs; None: it isn't there."""

    path: str
    before: str | None
    after: str | None

    @property
    def word(self) -> str:
        if self.before is None:
            return "added"
        return "left out" if self.after is None else "changed"


def differences(before: Any, after: Any) -> list[Difference]:  # noqa: ANN401 - JSON
    """By path, in the order of ``after``; what only ``before`` has comes last."""
    old, new = dict(_leaves(before, "$", 0)), dict(_leaves(after, "$", 0))
    paths = [*new, *(path for path in old if path not in new)]
    found = (
        Difference(path=path, before=old.get(path), after=new.get(path))
        for path in paths
        if old.get(path) != new.get(path)
    )
    return [each for _, each in zip(range(MOST), found, strict=False)]


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    match value:
        case dict() if value and depth < DEEPEST:
            for name, item in value.items():
                yield from _leaves(item, f"{path}.{name}", depth + 1)
        case list() if value and depth < DEEPEST:
            for position, item in enumerate(value):
                yield from _leaves(item, f"{path}[{position}]", depth + 1)
        case _:
            yield path, orjson.dumps(value).decode()
