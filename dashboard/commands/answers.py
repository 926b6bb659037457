"""What was filled in, as a tree: `schedule.0.limit` is the limit of the first row of a schedule. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Deeper than any command's params.
_DEEPEST = 14

# What a part has as its text when it is there, be it with nothing filled in.
THERE = "on"


@dataclass
class Answers:
    """What was filled in at a path, and below it."""

    text: str = ""
    under: dict[str, "Answers"] = field(default_factory=dict)

    def at(self, name: str) -> "Answers":
        """What is below by that name; nothing if nothing is."""
        return self.under.get(name) or Answers()

    @property
    def given(self) -> bool:
        """Whether anything of it was there, filled in or not."""
        return bool(self.text or self.under)

    @property
    def rows(self) -> list["Answers"]:
        """What is below by numbers, in their order."""
        numbered = [name for name in self.under if name.isdecimal() and len(name) <= 5]
        return [self.under[name] for name in sorted(numbered, key=int)]

    def flat(self, path: str = "") -> Iterator[tuple[str, str]]:
        """As it is filled in: by path."""
        if path and self.text:
            yield path, self.text
        for name, below in self.under.items():
            yield from below.flat(f"{path}.{name}" if path else name)


def of(filled: Mapping[str, str]) -> Answers:
    """The tree of what was filled in by path."""
    top = Answers()
    for path, text in filled.items():
        names = path.split(".")
        if len(names) > _DEEPEST:
            continue
        below = top
        for name in names:
            below = below.under.setdefault(name, Answers())
        below.text = text
    return top


def added(filled: Mapping[str, str], path: str) -> dict[str, str]:
    """The same with one more row at ``path``, or with the part there."""
    top = of(filled)
    below = top
    for name in path.split(".")[:_DEEPEST]:
        below = below.under.setdefault(name, Answers())
    below.text = THERE
    return dict(top.flat())


def removed(filled: Mapping[str, str], path: str) -> dict[str, str]:
    """The same without all that is at ``path``."""
    kept = {name: text for name, text in filled.items() if name != path and not name.startswith(f"{path}.")}
    above = path.rpartition(".")[0]
    # A list that has lost its last row is still there.
    return kept | ({above: THERE} if above and above in filled else {})
