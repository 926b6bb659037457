"""A search that is typed, as a page's URL has it: text, tokens, and where the page begins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from dashboard import filters, search_words
from dashboard.search_words import Token
from emobi.core import checks, clock

# Tokens that are times.
TIMES = ("from", "to")


class Misread(Exception):
    """A token's value can't be read; says in words what it should be."""


@dataclass(frozen=True, kw_only=True)
class TypedSearch:
    """What is searched for; ``after`` is the last of the page before, "" at the first."""

    text: str = ""
    tokens: tuple[Token, ...] = ()
    after: str = ""

    def conditions(self) -> Iterator[tuple[str, str, str, Self]]:
        """Each condition but the text: its label, word, as it would be typed, and the search without it."""
        for token in self.tokens:
            without = tuple(each for each in self.tokens if each != token)
            yield token.key, f"{token.sign}{token.value}", str(token), replace(self, tokens=without)

    @property
    def written(self) -> str:
        """As it would be typed."""
        return " ".join(filter(None, (*(written for _, _, written, _ in self.conditions()), self.text)))

    @property
    def query(self) -> str:
        """As the query of a URL, "?" included; nothing where nothing is narrowed."""
        given = {"q": self.written, "after": self.after}
        text = urlencode({name: value for name, value in given.items() if value})
        return f"?{text}" if text else ""

    def from_(self, after: str) -> str:
        """The query of the page that begins after ``after``."""
        return replace(self, after=after).query

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.written)

    @property
    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Each condition: its label, its word, and the query without it."""
        for label, word, _, without in self.conditions():
            yield label, word, without.from_("")
        if self.text:
            yield "text", self.text, replace(self, text="").from_("")


def typed(query: Mapping[str, str], fields: Mapping[str, str], longest: int) -> str:
    """What a URL's query has in ``q``, and in fields of their own, by name the tokens that they are."""
    written = query.get("q", "")[:longest].replace("\0", "")
    for name, key in fields.items():
        value = query.get(name, "").strip()[:200].replace("\0", "").replace('"', "")
        moment = filters.time(value) if key in TIMES else None
        if moment is not None:
            # Whoever is sent the link may live elsewhere.
            value = moment.isoformat(timespec="minutes")
        if value:
            written += f' {key}:"{value}"'
    return written


def moment(token: Token, example: str) -> datetime:
    """The time that a token says, or how long ago.

    Raises:
        Misread: If it is none, or none that a clock ever showed; ``example``: how long ago can be said.
    """
    ago = search_words.duration(token.value.removeprefix("-"))
    found = filters.time(token.value) if ago is None else checks.sane_time(clock.wall() - ago)
    if found is None:
        raise Misread(f"{token.key}:{token.value} is no time; write 2026-11-28T10:00 or {example} (ago)")
    return found
