"""Lists that people keep by name."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from emobi.core import unit_of_work
from emobi.core.errors import Invalid, NotFound
from emobi.core.models import Network, Role, SavedView
from emobi.core.services import audit

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
        # One that is no longer shared can't be anybody's default.
        defaults={"query": query.removeprefix("?"), "shared": shared, "pinned": pinned}
        | ({} if shared else {"default_for": ""}),
    )
    return view


def default(network: Network, role: Role, page: str) -> str | None:
    """The query with which a list opens for a role; None: with none. One query."""
    found = SavedView.objects.filter(network=network, page=page, default_for=role)
    return found.values_list("query", flat=True).first()


def set_default(network: Network, pk: int, role: str, *, by: str, address: str | None = None) -> SavedView:
    """Let a list open with a shared view for all of a role, instead of with another; "": for nobody.

    Raises:
        Invalid: If there is no such role.
        NotFound: If the network shares no such view.
    """
    if role and role not in Role.values:
        raise Invalid(f"{role[:40]!r} is no role.", "role")
    with unit_of_work.begin():
        found = SavedView.objects.select_for_update(no_key=True).filter(network=network, pk=pk, shared=True)
        view = found.first()
        if view is None:
            raise NotFound("There is no such shared view.")
        before, view.default_for = view.default_for, role
        if role:
            others = SavedView.objects.filter(network=network, page=view.page, default_for=role)
            others.exclude(pk=pk).update(default_for="")
        view.save(update_fields=["default_for"])
        detail = {"list": view.page, "default_for": {"from": before, "to": role}}
        audit.record(network.pk, by, "saved_view.default_set", view.name, detail, address)
    return view


def delete(network: Network, owner: User, pk: int) -> bool:
    """Forget one's own view; whether there was one."""
    deleted, _ = SavedView.objects.filter(network=network, owner=owner, pk=pk).delete()
    return bool(deleted)
