"""The URLs at which stations fetch files from us, and leave theirs. Whoever knows one may use it."""

from urllib.parse import quote

from django.conf import settings

# Where the web process serves them.
PREFIX = "files"


def firmware_url(token: str, filename: str) -> str:
    """Where a station fetches an image. Some take its version from the file's name."""
    return f"{_base()}/firmware/{token}/{quote(filename, safe='')}"


def log_url(token: str) -> str:
    """Where a station leaves a log. It ends like a folder: some add the file's name (1.6 section 6.25)."""
    return f"{_base()}/logs/{token}/"


def scheme() -> str:
    """How our URLs begin: http or https."""
    return _base().partition(":")[0].lower()


def _base() -> str:
    return f"{settings.EMOBI_PUBLIC_URL or f'http://{settings.EMOBI_BIND}'}/{PREFIX}"
