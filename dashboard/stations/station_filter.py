"""What the list of stations is narrowed to, how it is sorted, and its columns: all of it in its URL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dashboard import search_words
from dashboard.filters import Choices, Filter
from dashboard.search_words import Search, Token
from dashboard.stations import sorting, station_columns, station_search
from dashboard.stations.sorting import Sort
from dashboard.stations.station_columns import Column
from stations.models import Connectivity

CHARGING = "charging"


@dataclass(frozen=True, kw_only=True)
class StationFilter(Filter):
    """Which stations, in which order, with which columns.

    Attributes:
        q: Text and tokens, as in `search_words`.
        sort: A name of `sorting`, with "-" before it for the other way round; "": by identity.
        columns: Names of `station_columns`, in order; "": the usual ones.
    """

    q: str = ""
    connectivity: str = ""
    status: str = ""
    version: str = ""
    sort: str = ""
    columns: str = ""

    @classmethod
    def choices(cls) -> Mapping[str, Choices]:
        return {
            "connectivity": (("", "Any"), *((each.value, each.label) for each in Connectivity)),
            "status": (
                ("", "Any"),
                ("Available", "Available"),
                (CHARGING, "Charging"),
                ("Occupied", "Occupied"),
                ("Reserved", "Reserved"),
                ("Unavailable", "Unavailable"),
                ("Faulted", "Faulted"),
            ),
            "version": (("", "Any"), ("1.6", "OCPP 1.6"), ("2.0.1", "OCPP 2.0.1")),
        }

    @classmethod
    def labels(cls) -> Mapping[str, str]:
        return {"q": "Text", "connectivity": "Connection", "status": "Status", "version": "Protocol"}

    @classmethod
    def _can_be(cls, name: str, text: str) -> bool:
        if name == "sort":
            return text.removeprefix("-") in ("", *sorting.SORTS)
        if name == "columns":
            return all(each in station_columns.COLUMNS for each in text.split(",") if each)
        return super()._can_be(name, text)

    @cached_property
    def search(self) -> Search:
        """``q``, read."""
        return search_words.parse(self.q, station_search.KEYS)

    @property
    def chips(self) -> Iterator[tuple[str, str, str]]:
        """A chip for the text, for each token, and for each choice: label, word, and the query without it."""
        search = self.search
        if search.text:
            yield "Text", search.text, replace(self, q=str(Search("", search.tokens)), after="").query
        for token in search.tokens:
            yield token.key, str(token).partition(":")[2], self._without(token)
        for label, word, without in super().chips:
            if label != "Text":
                yield label, word, without

    def _without(self, token: Token) -> str:
        return replace(self, q=str(self.search.without(token)), after="").query

    @property
    def order(self) -> Sort:
        """In which order."""
        return sorting.SORTS[self.sort.removeprefix("-") or sorting.USUAL]

    @property
    def turned(self) -> bool:
        """Whether the order is the other way round than this column's usual one."""
        return self.sort.startswith("-")

    @property
    def shown_columns(self) -> Sequence[Column]:
        """Which columns, in order."""
        return station_columns.chosen(self.columns)

    def sorted_by(self, name: str) -> str:
        """The query of the list sorted by this column; the other way round if it is already."""
        turned = self.order.name == name and not self.turned
        return replace(self, sort=f"-{name}" if turned else name, after="").query

    def narrowed(self, more: str) -> str:
        """The query of the list narrowed by one more token."""
        return replace(self, q=f"{self.q} {more}".strip(), after="").query

    @property
    def whole(self) -> str:
        """The query of the list from its beginning."""
        return replace(self, after="").query
