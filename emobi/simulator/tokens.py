"""What drivers show, and what a station remembers of the answers.

Source: OCPP 1.6 section 3.5; OCPP 2.0.1 part 2, C10 to C14 and D01.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

ACCEPTED = "Accepted"


@dataclass(frozen=True, slots=True)
class IdToken:
    """``type`` is IdTokenEnumType of 2.0.1; 1.6 sends the value alone."""

    value: str
    type: str = "ISO14443"

    @property
    def key(self) -> str:
        """Tokens are compared without regard to case (OCPP 1.6 section 7.28)."""
        return self.value.casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorization:
    """What the central system said of a token; ``group`` may stop each other's transactions."""

    status: str
    group: str | None = None
    expires_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        return self.status == ACCEPTED


class TokenMemory:
    """The authorization cache and the local authorization list.

    Attributes:
        list_version: 0 while no list was sent.
    """

    def __init__(self) -> None:
        self._cached: dict[str, Authorization] = {}
        self._listed: dict[str, Authorization] = {}
        self.list_version = 0

    @property
    def listed_count(self) -> int:
        return len(self._listed)

    def find(self, token: IdToken, now: datetime) -> Authorization | None:
        """What is known of the token without asking; the list overrules the cache."""
        known = self._listed.get(token.key) or self._cached.get(token.key)
        if known and known.expires_at and known.expires_at <= now:
            return None
        return known

    def remember(self, token: IdToken, authorization: Authorization) -> None:
        """Keep an answer, unless the token is listed (OCPP 1.6 section 4.8)."""
        if token.key not in self._listed:
            self._cached[token.key] = authorization

    def forget(self, token: IdToken) -> bool:
        return self._cached.pop(token.key, None) is not None

    def clear_cache(self) -> None:
        self._cached.clear()

    def replace_list(self, version: int, entries: Mapping[str, Authorization]) -> None:
        self._listed = {value.casefold(): entry for value, entry in entries.items()}
        self.list_version = version

    def change_list(self, version: int, entries: Mapping[str, Authorization | None]) -> bool:
        """Apply a differential update; None removes. False if ``version`` isn't newer."""
        if version <= self.list_version:
            return False
        for value, entry in entries.items():
            if entry is None:
                self._listed.pop(value.casefold(), None)
            else:
                self._listed[value.casefold()] = entry
        self.list_version = version
        return True
