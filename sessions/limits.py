"""What our columns hold of what a station says. Beyond is no number that means anything; text is cut."""

import hashlib

from emobi.core import checks

_HASHED = 16


def place(number: int | None) -> int | None:
    """An EVSE or connector, from 1; None for what is none."""
    return number if number is not None and 0 < number <= checks.LAST_PLACE else None


def text(said: str | None, size: int) -> str:
    """The beginning of what was said; nothing for nothing."""
    return (said or "")[:size]


def key(said: str, size: int = 64) -> str:
    """A text that tells things apart, cut so that it still does."""
    if len(said) <= size:
        return said
    digest = hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
    return f"{said[: size - _HASHED - 1]}~{digest[:_HASHED]}"
