"""What we POST is verified by Standard Webhooks' own library, and by its example."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from emobi.core import clock, signatures

BODY = '{"a": "ü"}'.encode()


def test_a_signature_is_that_of_the_specifications_example():
    assert (
        signatures.signature(
            ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_while_keys_rotate_either_verifies_and_no_third_one_does():
    new, old = signatures.new_secret(), signatures.new_secret()
    now = int(clock.wall().timestamp())
    headers = signatures.headers([new, old], "msg_1", now, BODY)
    assert Webhook(new).verify(BODY, headers) == Webhook(old).verify(BODY, headers) == {"a": "ü"}
    with pytest.raises(WebhookVerificationError):
        Webhook(signatures.new_secret()).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + b" ", headers)


@given(
    secret=st.binary(min_size=24, max_size=64),
    message_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
    body=st.text(max_size=200),
    place=st.integers(min_value=0),
    change=st.integers(min_value=1, max_value=127),
)
def test_whatever_is_signed_verifies_and_not_with_a_byte_changed(secret, message_id, body, place, change):
    key = "whsec_" + base64.b64encode(secret).decode()
    sent = json.dumps({"text": body}, ensure_ascii=False).encode()
    headers = signatures.headers([key], message_id, int(clock.wall().timestamp()), sent)
    assert Webhook(key).verify(sent, headers) == {"text": body}
    place %= len(sent)
    changed = sent[:place] + bytes([sent[place] ^ change]) + sent[place + 1 :]
    for other, told in ((changed, headers), (sent, headers | {"webhook-id": message_id + "1"})):
        # What is no UTF-8 any more isn't even read.
        with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
            Webhook(key).verify(other, told)


def test_a_key_has_256_random_bits():
    first, second = signatures.new_secret(), signatures.new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(first) == len("whsec_") + 44
