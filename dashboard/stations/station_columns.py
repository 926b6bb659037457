"""Columns of the list of stations: which there are, and which are shown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        sort: The order that its head sorts by; "": none.
        number: Whether it is aligned as figures are.
    """

    name: str
    title: str
    sort: str = ""
    number: bool = False


# The station itself always comes first, and isn't one of them.
COLUMNS = {
    column.name: column
    for column in (
        Column(name="site", title="Site", sort="site"),
        Column(name="connection", title="Connection", sort="since"),
        Column(name="evses", title="EVSEs"),
        Column(name="kw", title="kW", sort="kw", number=True),
        Column(name="sessions", title="Sessions", number=True),
        Column(name="incidents", title="Incidents", sort="incidents"),
        Column(name="health", title="Health", number=True),
        Column(name="version", title="OCPP"),
        Column(name="model", title="Vendor, model", sort="model"),
        Column(name="firmware", title="Firmware", sort="firmware"),
        Column(name="heard", title="Last message", sort="heard", number=True),
        Column(name="bars", title="24 h"),
        Column(name="tags", title="Tags"),
        Column(name="profile", title="Profile", number=True),
        Column(name="serial", title="Serial number"),
    )
}
# All of them fit a window of 1024 px.
USUAL = (
    "site", "connection", "evses", "kw", "incidents", "health", "version", "model", "firmware", "heard",
)  # fmt: skip


def chosen(names: str) -> Sequence[Column]:
    """Those that are named, each once, in order; the usual ones where none is."""
    wanted = dict.fromkeys(name for name in names.split(",") if name in COLUMNS)
    return [COLUMNS[name] for name in wanted or USUAL]
