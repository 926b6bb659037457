"""Many id tokens at once: each row adds a token or changes it, and one that says nothing new does nothing.

What can't be taken is told row by row and stops nobody else's; the same rows again change nothing. A column
that is there speaks for every row: an empty cell is the value of a new token.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.db import transaction

from emobi.core import batch, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Network
from emobi.core.services import audit
from sessions import allowed_evses
from sessions.models import IdToken
from sessions.services import id_tokens

AT_ONCE = 500
MOST_ROWS = 200_000
# So many errors are told; the others are counted.
MOST_ERRORS = 1000

# As the unique index compares them: in lower case by the database's rules.
_FIND = """
SELECT said.id_token, lower(said.id_token), token.id
FROM jsonb_to_recordset(%s::jsonb) AS said(network_id bigint, id_token text)
LEFT JOIN charging_idtoken AS token
    ON token.network_id = said.network_id AND lower(token.id_token) = lower(said.id_token)
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row, by the line that it ends on, and its fields; or why it can't be read.

    ``is_last``: nothing behind it can be read either.
    """

    line: int
    id_token: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    fault: Invalid | None = None
    is_last: bool = False


@dataclass(frozen=True, kw_only=True)
class RowError:
    """Why a row was not taken; ``field`` is "" where it isn't about one."""

    line: int
    field: str
    detail: str


@dataclass(kw_only=True)
class Report:
    """What came of the rows; all of them are counted somewhere."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many came to what."""
        return {name: getattr(self, name) for name in ("created", "changed", "unchanged", "refused")}

    def refuse(self, line: int, detail: str, name: str = "", *, is_last: bool = False) -> None:
        """Count a row that was not taken, and say why while there is room; always where reading ends."""
        self.refused += 1
        if is_last or len(self.errors) < MOST_ERRORS:
            self.errors.append(RowError(line=line, field=name, detail=detail))


def put(network: Network, rows: Iterable[Row], *, by: str, address: str | None = None) -> Report:
    """Add or change the tokens that the rows name, some hundreds in a transaction.

    The audit log has one entry of it at the end, with the counts. Cut short, by whatever can be raised, what
    was committed stays, and that is what the entry counts.

    Args:
        network: Whose.
        rows: What is to be taken.
        by: Who does it, as in the audit log.
        address: Where the request came from.
    """
    report = Report()
    lines: dict[str, int] = {}
    done = report.counts
    try:
        for some in batched(_readable(rows, report), AT_ONCE):
            with transaction.atomic():
                _put_all(network, some, lines, report)
            done = report.counts
        done = report.counts
    finally:
        if done["created"] or done["changed"]:
            with unit_of_work.begin():
                audit.record(network.pk, by, "id_tokens.imported", network.slug, done, address)
    report.errors.sort(key=lambda error: error.line)
    return report


def _put_all(network: Network, rows: Sequence[Row], lines: dict[str, int], report: Report) -> None:
    """``lines`` says of each token which line has named it first."""
    known = _known(network, rows)
    for row in rows:
        key, token = known[row.id_token]
        first = lines.setdefault(key, row.line)
        if first == row.line:
            _put(network, row, token, report)
        else:
            report.refuse(row.line, f"the same token as in line {first}", "id_token")


def _readable(rows: Iterable[Row], report: Report) -> Iterator[Row]:
    """The rows that can be read; the file has its limit."""
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            report.refuse(row.line, f"more than {MOST_ROWS} rows: send the rest by itself", is_last=True)
            return
        if row.fault is None:
            yield row
        else:
            report.refuse(row.line, str(row.fault), row.fault.field, is_last=row.is_last)


def _known(network: Network, rows: Iterable[Row]) -> Mapping[str, tuple[str, IdToken | None]]:
    """By the rows' texts for them: what tokens are told apart by, and those that the network has already."""
    said = [{"network_id": network.pk, "id_token": row.id_token} for row in rows]
    found = batch.execute(_FIND, said)
    ids = [pk for _, _, pk in found if pk is not None]
    tokens = IdToken.objects.select_related("tariff").select_for_update(of=("self",)).in_bulk(ids)
    return {text: (key, tokens.get(pk)) for text, key, pk in found}


def _put(network: Network, row: Row, token: IdToken | None, report: Report) -> None:
    try:
        with transaction.atomic():
            if token is None:
                id_tokens.insert(network, row.id_token, **row.fields)
                report.created += 1
            elif _differs(token, row.fields):
                id_tokens.update(token, **row.fields)
                report.changed += 1
            else:
                report.unchanged += 1
    except Invalid as fault:
        report.refuse(row.line, str(fault), fault.field)
    except Conflict as fault:
        report.refuse(row.line, str(fault), "id_token")


def _differs(token: IdToken, fields: Mapping[str, Any]) -> bool:
    said = {**fields}
    tariff = token.tariff.name if token.tariff else ""
    if "tariff" in said and (said.pop("tariff") or "").casefold() != tariff.casefold():
        return True
    if "allowed_evses" in said:
        said["allowed_evses"] = allowed_evses.read(said["allowed_evses"])
    return any(getattr(token, name) != value for name, value in said.items())
