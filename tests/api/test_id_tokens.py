import pytest

from sessions.models import IdToken
from tests.api.calling import Caller


def texts(caller: Caller, **filters) -> list[str]:
    return [token["id_token"] for token in caller.get("/id-tokens", **filters)["items"]]


def test_a_new_token_is_accepted_and_has_all_that_was_not_said_of_it(operator, network):
    told = operator.post("/id-tokens", {"id_token": "04A2B3C4"})
    assert told == {
        "id_token": "04A2B3C4",
        "type": "ISO14443",
        "status": "accepted",
        "expires_at": None,
        "group": None,
        "master_pass": False,
        "concurrent": False,
        "allowed_evses": [],
        "charging_priority": 0,
        "language1": None,
        "language2": None,
        "personal_message": None,
        "tariff": None,
        "note": None,
        "created_at": told["created_at"],
    }
    assert operator.get("/id-tokens")["items"] == [told]
    assert network.id_tokens.get().id_token == "04A2B3C4"


def test_all_that_may_be_said_of_a_token_is_taken(operator, network):
    given = {
        "id_token": "DE*ABC*1",
        "type": "eMAID",
        "status": "blocked",
        "expires_at": "2027-01-01T00:00:00.000Z",
        "group": "fleet",
        "master_pass": True,
        "concurrent": True,
        "allowed_evses": [{"station": "CP001", "evse_ids": [1, 2]}, {"station": "CP002", "evse_ids": []}],
        "charging_priority": -9,
        "language1": "de",
        "language2": "fr-CH",
        "personal_message": "Gute Fahrt",
        "tariff": "public",
        "note": "of the van",
    }
    network.tariffs.create(name="public", currency="EUR")
    told = operator.post("/id-tokens", given)
    assert {name: told[name] for name in given} == given


@pytest.mark.parametrize("text", ["GOOD", "good", " Good "])
def test_a_token_that_is_there_in_whatever_case_is_a_409(operator, network, text):
    operator.post("/id-tokens", {"id_token": "Good"})
    operator.post("/id-tokens", {"id_token": text}, expect=409)
    assert network.id_tokens.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "id_token"),
        ({"id_token": ""}, "id_token"),
        ({"id_token": "   "}, "id_token"),
        ({"id_token": "x" * 256}, "id_token"),
        ({"id_token": "A", "type": "RFID"}, "type"),
        ({"id_token": "A", "type": None}, "type"),
        ({"id_token": "A", "status": "gone"}, "status"),
        ({"id_token": "A", "expires_at": "2027-01-01T00:00:00"}, "expires_at"),
        ({"id_token": "A", "expires_at": "soon"}, "expires_at"),
        ({"id_token": "A", "expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"id_token": "A", "expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"id_token": "A", "expires_at": 10**30}, "expires_at"),
        ({"id_token": "A", "group": "x" * 37}, "group"),
        ({"id_token": "A", "note": "x" * 201}, "note"),
        ({"id_token": "A", "master_pass": None}, "master_pass"),
        ({"id_token": "A", "colour": "red"}, "colour"),
    ],
)
def test_what_a_token_cant_be_is_a_422_that_names_the_field(operator, body, field):
    told = operator.post("/id-tokens", body, expect=422)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not IdToken.objects.exists()


@pytest.mark.parametrize("text", ["GOOD", "good", "a/b", "a%2Fb", "..", "ÄÖ", "İ"])
def test_a_token_is_blocked_and_let_in_again_in_whatever_case(operator, network, text):
    operator.post("/id-tokens", {"id_token": text, "note": "kept"})
    path = f"/id-tokens/{text.replace('%', '%25')}"
    blocked = operator.patch(path, {"status": "blocked"})
    assert (blocked["id_token"], blocked["status"], blocked["note"]) == (text, "blocked", "kept")
    assert operator.patch(path, {"status": "accepted"})["status"] == "accepted"


