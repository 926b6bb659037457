"""Lists: keyset pages with opaque cursors, ``{"items": […], "next": "cursor" | null}``."""

import base64
import binascii
from typing import Annotated

from ninja import Field, Query, Schema

from emobi.core.errors import Invalid

LARGEST = 500

Limit = Annotated[int, Query(ge=1, le=LARGEST, description="How many items at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]


class Page[Item](Schema):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null at the end.")


def encode(key: str | int) -> str:
    """A cursor that stands after the item with this key."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """The key that a cursor stands after.

    Raises:
        Invalid: If it isn't one of ours.
    """
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Invalid("not a cursor of this list", "cursor") from None


def decode_number(cursor: str | None) -> int | None:
    """The same for lists whose key is a number.

    Raises:
        Invalid: If it isn't one of ours.
    """
    key = decode(cursor)
    if key is None:
        return None
    if not key.isascii() or not key.isdigit() or len(key) > 19:
        raise Invalid("not a cursor of this list", "cursor")
    return int(key)
