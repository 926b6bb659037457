"""Who belongs to a network, and as what. A network always keeps an admin who may sign in."""

import secrets
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Membership, Role
from emobi.core.services import audit

LAST = "Nobody else here is an admin: make somebody one first."


def change_role(
    membership: Membership, role: str, *, by: str, reason: str = "", address: str | None = None
) -> None:
    """Give a member another role. The same one again changes nothing.

    Raises:
        Invalid: If there is no such role.
        Conflict: If they are the network's last admin.
    """
    if role not in Role.values:
        raise Invalid(f"{role!r} is not a role; one of {', '.join(Role.values)}.", "role")
    with unit_of_work.begin():
        member = _locked(membership)
        if member.role == role:
            return
        if role != Role.ADMIN:
            _keep_an_admin(member)
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        detail = {"before": {"role": before}, "after": {"role": role}, "reason": reason}
        _record(member, "operator.role_changed", by, detail, address)
    membership.refresh_from_db()


def deactivate(membership: Membership, *, by: str, reason: str = "", address: str | None = None) -> None:
    """Let a member do nothing in the network any more. Again: changes nothing.

    Raises:
        Conflict: If they are the network's last admin.
    """
    with unit_of_work.begin():
        member = _locked(membership)
        if member.deactivated_at is None:
            _keep_an_admin(member)
            member.deactivated_at = clock.now()
            member.save(update_fields=["deactivated_at"])
            _record(member, "operator.deactivated", by, {"reason": reason}, address)
    membership.refresh_from_db()


def activate(membership: Membership, *, by: str, reason: str = "", address: str | None = None) -> None:
    """Let a member do again what their role allows."""
    with unit_of_work.begin():
        member = _locked(membership)
        if member.deactivated_at is not None:
            member.deactivated_at = None
            member.save(update_fields=["deactivated_at"])
            _record(member, "operator.activated", by, {"reason": reason}, address)
    membership.refresh_from_db()


def sign_out(membership: Membership, *, by: str, reason: str = "", address: str | None = None) -> int:
    """End all of somebody's sessions, and return how many there were.

    Raises:
        Conflict: If they work in another network too, or above all: its sessions are theirs to end.
    """
    user = membership.user
    if _works_elsewhere(membership):
        raise Conflict(f"{user.get_username()} works elsewhere too, and ends the sessions alone.")
    with unit_of_work.begin():
        keys = [
            session.session_key
            for session in Session.objects.filter(expire_date__gt=clock.wall())
            if session.get_decoded().get("_auth_user_id") == str(user.pk)
        ]
        Session.objects.filter(session_key__in=keys).delete()
        detail = {"sessions": len(keys), "reason": reason}
        _record(membership, "operator.signed_out", by, detail, address)
    return len(keys)


def renew_password(membership: Membership, *, by: str, reason: str = "", address: str | None = None) -> str:
    """Give a member a new password, and return it, once. Their sessions end with the old one.

    Raises:
        Conflict: If they work in another network too, or above all: its admin can't be made them.
    """
    user = membership.user
    if _works_elsewhere(membership):
        raise Conflict(f"{user.get_username()} works elsewhere too, and changes the password alone.")
    password = secrets.token_urlsafe(15)
    with unit_of_work.begin():
        user.set_password(password)
        user.save(update_fields=["password"])
        _record(membership, "operator.password_renewed", by, {"reason": reason}, address)
    return password


def _works_elsewhere(membership: Membership) -> bool:
    """Whether more than this network is theirs; not where another one has deactivated them."""
    others = Membership.objects.filter(user=membership.user_id, deactivated_at=None)
    return membership.user.is_superuser or others.exclude(pk=membership.pk).exists()


def _locked(membership: Membership) -> Membership:
    """The member as they are now. All of the network's admins are locked: two can't step down at once."""
    admins = Membership.objects.select_for_update(of=("self",)).filter(
        network=membership.network_id, role=Role.ADMIN
    )
    list(admins.order_by("pk"))
    return Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)


def _keep_an_admin(member: Membership) -> None:
    if member.role != Role.ADMIN or member.deactivated_at is not None:
        return
    others = Membership.objects.filter(
        network=member.network_id, role=Role.ADMIN, deactivated_at=None, user__is_active=True
    ).exclude(pk=member.pk)
    if not others.exists():
        raise Conflict(LAST)


def _record(
    member: Membership, action: str, by: str, detail: Mapping[str, object], address: str | None
) -> None:
    login = User.objects.values_list("username", flat=True).get(pk=member.user_id)
    audit.record(member.network_id, by, action, login, {k: v for k, v in detail.items() if v != ""}, address)