def test_null_takes_back_what_may_be_missing(operator, network):
    given = {"expires_at": "2027-01-01T00:00:00Z", "group": "fleet", "note": "of the van"}
    operator.post("/id-tokens", {"id_token": "GOOD", **given})
    told = operator.patch("/id-tokens/GOOD", dict.fromkeys(given))
    assert [told[name] for name in given] == [None, None, None]


def test_a_token_that_isnt_there_is_a_404(operator):
    operator.patch("/id-tokens/NOBODY", {"status": "blocked"}, expect=404)


@pytest.mark.parametrize("limit", [1, 2, 5, 500])
def test_pages_follow_each_other_without_gap_or_repetition(viewer, network, limit):
    for number in range(5):
        network.id_tokens.create(id_token=f"T{number}")
    paged = [token["id_token"] for token in viewer.all("/id-tokens", limit)]
    assert paged == ["T4", "T3", "T2", "T1", "T0"]


def test_each_filter_holds_alone_and_with_others(viewer, network):
    network.id_tokens.create(id_token="ONE", group="fleet", note="van 7")
    network.id_tokens.create(id_token="TWO", group="fleet", status="blocked")
    network.id_tokens.create(id_token="SEVEN")
    cases = [
        ({"q": "7"}, ["ONE"]),
        ({"q": "e"}, ["SEVEN", "ONE"]),
        ({"q": "%"}, []),
        ({"status": "blocked"}, ["TWO"]),
        ({"group": "fleet"}, ["TWO", "ONE"]),
        ({"group": "fleet", "status": "accepted"}, ["ONE"]),
    ]
    for filters, expected in cases:
        assert texts(viewer, **filters) == expected, filters


@pytest.mark.parametrize("cursor", ["!", "eA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_a_cursor_of_something_else_is_a_422(viewer, cursor):
    told = viewer.get("/id-tokens", expect=422, cursor=cursor)
    assert [error["field"] for error in told["errors"]] == ["cursor"]


def logged(network):
    found = network.audit_entries.exclude(action__startswith="api_key.").order_by("id")
    return [(entry.action, entry.target, entry.detail) for entry in found]


def test_what_a_key_does_to_a_token_is_in_the_audit_log(operator, network):
    """Without what people wrote of a driver, which nobody could take back there."""
    given = {"id_token": "GOOD", "group": "fleet", "expires_at": "2027-01-01T00:00:00Z", "note": "of Mr X"}
    operator.post("/id-tokens", given)
    operator.post("/id-tokens", {"id_token": "good"}, expect=409)
    operator.patch("/id-tokens/good", {"status": "blocked", "group": "fleet", "note": "of Ms Y"})
    operator.patch("/id-tokens/GOOD", {"status": "blocked"})
    operator.patch("/id-tokens/GOOD", {"status": "accepted", "type": "lost"}, expect=422)
    created = {
        "type": "ISO14443",
        "status": "accepted",
        "expires_at": "2027-01-01T00:00:00.000Z",
        "group": "fleet",
        "master_pass": False,
        "concurrent": False,
        "charging_priority": 0,
        "tariff": None,
    }
    assert logged(network) == [
        ("id_token.created", "GOOD", created),
        ("id_token.changed", "GOOD", {"status": {"from": "accepted", "to": "blocked"}, "note": "changed"}),
    ]
    key = network.api_keys.get()
    entries = network.audit_entries.filter(action__startswith="id_token.")
    assert set(entries.values_list("actor", "address")) == {(f"key:{key.prefix}", "127.0.0.1")}


def test_a_code_that_is_keyed_in_is_not_in_the_audit_log(operator, network):
    operator.post("/id-tokens", {"id_token": "4711", "type": "KeyCode"})
    operator.patch("/id-tokens/4711", {"status": "blocked"})
    operator.patch("/id-tokens/4711", {"type": "Central"})
    assert [target for _, target, _ in logged(network)] == ["***"] * 3
    assert "4711" not in str(logged(network))
