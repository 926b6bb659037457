"""What a list is narrowed to, read from its URL and written back: a link to a page holds all of its state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.utils import timezone

from emobi.core import checks

LONGEST = 200

type Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Values by the names they have in a URL; "" is no value. Where the page begins is ``after``."""

    after: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """The filter that a URL's query names. What can't be a value of it is left out."""
        given = {each.name: query.get(each.name, "").strip()[:LONGEST] for each in fields(cls)}
        return cls(
            **{name: text for name, text in given.items() if "\0" not in text and cls._can_be(name, text)}
        )

    @classmethod
    def _can_be(cls, name: str, text: str) -> bool:
        choices = cls.choices().get(name)
        # PostgreSQL can't even be asked for a NUL.
        return "\0" not in text if choices is None else text in dict(choices)

    @classmethod
    def choices(cls) -> Mapping[str, Choices]:
        """What can be chosen, by name."""
        return {}

    @classmethod
    def labels(cls) -> Mapping[str, str]:
        """What people call each of its values."""
        return {}

    @property
    def query(self) -> str:
        """As the query of a URL, "?" included; nothing where nothing is narrowed."""
        given = [(each.name, getattr(self, each.name)) for each in fields(self)]
        text = urlencode([(name, value) for name, value in given if value])
        return f"?{text}" if text else ""

    @property
    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Each value that narrows the list: its label, its word, and the query without it."""
        for name, label in self.labels().items():
            value = getattr(self, name)
            if value:
                word = dict(self.choices().get(name, ())).get(value, value)
                yield label, word, replace(self, **{name: "", "after": ""}).query

    @property
    def selects(self) -> Iterator[tuple[str, str, str, Choices]]:
        """What can be chosen: its name, label, value and choices."""
        for name, choices in self.choices().items():
            yield name, self.labels()[name], getattr(self, name), choices

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return any(getattr(self, name) for name in self.labels())

    def from_(self, after: str) -> str:
        """The query of the page that begins after ``after``."""
        return replace(self, after=after).query


def time(text: str) -> datetime | None:
    """A time that a page can ask for; None if the text is none.

    What says no zone is in that of whoever looks, like the times that they see.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    here = timezone.get_current_timezone()
    return checks.sane_time(moment.replace(tzinfo=here) if moment.tzinfo is None else moment)
