import pytest

from emobi.api import token_csv
from emobi.api.id_token_import import EXAMPLE
from sessions.services import tariffs, token_import
from tests.api.calling import description


def send(caller, text, expect=200):
    body = text if isinstance(text, bytes) else text.encode()
    return caller.post("/id-tokens/import", body, expect=expect)


def counts(told):
    return [told[name] for name in ("created", "changed", "unchanged", "refused")]


def tokens(network):
    return set(network.id_tokens.values_list("id_token", flat=True))


def test_the_example_adds_tokens(operator, network):
    content = description()["paths"]["/api/v1/id-tokens/import"]["post"]["requestBody"]["content"]
    assert content["text/csv"]["schema"]["examples"] == [EXAMPLE]
    assert counts(send(operator, EXAMPLE)) == [2, 0, 0, 0]
    assert tokens(network) == {"04A2B3C4", "04A2B3C5"}
    assert set(network.id_tokens.values_list("group", flat=True)) == {"fleet"}


def test_the_same_file_again_changes_nothing(operator, network):
    tariffs.create(network, "public", currency="EUR")
    every = ",".join(["id_token", *token_csv.EMPTY])
    place = '"[{""station"": ""CP001""}]"'
    row = f"A,eMAID,blocked,2099-01-01T00:00:00Z,fleet,true,1,{place},3,de,fr,Hallo,Public,van"
    assert counts(send(operator, f"{every}\n{row}\n")) == [1, 0, 0, 0]
    assert counts(send(operator, f"{every}\r\n{row}\r\n")) == [0, 0, 1, 0]
    assert operator.get("/id-tokens")["items"][0] | {"created_at": None} == {
        "id_token": "A",
        "type": "eMAID",
        "status": "blocked",
        "expires_at": "2099-01-01T00:00:00.000Z",
        "group": "fleet",
        "master_pass": True,
        "concurrent": True,
        "allowed_evses": [{"station": "CP001", "evse_ids": []}],
        "charging_priority": 3,
        "language1": "de",
        "language2": "fr",
        "personal_message": "Hallo",
        "tariff": "public",
        "note": "van",
        "created_at": None,
    }


def test_a_column_that_is_not_there_leaves_its_field_alone(operator, network):
    send(operator, "id_token,group,note\nA,fleet,van\n")
    assert counts(send(operator, "id_token,group\na,\n")) == [0, 1, 0, 0]
    token = network.id_tokens.get()
    assert (token.id_token, token.group, token.note) == ("A", "", "van")


def test_a_row_that_can_not_be_taken_stops_no_other(operator, network):
    text = "id_token,expires_at,tariff,status\nA,soon,,\nB,,,\n,,,\nC,,night,\nD,,,lost\nE,,\nb,,,\nF,,,\n"
    told = send(operator, text)
    assert counts(told) == [2, 0, 0, 6]
    assert [(error["line"], error["field"]) for error in told["errors"]] == [
        (2, "expires_at"), (4, "id_token"), (5, "tariff"), (6, "status"), (7, ""), (8, "id_token"),
    ]  # fmt: skip
    assert tokens(network) == {"B", "F"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "id_token"),
        ("id_token,id_token\n", "each field once"),
        ("id_token,colour\n", "colour"),
        ("group\nfleet\n", "id_token"),
        (b"id_token,n\xffte\n", "no such field"),
        (b"id_token,note\0\n", "no such field"),
        ('id_token,"note', "line 1"),
        ("x" * (token_csv.LONGEST_LINE + 1), "line 1: longer"),
    ],
)
def test_what_is_no_such_file_is_refused_and_nothing_is_taken(operator, network, text, reason):
    assert reason in send(operator, text, expect=422)["detail"]
    assert tokens(network) == set()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"B\xff,x", "not UTF-8"),
        (b'"B",\xc3\xbc\xc3', "not UTF-8"),
        (b"B\0,x", "text can't hold NUL"),
        (b'"B","two\nlines\0"', "text can't hold NUL"),
    ],
)
def test_a_row_with_what_is_no_text_stops_no_other(operator, network, monkeypatch, row, reason):
    monkeypatch.setattr(token_import, "AT_ONCE", 1)
    told = send(operator, b"id_token,tariff\nA,\n" + row + b"\nC,\n")
    assert counts(told) == [2, 0, 0, 1]
    assert told["errors"] == [{"line": 3 + row.count(b"\n"), "field": "", "detail": reason}]
    assert tokens(network) == {"A", "C"}


