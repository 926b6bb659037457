"""Lists: keyset pages with opaque cursors, ``{"items": […], "next": "cursor" | null}``."""

import base64
from collections.abc import Callable
from typing import Annotated, Any

from django.db.models import Model, QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from emobi.core.errors import Invalid

LARGEST = 500
# bigint, the type of keys that are numbers.
_LARGEST_NUMBER = 2**63 - 1

Limit = Annotated[int, Query(ge=1, le=LARGEST, description="How many items at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]


class Page[Item](BaseModel):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null at the end.")


def page[Row: Model](
    found: QuerySet[Row],
    limit: int,
    *,
    key: Callable[[Row], str | int],
    shown: Callable[[Row], dict[str, Any]],
) -> dict[str, Any]:
    """The first page of ``found``.

    Args:
        found: What is left of a list, in its order.
        limit: How many items at most.
        key: What the next page begins after.
        shown: A row as the API shows it.
    """
    rows = list(found[: limit + 1])
    items = rows[:limit]
    return {
        "items": [shown(row) for row in items],
        "next": encode(key(items[-1])) if len(rows) > limit else None,
    }


def encode(key: str | int) -> str:
    """A cursor that stands after the item with this key."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """The key that a cursor stands after.

    Raises:
        Invalid: If it can't be one of ours.
    """
    if cursor is None:
        return None
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid() from None
    if not key or "\0" in key:
        raise invalid()
    return key


def decode_number(cursor: str | None) -> int | None:
    """The same for lists whose key is a number.

    Raises:
        Invalid: If it can't be one of ours.
    """
    key = decode(cursor)
    if key is None:
        return None
    if not key.isascii() or not key.isdigit() or len(key) > 19 or int(key) > _LARGEST_NUMBER:
        raise invalid()
    return int(key)


def invalid() -> Invalid:
    """What is to be said of a cursor that isn't one."""
    return Invalid("This is no cursor of this list.", "cursor")
