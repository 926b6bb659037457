from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import ApiKey, AuditEntry
from emobi.core.services import api_keys

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_key_is_known_by_its_text_alone(network):
    key, text = api_keys.create(network, "operator", "ERP")
    found = api_keys.verify(text)
    assert found == key
    assert found is not None
    assert (found.network, found.role, found.name) == (network, "operator", "ERP")


def test_the_text_says_what_it_is_and_isnt_stored(network):
    key, text = api_keys.create(network, "viewer", "ERP")
    assert text.startswith(f"{key.prefix}_")
    assert key.prefix.startswith("ek_")
    secret = text.removeprefix(f"{key.prefix}_")
    stored = " ".join(str(value) for value in ApiKey.objects.values().get().values())
    said = " ".join(str(value) for value in AuditEntry.objects.values().get().values())
    assert len(secret) >= 40
    assert secret not in stored + said


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "x",
        lambda text: text.upper(),
        lambda text: text.rpartition("_")[0] + "_",
        lambda text: text.replace("ek_", "ek_x", 1),
        lambda text: "Bearer " + text,
        lambda text: "ek_" + "a" * 5000,
        lambda text: "\ud800",
    ],
)
def test_any_other_text_is_no_key(network, spoilt):
    _, text = api_keys.create(network, "admin")
    assert api_keys.verify(spoilt(text)) is None


def test_a_secret_isnt_another_keys(network):
    first, one = api_keys.create(network, "admin")
    second, other = api_keys.create(network, "admin")
    assert api_keys.verify(one.replace(first.prefix, second.prefix)) is None
    assert api_keys.verify(other) == second


def test_a_revoked_key_is_refused_from_then_on(network):
    key, text = api_keys.create(network, "admin")
    api_keys.revoke(key, by="user:alice")
    assert api_keys.verify(text) is None
    assert key.revoked_at is not None


def test_revoking_twice_is_told_once(network):
    key, _ = api_keys.create(network, "admin")
    api_keys.revoke(key, by="user:alice")
    api_keys.revoke(key, by="user:bob")
    assert (
        AuditEntry.objects.filter(action="api_key.revoked").values_list("actor", flat=True).get()
        == "user:alice"
    )


def test_the_last_use_is_noted_at_most_once_a_minute(network, django_assert_num_queries):
    key, text = api_keys.create(network, "viewer")
    with clock.at(NOON):
        api_keys.verify(text)
    with clock.at(NOON + timedelta(seconds=59)), django_assert_num_queries(1):
        api_keys.verify(text)
    key.refresh_from_db()
    assert key.last_used_at == NOON
    with clock.at(NOON + timedelta(seconds=61)):
        api_keys.verify(text)
    key.refresh_from_db()
    assert key.last_used_at == NOON + timedelta(seconds=61)


def test_a_role_that_doesnt_exist_is_refused(network):
    with pytest.raises(Invalid) as refused:
        api_keys.create(network, "root")
    assert refused.value.field == "role"
