"""Where a page of a list begins, as its URL says."""

from django.http import HttpRequest


def before(request: HttpRequest) -> int | None:
    """The row that the page before ended with; None on the first."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
