"""Views of the list of stations that everybody has."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from dashboard.search_words import Token


@dataclass(frozen=True, slots=True)
class View:
    """A name for a filter; ``query`` is a search, ``sort`` an order."""

    name: str
    query: str
    sort: str = ""

    @property
    def url_query(self) -> str:
        """As the query of a URL."""
        return "?" + urlencode({"q": self.query, **({"sort": self.sort} if self.sort else {})})


def of(login: str) -> Sequence[View]:
    """With the one that is each person's own."""
    return [*VIEWS, View("Watched", str(Token("watched", "", login)))]


VIEWS: Sequence[View] = (
    View("Offline now", "connection:offline", "since"),
    View("Faulted", "status:faulted"),
    View("With incidents", "incidents:>0", "incidents"),
    View("Charging", "status:charging", "kw"),
    View("Flapping", "flaps:>5"),
    View("New, unapproved", "is:pending"),
    View("Firmware behind", "fw:behind", "firmware"),
    View("Drift", "drift:yes"),
    View("Clock drift", "drift:>10s"),
    View("Expiring certificates", "cert:<30d"),
)
