import pytest

from sessions.models import Tariff

PUBLIC = {"name": "public", "currency": "EUR", "price_per_kwh": 0.49, "default": True}


def test_a_tariff_is_shown_with_its_prices_in_words(operator):
    made = operator.post("/tariffs", PUBLIC | {"start_fee": 0.3})
    assert made | {"created_at": None} == {
        "name": "public",
        "currency": "EUR",
        "price_per_kwh": 0.49,
        "price_per_minute": 0,
        "start_fee": 0.3,
        "text": "0.30 EUR to start, 0.49 EUR per kWh",
        "default": True,
        "update_every_s": None,
        "created_at": None,
    }
    assert operator.get("/tariffs")["items"] == [made]


def test_new_prices_are_a_new_row_that_tokens_follow(operator, network):
    operator.post("/tariffs", PUBLIC)
    operator.post("/id-tokens", {"id_token": "A", "tariff": "Public"})
    operator.patch("/tariffs/public", {"price_per_kwh": 0.59})
    old, new = Tariff.objects.order_by("id")
    assert (old.replaced_at is None, new.replaced_at is None) == (False, True)
    assert network.id_tokens.get().tariff == new
    assert [each["price_per_kwh"] for each in operator.get("/tariffs")["items"]] == [0.59]


def test_words_change_without_a_new_row(operator):
    operator.post("/tariffs", PUBLIC)
    assert operator.patch("/tariffs/PUBLIC", {"text": "cheap"})["text"] == "cheap"
    assert Tariff.objects.count() == 1


def test_a_network_has_one_default(operator):
    operator.post("/tariffs", PUBLIC)
    operator.post("/tariffs", PUBLIC | {"name": "night"})
    defaults = {each["name"]: each["default"] for each in operator.get("/tariffs")["items"]}
    assert defaults == {"public": False, "night": True}


def test_a_network_has_a_tariff_once_in_whatever_case(operator):
    operator.post("/tariffs", PUBLIC)
    operator.post("/tariffs", PUBLIC | {"name": "Public"}, expect=409)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "eur"}, "currency"),
        ({"price_per_kwh": -1}, "price_per_kwh"),
        ({"price_per_kwh": 0.12345}, "price_per_kwh"),
        ({"update_every_s": 1}, "update_every_s"),
        ({"name": " "}, "name"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named(operator, changes, field):
    told = operator.post("/tariffs", PUBLIC | changes, expect=422)
    assert told["errors"][0]["field"] == field


def test_a_tariff_needs_its_currency(operator):
    told = operator.post("/tariffs", {"name": "public"}, expect=422)
    assert told["errors"][0]["field"] == "currency"


def test_another_networks_tariff_is_none_of_ours(operator, elsewhere):
    elsewhere.tariffs.create(name="theirs", currency="EUR")
    assert operator.get("/tariffs")["items"] == []
    operator.patch("/tariffs/theirs", {"default": True}, expect=404)
    operator.post("/id-tokens", {"id_token": "A", "tariff": "theirs"}, expect=422)


def test_what_a_key_does_to_a_tariff_is_in_the_audit_log(operator, network):
    operator.post("/tariffs", PUBLIC)
    operator.post("/tariffs", PUBLIC, expect=409)
    operator.patch("/tariffs/PUBLIC", {"price_per_kwh": 0.59, "currency": "EUR"})
    operator.patch("/tariffs/public", {"text": "cheap"})
    operator.patch("/tariffs/public", {"text": "cheap"})
    key = network.api_keys.get()
    found = network.audit_entries.filter(action__startswith="tariff.").order_by("id")
    assert {(entry.actor, entry.address, entry.target) for entry in found} == {
        (f"key:{key.prefix}", "127.0.0.1", "public")
    }
    created = {
        "currency": "EUR",
        "price_per_kwh": 0.49,
        "price_per_minute": 0,
        "start_fee": 0,
        "text": "",
        "default": True,
        "update_every_s": None,
    }
    assert [(entry.action, entry.detail) for entry in found] == [
        ("tariff.created", created),
        ("tariff.changed", {"price_per_kwh": {"from": 0.49, "to": 0.59}}),
        ("tariff.changed", {"text": {"from": "", "to": "cheap"}}),
    ]
