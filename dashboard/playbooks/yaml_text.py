"""A definition as YAML, to be read and kept beside other things of its kind. Pure; nothing reads it back."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# What YAML 1.1 and 1.2 both take for the text that it is.
_PLAIN = re.compile(r"[A-Za-z][\w./-]*(?: [\w./-]+)*", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def dumped(value: Any) -> str:  # noqa: ANN401 - JSON
    """JSON's values as a YAML document."""
    return "".join(f"{line}\n" for line in _block(value))


def _block(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    match value:
        case Mapping() if value:
            for name, item in value.items():
                yield from _under(f"{_scalar(str(name))}:", item)
        case [*items] if items:
            for item in items:
                first, *rest = _block(item)
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
        case _:
            yield _scalar(value)


def _under(head: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str) and value:
        yield head
        yield from (f"  {line}" for line in _block(value))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:  # noqa: ANN401 - JSON
    """On one line: whatever isn't plainly text is as JSON has it, which YAML takes too."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=True)
