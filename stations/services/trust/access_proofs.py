"""What a station proves by coming in: which password it has, which security profile it uses.

While a change is under way several will do, for the answer to it may get lost (OCPP 2.0.1, A01; A05.FR.07).
The handshake shows which it is, and settles it; what was proved is never undone.
"""

from datetime import datetime, timedelta

from emobi.core import unit_of_work
from emobi.core.services import audit
from stations.models import Station

BY = "system:gateway"
# A station that still uses its old password so long after a change that wasn't answered hasn't taken the new.
UNTAKEN_AFTER = timedelta(minutes=10)


def came_in(station: Station, *, security_profile: int, password_hash: str, at: datetime) -> None:
    """Settle what is under way, if anything is; a station of whom nothing is costs no query.

    Args:
        station: As it was read in the open unit of work.
        security_profile: That its connection has in fact.
        password_hash: The stored hash that its password matched; "" if it showed none.
        at: When it came in, by our clock.
    """
    if " " in station.password_hash:
        _settle_password(station, password_hash, at)
    if station.upgrading_to is not None and security_profile >= station.upgrading_to:
        _settle_profile(station, station.upgrading_to)


def _settle_password(station: Station, shown: str, at: datetime) -> None:
    # The old one, then those that were sent since, as far as they may have been taken.
    known, since = station.password_hash.split(" "), station.password_changing_since
    # Who shows none may have the new one all the same: with profile 0 it isn't asked for it.
    if not shown or shown not in known:
        return
    untaken = since is not None and at - since > UNTAKEN_AFTER
    left = [shown] if untaken else known[known.index(shown) :]
    if len(left) == len(known):
        return
    kept, since = " ".join(left), since if len(left) > 1 else None
    settled = Station.objects.filter(pk=station.pk, password_hash=station.password_hash).update(
        password_hash=kept, password_changing_since=since
    )
    if settled:
        station.password_hash, station.password_changing_since = kept, since


def _settle_profile(station: Station, proved: int) -> None:
    before = station.security_profile
    with unit_of_work.begin():
        settled = Station.objects.filter(pk=station.pk, upgrading_to=proved).update(
            security_profile=proved, upgrading_to=None
        )
        if settled:
            detail = {"security_profile": {"from": before, "to": proved}}
            audit.record(station.network_id, BY, "station.changed", station.identity, detail)
            station.security_profile, station.upgrading_to = proved, None
