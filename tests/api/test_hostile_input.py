"""Whatever comes in, what goes out is an answer or a problem: never a failure of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api import furnishing
from tests.api.calling import BASE, Caller, description, operations
from tests.stations.test_message_log import exchange

# What has broken others: NUL, half surrogate pairs, numbers and times beyond all bounds, cursors of naught.
PECULIAR = [
    "", "\0", "a\0b", "\ud800", "\u202e", "\ufffe", "İ", "%", "_", "\\", "'", '"', "../..", "null", "NaN",
    "-1",
    "1e400", str(2**63), str(10**40), "٣", "x" * 600, "0001-01-01T00:00:00+14:00", "2026-05-04T12:00:00Z",
    "9999-12-31T23:59:59-14:00", "2026-02-30", "AA", "MQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk",
]  # fmt: skip
USUAL = ["alpha", "GOOD", "reset", "accepted", "2.0.1", "true", "7"]
TEXTS = st.text(max_size=20) | st.sampled_from(PECULIAR) | st.sampled_from(USUAL)
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**400])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
IN_URLS = TEXTS.map(lambda text: text.encode("utf-8", "replace").decode())


def queries(operation: dict[str, Any]) -> st.SearchStrategy[dict[str, str]]:
    """Some of its parameters; but nobody waits for a command here."""
    names = {each["name"] for each in operation["parameters"] if each["in"] == "query"} - {"wait"}
    return st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(names), IN_URLS))


def bodies(operation: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A good body with some fields replaced, or anything."""
    if "requestBody" not in operation:
        return st.none()
    if "text/csv" in operation["requestBody"]["content"]:
        first = st.sampled_from(["id_token", "id_token,group"]) | TEXTS
        rows = st.builds("{}\n{}".format, first, TEXTS)
        return rows.map(lambda text: text.encode("utf-8", "surrogatepass"))
    if "application/octet-stream" in operation["requestBody"]["content"]:
        return st.binary(max_size=50)
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = description()["components"]["schemas"][name]
    other = st.fixed_dictionaries({}, optional=dict.fromkeys(schema["properties"], VALUES))
    return st.builds(dict.__or__, st.sampled_from(schema["examples"]), other) | VALUES


@pytest.fixture
def ids(alpha) -> dict[str, str]:
    """What there is to find, by the name that paths have for it."""
    exchange(alpha, 0)
    return {name: str(found) for name, found in furnishing.everything(alpha.network).items()}


@pytest.mark.parametrize("tag", sorted({operation["tags"][0] for *_, operation in operations()}))
def test_no_input_makes_the_api_fail(admin, ids, tag):
    for method, path, operation in operations():
        if operation["tags"][0] == tag:
            feed(admin, ids, method, path, operation)


def feed(admin: Caller, ids: dict[str, str], method: str, path: str, operation: dict[str, Any]) -> None:
    """Ask for one operation with many inputs; nothing of it stays."""
    names = {
        name: st.just(found) | IN_URLS.filter(bool) for name, found in ids.items() if f"{{{name}}}" in path
    }

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries(names), queries(operation), bodies(operation))
    def ask(names, query, body):
        filled = path.removeprefix(BASE).format(**{name: quote(text, "") for name, text in names.items()})
        text = body is None or isinstance(body, bytes)
        sent = body or b"" if text else json.dumps(body).encode("utf-8", "surrogatepass")
        with transaction.atomic():
            answer = admin.ask(method, filled, sent, query)
            transaction.set_rollback(True)
        assert answer.status_code < 500, (method, filled, answer.content)

    ask()
