"""Reads of networks."""

from emobi.core.errors import NotFound
from emobi.core.models import Network


def network(slug: str) -> Network:
    """The network of that slug.

    Raises:
        NotFound: If there is none.
    """
    found = Network.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"There is no network {slug}.")
    return found
