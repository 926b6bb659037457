"""Times as OCPP writes them: UTC, RFC 3339, milliseconds, "Z" (OCPP 2.0.1 part 2, section 3.1)."""

from datetime import UTC, datetime


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> datetime:
    """Read a time of the central system's; one without a zone is taken as UTC.

    Raises:
        ValueError: If the text isn't a time.
    """
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def read_optional(text: str | None) -> datetime | None:
    return None if text is None else read(text)
