"""Stations' passwords: made, hashed, checked.

Source: OCPP-J 1.6 section 6.2; security whitepaper edition 3 and OCPP 2.0.1 part 2, A00 and A01.

A station of 1.6 is given its AuthorizationKey in hexadecimal digits and presents the bytes that they stand
for; many present the digits. Both are one password: what looks like hexadecimal is hashed as its bytes,
whichever of the two it was (`_canonical`).
"""

import hashlib
import hmac
import re
import secrets
import threading
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from emobi.core import clock
from stations.models import Station

# Stations' passwords are made by machines, so the hash need not slow down guesses at words: it has to keep a
# stolen table unreadable, at a price that two cores can pay when 2,000 stations reconnect at once. That is
# 8 ms and 12 MiB each. (OWASP's password storage cheat sheet wants three passes at this size, for passwords
# that people make up.)
_hasher = PasswordHasher(time_cost=1, memory_cost=12 * 1024, parallelism=1)

# Checked against where there is no station or no password, so that this takes as long as a wrong password.
_NOBODY = _hasher.hash(secrets.token_bytes(20))

# 1.6: 16 to 20 bytes; 2.0.1: 16 to 40 characters (A00.FR.205). 20 characters of base64 are both.
SHORTEST, LONGEST = 16, 40
_RANDOM_BYTES = 15

# New ones that are kept because a station may have taken them: each is one more to try a wrong password on.
MOST_SENT = 4

# Digits that may stand for bytes. What they stand for may look like digits again.
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_SHORTEST_HEX = 16


def generate() -> str:
    """A new password that both versions can take: 20 characters, 120 random bits."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def generate_key() -> str:
    """A new password that can be sent to a station of either version: 20 random bytes, as 40 digits.

    1.6 is told its key in hexadecimal digits (whitepaper, A00.FR.205); for 2.0.1 they are 40 characters.
    """
    return secrets.token_hex(20)


def hashed(password: str | bytes) -> str:
    """What is stored of ``password``."""
    return _hasher.hash(_canonical(password.encode() if isinstance(password, str) else password))


def matching(station_pk: int, password_hash: str, presented: bytes) -> str | None:
    """The stored hash that ``presented``, the password of a Basic header, matches; None if it is wrong.

    Takes as long for a station without a password as for a wrong one. Safe to call from any thread.

    Args:
        station_pk: The station's primary key.
        password_hash: As stored; while a change of the password is under way several, of which any will do.
        presented: Everything after the first colon.
    """
    password = _canonical(presented)
    if not password_hash:
        _matches(_NOBODY, password)
        return None
    hashes = password_hash.split()
    for one in hashes:
        if _verified.knows(station_pk, one, password):
            return one
    matches = [one for one in hashes if _matches(one, password)]  # all, for the time that it takes
    if not matches:
        return None
    _verified.learn(station_pk, matches[0], password)
    return matches[0]


def verify_nobody(presented: bytes) -> None:
    """Take the time that a wrong password takes, for a station that doesn't exist."""
    _matches(_NOBODY, _canonical(presented))


def begin_change(station_id: int, password: str) -> None:
    """A new password is on its way to the station: from now on it will do, too.

    The answer may get lost after the station changed its password (A01), and it must still get in then:
    what it comes in with settles it (`access_proofs`). The same goes for those that were sent before it and
    weren't answered.
    """
    station = _changing(station_id)
    old, *sent = station.password_hash.split(" ")
    station.password_hash = " ".join([old, *sent[1 - MOST_SENT :], hashed(password)])
    # One that counts from the next reboot on is waited for (`await_reboot`), whatever is sent meanwhile.
    if not sent or station.password_changing_since is not None:
        station.password_changing_since = clock.now()
    station.save(update_fields=["password_hash", "password_changing_since"])


def end_change(station_id: int, password: str | None) -> None:
    """The station answered: only ``password`` will do now; None: it refused the last one (A01.FR.03, .04)."""
    station = _changing(station_id)
    old, *sent = station.password_hash.split(" ")
    station.password_hash = " ".join([old, *sent[:-1]]) if password is None else hashed(password)
    if " " not in station.password_hash:
        station.password_changing_since = None
    station.save(update_fields=["password_hash", "password_changing_since"])


def await_reboot(station_id: int) -> None:
    """The station uses the new password from its next reboot on; until it comes in with it either will do."""
    Station.objects.filter(pk=station_id).update(password_changing_since=None)


def _changing(station_id: int) -> Station:
    columns = ("password_hash", "password_changing_since")
    return Station.objects.select_for_update(no_key=True).only(*columns).get(pk=station_id)


def _matches(password_hash: str, password: bytes) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False


def _canonical(password: bytes) -> bytes:
    while len(password) >= _SHORTEST_HEX and _HEX.fullmatch(password):
        password = bytes.fromhex(password.decode())
    return password


class _Verified:
    """Credentials that were right, newest last, so that a storm of reconnects doesn't hash them all again.

    Entries are HMACs under a key of this process: what is kept can't be turned back into a password, and a
    changed password is another entry.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._key = secrets.token_bytes(32)
        self._entries: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, station_pk: int, password_hash: str, password: bytes) -> bool:
        entry = self._entry(station_pk, password_hash, password)
        with self._lock:
            known = entry in self._entries
            if known:
                self._entries.move_to_end(entry)
        return known

    def learn(self, station_pk: int, password_hash: str, password: bytes) -> None:
        entry = self._entry(station_pk, password_hash, password)
        with self._lock:
            self._entries[entry] = None
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)

    def _entry(self, station_pk: int, password_hash: str, password: bytes) -> bytes:
        about = f"{station_pk} {password_hash} ".encode()
        return hmac.digest(self._key, about + password, hashlib.sha256)


# 50,000 entries are about 6 MiB.
_verified = _Verified(50_000)
