"""Entries of local lists, as they are kept and compared. Pure.

Source: OCPP 2.0.1 part 2, D01.FR.15 to D01.FR.17.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from stations.commands.local_lists import LocalListEntry

type _Key = tuple[str, str]

_ENTRIES = TypeAdapter(tuple[LocalListEntry, ...])


def read(kept: object) -> tuple[LocalListEntry, ...]:
    """Entries as `dumped` left them."""
    return _ENTRIES.validate_python(kept)


def dumped(entries: Sequence[LocalListEntry]) -> list[dict[str, Any]]:
    """As JSON, each as the command send_local_list has it."""
    plain: list[dict[str, Any]] = _ENTRIES.dump_python(tuple(entries), mode="json", exclude_defaults=True)
    return plain


def changes(before: Sequence[LocalListEntry], after: Sequence[LocalListEntry]) -> Iterator[LocalListEntry]:
    """What makes one list the other."""
    known, wanted = _by_key(before), _by_key(after)
    for key, entry in wanted.items():
        if known.get(key) != entry:
            yield entry
    for key, entry in known.items():
        if key not in wanted:
            yield LocalListEntry(id_token=entry.id_token, id_token_type=entry.id_token_type)


def applied(
    before: Sequence[LocalListEntry], changed: Sequence[LocalListEntry]
) -> tuple[LocalListEntry, ...]:
    """The list with the changes made to it."""
    both = {**_by_key(before), **_by_key(changed)}
    return tuple(entry for entry in both.values() if entry.status is not None)


def _by_key(entries: Iterable[LocalListEntry]) -> Mapping[_Key, LocalListEntry]:
    return {entry.key: entry for entry in entries}
