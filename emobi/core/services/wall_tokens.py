"""Links for screens on a wall: made once, shown once, revoked at any time."""

import hashlib
import secrets

from emobi.core import clock, unit_of_work
from emobi.core.errors import Invalid
from emobi.core.models import Network, WallToken
from emobi.core.services import audit


def create(network: Network, name: str, *, by: str, address: str | None = None) -> tuple[WallToken, str]:
    """Make a token; also return its text, which can't be had again.

    Raises:
        Invalid: If it has no name.
    """
    if not name.strip():
        raise Invalid("Say where the screen hangs.", "name")
    text = secrets.token_urlsafe(32)
    with unit_of_work.begin():
        token = WallToken.objects.create(
            network=network, name=name.strip()[:120], secret_sha256=_digest(text)
        )
        audit.record(network.pk, by, "wall.created", token.name, address=address)
    return token, text


def verify(text: str) -> WallToken | None:
    """The token that ``text`` is, with its network; None if it is none, or revoked. Notes the use.

    256 random bits are found by their hash: nothing is compared whose time could tell of the secret.
    """
    found = (
        WallToken.objects.select_related("network")
        .filter(secret_sha256=_digest(text), revoked_at=None)
        .first()
    )
    if found is not None:
        WallToken.objects.filter(pk=found.pk).update(last_used_at=clock.now())
    return found


def holding(pk: int) -> WallToken | None:
    """A token that was verified before, if it is still in force."""
    return WallToken.objects.select_related("network").filter(pk=pk, revoked_at=None).first()


def revoke(token: WallToken, *, by: str, address: str | None = None) -> None:
    """Take it out of use: its screens see nothing with their next request. Again: changes nothing."""
    with unit_of_work.begin():
        if WallToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
            audit.record(token.network_id, by, "wall.revoked", token.name, address=address)
    token.refresh_from_db(fields=["revoked_at"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
