"""An entry of the catalogue: a command, and what has to be known to ask for it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, with_config

from emobi.core.models import Role

BOTH = ("1.6", "2.0.1")


def _no_fault(_asked: Any) -> None:  # noqa: ANN401 — each command has its type
    """All that there is to say against a command, its schema says."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A command.

    Attributes:
        command: Its name, the same for every version.
        kind: The dataclass that its params make.
        role: The least role that may send it.
        versions: Those that have words for it; what of it a version can't say is refused when it is sent.
        example: Params that work on any station of those versions.
        effect: What an operator should know before: what it ends or changes.
        check: Raises Invalid for params that fit the schema but not together.
    """

    command: str
    kind: type[Any]
    description: str
    role: Role = Role.OPERATOR
    versions: tuple[str, ...] = BOTH
    example: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    effect: str = ""
    check: Callable[[Any], None] = _no_fault

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Reads params; strict about names, so that a misspelt one isn't silently left out."""
        return TypeAdapter(with_config(extra="forbid")(self.kind))

    @cached_property
    def params_schema(self) -> dict[str, Any]:
        """JSON Schema of its params."""
        return self.adapter.json_schema()
