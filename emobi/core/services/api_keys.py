"""API keys: made once, shown once, checked at every request."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import ApiKey, Network, Role
from emobi.core.services import audit

# A key is "ek_" and 8 letters that tell it from others, then "_" and 256 random bits.
_KEY = re.compile(r"(ek_[a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"

# How old `last_used_at` may grow before a request writes it: a write a minute, not one a request.
FRESH = timedelta(minutes=1)

# How long a key that was rotated still holds: whoever uses it gets the new one meanwhile.
OVERLAP = timedelta(hours=24)


def create(
    network: Network,
    role: str,
    name: str = "",
    *,
    expires_at: datetime | None = None,
    by: str = "system:setup",
    address: str | None = None,
) -> tuple[ApiKey, str]:
    """Create a key; also return its text, which can't be had again.

    Raises:
        Invalid: If there is no such role, or it would have expired already.
    """
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid("That is over already.", "expires_at")
    if role not in Role.values:
        raise Invalid(f"{role!r} is not a role; one of {', '.join(Role.values)}.", "role")
    prefix = "ek_" + "".join(secrets.choice(_LETTERS) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    with unit_of_work.begin():
        key = ApiKey.objects.create(
            network=network,
            name=name[:120] or role,
            role=role,
            prefix=prefix,
            secret_sha256=_digest(secret),
            expires_at=expires_at,
        )
        detail = {"name": key.name, "role": role, "expires_at": clock.iso(expires_at)}
        audit.record(network.pk, by, "api_key.created", prefix, detail, address=address)
    return key, f"{prefix}_{secret}"


def verify(text: str, address: str | None = None) -> ApiKey | None:
    """The key that ``text`` is, with its network; None if it is none, revoked or expired.

    Notes the use and the ``address`` that it came from, at most once a minute. The secret is compared in
    constant time, and also where the prefix is nobody's: what is wrong with a key can't be told from how long
    the answer takes.
    """
    shaped = _KEY.fullmatch(text)
    if shaped is None:
        return None
    prefix, secret = shaped.groups()
    key = ApiKey.objects.select_related("network").filter(prefix=prefix).first()
    matches = hmac.compare_digest(_digest(secret), key.secret_sha256 if key else _digest(""))
    if key is None or not matches or key.revoked_at is not None or _is_over(key):
        return None
    _note_use(key, address)
    return key


def holds(key: ApiKey) -> bool:
    """Whether a key that was verified before is still in force."""
    ends_later = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    return ApiKey.objects.filter(ends_later, pk=key.pk, revoked_at=None).exists()


def rotate(key: ApiKey, *, by: str, address: str | None = None) -> tuple[ApiKey, str]:
    """Make a key in the place of another; also return its text, which can't be had again.

    It may do the same, for as long as the other was meant to hold. That one still does for `OVERLAP`.

    Raises:
        Conflict: If the key was revoked, or is over.
    """
    with unit_of_work.begin():
        old = ApiKey.objects.select_for_update(no_key=True).select_related("network").get(pk=key.pk)
        now = clock.now()
        if old.revoked_at is not None or _is_over(old):
            raise Conflict("It is out of use already: make a new one.")
        lasts = old.expires_at - old.created_at if old.expires_at else None
        made, text = create(
            old.network,
            old.role,
            old.name,
            expires_at=now + lasts if lasts else None,
            by=by,
            address=address,
        )
        old.expires_at = min(old.expires_at or now + OVERLAP, now + OVERLAP)
        old.save(update_fields=["expires_at"])
        detail = {"by": made.prefix, "holds_until": clock.iso(old.expires_at)}
        audit.record(old.network_id, by, "api_key.rotated", old.prefix, detail, address=address)
    return made, text


def revoke(key: ApiKey, *, by: str, address: str | None = None) -> None:
    """Take the key out of use, for good. Revoking it again changes nothing."""
    with unit_of_work.begin():
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
            audit.record(key.network_id, by, "api_key.revoked", key.prefix, address=address)
    key.refresh_from_db(fields=["revoked_at"])


def _is_over(key: ApiKey) -> bool:
    return key.expires_at is not None and key.expires_at <= clock.now()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _note_use(key: ApiKey, address: str | None) -> None:
    now = clock.now()
    stale = now - FRESH
    if key.last_used_at is None or key.last_used_at < stale:
        ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=stale), pk=key.pk).update(
            last_used_at=now, last_address=address
        )
        key.last_used_at, key.last_address = now, address
