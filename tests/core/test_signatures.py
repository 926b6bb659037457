"""What we POST is verified by Standard Webhooks' own library, and by its example."""

import pytest
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


def test_a_key_has_256_random_bits():
    first, second = signatures.new_secret(), signatures.new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(first) == len("whsec_") + 44
