"""Signatures of what we POST to others, by Standard Webhooks (standardwebhooks.com), version 1.

HMAC-SHA256 of the message's id, its time and its body. Several secrets make several signatures, so that a
receiver may change from one to the other whenever it likes.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook


def new_secret() -> str:
    """A key of 32 random bytes, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: one signature a key, with spaces between them.

    Args:
        keys: ``whsec_`` and base64.
        message_id: The value of ``webhook-id``.
        timestamp: The value of ``webhook-timestamp``: seconds since 1970.
        body: UTF-8, as it goes out.
    """
    moment = datetime.fromtimestamp(timestamp, UTC)
    return " ".join(Webhook(key).sign(message_id, moment, body.decode()) for key in keys)


def headers(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver verifies a message."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(keys, message_id, timestamp, body),
    }
