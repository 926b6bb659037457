"""Secrets that have to be read again, kept so that the database alone doesn't tell them.

Fernet (AES-128-CBC with HMAC-SHA256), with a key made of `SECRET_KEY`; those of `SECRET_KEY_FALLBACKS` still
open what they sealed.
"""

import base64
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from emobi.core.errors import Conflict


def seal(found: Any, purpose: str) -> str:  # noqa: ANN401 — any JSON
    """JSON as a text that only `unseal` reads, for the same purpose."""
    return _keys(purpose, _secrets()).encrypt(json.dumps(found).encode()).decode()


def unseal(sealed: str, purpose: str) -> Any:  # noqa: ANN401 — any JSON
    """What was sealed.

    Raises:
        Conflict: If it was sealed with another key, or for another purpose, or was changed since.
    """
    try:
        return json.loads(_keys(purpose, _secrets()).decrypt(sealed.encode()))
    except InvalidToken as error:
        raise Conflict("Its secrets were sealed with a key that is gone: ask for it anew.") from error


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@cache
def _keys(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(purpose, secret)) for secret in secrets])


def _key(purpose: str, secret: str) -> bytes:
    made = HKDF(SHA256(), 32, salt=None, info=f"emobi {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(made)
