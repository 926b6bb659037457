"""The words of a search: free text, and tokens: ``site:"Depot A"``, ``fw:<1.4``, ``offline:>15m``. Pure.

What isn't a token that is known is text: an identity may have a colon in it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

# A word, or key:value, where a value may be quoted; a quote that isn't closed goes to the end.
_PIECE = re.compile(r'(?:(?P<key>[A-Za-z]+):)?(?P<sign>[<>]?)(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>\S*))')
_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
# A century: what is longer leads out of the calendar.
_LONGEST = timedelta(days=36_500)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Token:
    """A condition.

    Attributes:
        key: In lower case.
        sign: "<", ">" or "": equal.
        value: Never empty.
    """

    key: str
    sign: str
    value: str

    def __str__(self) -> str:
        quoted = f'"{self.value}"' if re.search(r"\s", self.value) or self.value[0] in "<>" else self.value
        return f"{self.key}:{self.sign}{quoted}"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: text that is somewhere, and conditions."""

    text: str = ""
    tokens: tuple[Token, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, (self.text, *map(str, self.tokens))))

    def without(self, token: Token) -> "Search":
        """The same without a condition."""
        return Search(self.text, tuple(each for each in self.tokens if each != token))

    def of(self, key: str) -> Iterator[Token]:
        """The conditions of a key."""
        return (token for token in self.tokens if token.key == key)


def parse(written: str, keys: Collection[str]) -> Search:
    """Read a search. Of the same condition twice one is left.

    Args:
        written: As somebody typed it.
        keys: Those that make a token, in lower case.
    """
    words: list[str] = []
    tokens: dict[Token, None] = {}
    at = 0
    while at < len(written):
        if written[at].isspace():
            at += 1
            continue
        found = _PIECE.match(written, at)
        assert found is not None  # every part of it may be empty
        end = max(found.end(), at + 1)
        key = (found["key"] or "").lower()
        value = (found["quoted"] if found["quoted"] is not None else found["bare"] or "").strip()
        if key in keys and value:
            tokens[Token(key, found["sign"], value)] = None
        elif key in keys:
            pass  # a token that is being typed
        else:
            words.append(written[at:end].strip('"'))
        at = end
    return Search(" ".join(filter(None, words)), tuple(tokens))


def duration(text: str) -> timedelta | None:
    """15m, 30d, 90s, 2h; None if it is none, or longer than anything here can be."""
    found = _DURATION.fullmatch(text)
    lasting = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    return lasting if lasting is not None and lasting <= _LONGEST else None


def version_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """By this versions sort as people read them: 1.9 before 1.10, and 1.10-beta before 1.10."""
    parts = re.findall(r"\d+|[A-Za-z]+", text.lower().removeprefix("v"))
    numbered = tuple((1, int(part), "") if part.isdigit() else (-1, 0, part) for part in parts)
    return (*numbered, (0, 0, ""))
