"""People who sign in, and what they may do in a network."""

import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from emobi.core import unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Membership, Network, Role
from emobi.core.services import audit


def create(
    network: Network,
    email: str,
    role: str,
    *,
    superuser: bool = False,
    by: str = "system:setup",
    address: str | None = None,
) -> tuple[User, str | None]:
    """Give a person a role in a network; also return the password that was made for a new one, once.

    Somebody who works in another network already keeps the password they have: None.

    Args:
        network: Where the role holds.
        email: What they sign in with: an e-mail address, or a plain name such as "admin".
        role: A `Role`.
        superuser: Also gives Django's admin, which is above all networks.
        by: Who does it, as in the audit log.
        address: Where the request came from.

    Raises:
        Invalid: If ``email`` can't be a login, or there is no such role.
        Conflict: If they have a role in this network already.
    """
    login = _login(email)
    if role not in Role.values:
        raise Invalid(f"{role!r} is not a role; one of {', '.join(Role.values)}.", "role")
    with unit_of_work.begin():
        password = None
        user, created = get_user_model().objects.get_or_create(
            username=login, defaults={"email": login if "@" in login else "", "is_staff": superuser}
        )
        if created:
            password = secrets.token_urlsafe(15)
            user.set_password(password)
            user.is_superuser = superuser
            user.save(update_fields=["password", "is_superuser"])
        _, joined = Membership.objects.get_or_create(network=network, user=user, defaults={"role": role})
        if not joined:
            raise Conflict(f"{login} has a role in network {network.slug} already.")
        audit.record(
            network.pk, by, "operator.created", login, {"role": role, "superuser": superuser}, address
        )
    return user, password


def renew_password(login: str, *, by: str = "system:setup") -> str:
    """Give somebody a new password, and return it, once.

    Raises:
        NotFound: If nobody signs in with ``login``.
    """
    user = get_user_model().objects.filter(username=_login(login)).first()
    if user is None:
        raise NotFound(f"Nobody signs in with {login}.")
    password = secrets.token_urlsafe(15)
    with unit_of_work.begin():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record(None, by, "operator.password_renewed", user.get_username())
    return password


def _login(text: str) -> str:
    login = text.strip().lower()
    try:
        if "@" in login:
            validate_email(login)
        else:
            UnicodeUsernameValidator()(login)
    except ValidationError as error:
        raise Invalid(f"{text!r} is no e-mail address and no plain name.", "email") from error
    if len(login) > 150:
        raise Invalid("A login has at most 150 characters.", "email")
    return login