def test_a_nul_that_json_spells_is_one(operator, network):
    told = send(operator, 'id_token,allowed_evses\nA,"[{""station"": ""\\u0000""}]"\nB,\n')
    assert counts(told) == [1, 0, 0, 1]
    assert (told["errors"][0]["line"], told["errors"][0]["field"]) == (2, "allowed_evses")


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ('"B" is,x\nC,', "',' expected after '\"'"),
        ('B,"x\nC,\nD,', "unexpected end of data"),
        ("B" * (token_csv.LONGEST_LINE + 1) + "\nC,", f"longer than {token_csv.LONGEST_LINE} bytes"),
        ("B\rC,", "new-line character seen in unquoted field"),
    ],
)
def test_where_a_file_can_not_be_read_on_the_report_says_so_at_its_end(
    operator, network, monkeypatch, rest, reason
):
    """Whatever was taken before, and however many errors are told."""
    monkeypatch.setattr(token_import, "AT_ONCE", 1)
    monkeypatch.setattr(token_import, "MOST_ERRORS", 1)
    told = send(operator, f"id_token,note\nA,\n,\n,\n{rest}\n")
    assert counts(told) == [1, 0, 0, 3]
    assert [error["line"] for error in told["errors"]] == [3, 5]
    last = told["errors"][-1]["detail"]
    assert last.startswith(reason)
    assert last.endswith("from this line on nothing was read")
    assert tokens(network) == {"A"}


def test_tokens_are_the_same_where_they_are_to_the_database(operator, network, monkeypatch):
    assert counts(send(operator, "id_token,note\nSTRASSE,\nstraße,\nStraße,\n")) == [2, 0, 0, 1]
    assert tokens(network) == {"STRASSE", "straße"}
    monkeypatch.setattr(token_import, "AT_ONCE", 1)
    told = send(operator, "id_token,note\nstrasse,a\nSTRAßE,b\nStrasse,c\n")
    assert counts(told) == [0, 2, 0, 1]
    assert (told["errors"][0]["line"], told["errors"][0]["detail"]) == (4, "the same token as in line 2")


def test_a_byte_order_mark_and_quoted_lines_are_read(operator, network):
    assert counts(send(operator, b'\xef\xbb\xbfid_token,note\n"A","two\nlines"\n')) == [1, 0, 0, 0]
    assert network.id_tokens.get().note == "two\nlines"


def test_many_rows_take_a_few_transactions(operator, network, monkeypatch):
    monkeypatch.setattr(token_import, "AT_ONCE", 10)
    rows = "".join(f"T{number}\n" for number in range(25))
    assert counts(send(operator, f"id_token\n{rows}")) == [25, 0, 0, 0]


def test_a_file_has_its_limit(operator, network, monkeypatch):
    monkeypatch.setattr(token_import, "MOST_ROWS", 2)
    monkeypatch.setattr(token_import, "MOST_ERRORS", 0)
    told = send(operator, "id_token\nA\nB\nC\nD\n")
    assert counts(told) == [2, 0, 0, 1]
    assert [error["line"] for error in told["errors"]] == [4]
    assert tokens(network) == {"A", "B"}


def test_another_networks_tokens_stay_as_they_are(operator, elsewhere):
    elsewhere.id_tokens.create(id_token="A", note="theirs")
    assert counts(send(operator, "id_token,note\nA,ours\n")) == [1, 0, 0, 0]
    assert elsewhere.id_tokens.get().note == "theirs"


def imports(network):
    found = network.audit_entries.exclude(action__startswith="api_key.").order_by("id")
    return [(entry.action, entry.target, entry.detail) for entry in found]


def test_an_import_is_one_entry_of_the_audit_log(operator, network, monkeypatch):
    monkeypatch.setattr(token_import, "AT_ONCE", 2)
    send(operator, "id_token\nA\nB\nC\n,\n")
    send(operator, "id_token,note\na,van 7\nb,\nD,\n,\n")
    send(operator, "id_token\nA\n")
    first = {"created": 3, "changed": 0, "unchanged": 0, "refused": 1}
    second = {"created": 1, "changed": 1, "unchanged": 1, "refused": 1}
    assert imports(network) == [
        ("id_tokens.imported", network.slug, first),
        ("id_tokens.imported", network.slug, second),
    ]
    entries = network.audit_entries.filter(action="id_tokens.imported")
    key = network.api_keys.get()
    assert set(entries.values_list("actor", "address")) == {(f"key:{key.prefix}", "127.0.0.1")}


def test_an_import_that_is_cut_short_is_in_the_audit_log_as_far_as_it_came(network, monkeypatch):
    monkeypatch.setattr(token_import, "AT_ONCE", 2)

    def rows():
        for number in range(5):
            yield token_import.Row(line=number, id_token=f"T{number}")
        raise OSError("the client is gone")

    with pytest.raises(OSError, match="gone"):
        token_import.put(network, rows(), by="key:a")
    assert tokens(network) == {"T0", "T1", "T2", "T3"}
    done = {"created": 4, "changed": 0, "unchanged": 0, "refused": 0}
    assert imports(network) == [("id_tokens.imported", network.slug, done)]
