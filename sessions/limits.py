"""What our columns hold of what a station says. Beyond is no number that means anything; text is cut."""

import hashlib

LAST_EVSE = 9999
_LARGEST_BIGINT = 2**63 - 1
_HASHED = 16


def place(number: int | None) -> int | None:
    """An EVSE or connector, from 1; None for what is none."""
    return number if number is not None and 0 < number <= LAST_EVSE else None


def bigint(number: int | None) -> int | None:
    """A number of the station's, or None for one that no column holds."""
    return number if number is not None and abs(number) <= _LARGEST_BIGINT else None


def text(said: str | None, size: int) -> str:
    """The beginning of what was said; nothing for nothing."""
    return (said or "")[:size]


def key(said: str, size: int = 64) -> str:
    """A text that tells things apart, cut so that it still does."""
    if len(said) <= size:
        return said
    digest = hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
    return f"{said[: size - _HASHED - 1]}~{digest[:_HASHED]}"
