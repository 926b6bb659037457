"""Lists that people keep by name."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from emobi.core.errors import Invalid
from emobi.core.models import Network, SavedView

MOST = 100


def of(network: Network, user: User, page: str) -> QuerySet[SavedView]:
    """Somebody's views of a page, and those that others share with them; pinned ones first."""
    return (
        SavedView.objects.filter(Q(owner=user) | Q(shared=True), network=network, page=page)
        .select_related("owner")
        .order_by("-pinned", "name", "pk")
    )


def save(
    network: Network,
    owner: User,
    page: str,
    name: str,
    query: str,
    *,
    shared: bool = False,
    pinned: bool = False,
) -> SavedView:
    """Keep a view; one of the same name is written over.

    Raises:
        Invalid: If it has no name, or too much to keep, or there are too many.
    """
    name = name.strip()
    if not name or len(name) > 60:
        raise Invalid("A name has 1 to 60 characters.", "name")
    if len(query) > 1000:
        raise Invalid("This list is narrowed by more than can be kept.", "name")
    if SavedView.objects.filter(network=network, owner=owner).count() >= MOST:
        raise Invalid(f"You have {MOST} views. Delete one first.", "name")
    view, _ = SavedView.objects.update_or_create(
        network=network,
        owner=owner,
        page=page,
        name=name,
        defaults={"query": query.removeprefix("?"), "shared": shared, "pinned": pinned},
    )
    return view


def delete(network: Network, owner: User, pk: int) -> bool:
    """Forget one's own view; whether there was one."""
    deleted, _ = SavedView.objects.filter(network=network, owner=owner, pk=pk).delete()
    return bool(deleted)
