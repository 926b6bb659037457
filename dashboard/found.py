"""What isn't in one's network doesn't exist."""

from collections.abc import Callable

from django.http import Http404

from emobi.core.errors import NotFound


def or_404[**P, R](read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``read`` finds, or the page that says that there is no such thing."""
    try:
        return read(*args, **kwargs)
    except NotFound as error:
        raise Http404(str(error)) from error
