"""What the API says of itself: OpenAPI 3.1, valid, with examples that hold; and the page that shows it."""

import re
from typing import Any

import jsonschema_rs
import pytest

from tests.api.calling import BASE, PROBLEM, description, operations
from tests.api.furnishing import furnish

SCHEMAS = description()["components"]["schemas"]
NO_BODY: dict[str, Any] = {"content": {}}


def test_the_description_needs_no_key_and_says_3_1(client, db):
    answer = client.get(f"{BASE}/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == description()
    assert answer.json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one_of_json_schema(name):
    jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMAS[name]})


def every(part: object, key: str) -> list[Any]:
    """All values of a key, however deep."""
    match part:
        case dict():
            here = [part[key]] if key in part else []
            return here + [found for each in part.values() for found in every(each, key)]
        case list():
            return [found for each in part for found in every(each, key)]
    return []


def test_every_reference_leads_to_a_schema():
    referred = {each.removeprefix("#/components/schemas/") for each in every(description(), "$ref")}
    assert "Problem" in referred
    assert referred <= SCHEMAS.keys()


# Of these there are never more than fit on one page.
ON_ONE_PAGE = {"/commands/catalogue", "/stations/{identity}/uptime"}


def test_every_list_comes_in_pages():
    lists = {
        path.removeprefix(BASE): {each["name"] for each in operation["parameters"]}
        for _, path, operation in operations()
        if any("/Page_" in each for each in every(operation["responses"].get("200", {}), "$ref"))
    }
    assert {path for path, names in lists.items() if not names >= {"cursor", "limit"}} == ON_ONE_PAGE


def test_operations_have_names_of_their_own_and_words():
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for _, _, operation in operations():
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]


@pytest.mark.parametrize(("method", "path", "operation"), operations())
def test_an_operation_describes_its_parameters_and_answers(method, path, operation):
    in_path = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
    assert in_path == set(re.findall(r"\{(\w+)\}", path))
    for parameter in operation["parameters"]:
        assert parameter["required"] == (parameter["in"] == "path")
        assert "examples" not in parameter
        jsonschema_rs.meta.validate(parameter["schema"])
    assert operation["responses"]["default"]["content"].keys() == {PROBLEM}
    assert all(answer["description"] for answer in operation["responses"].values())
    assert ("requestBody" in operation) <= (method in ("POST", "PUT", "PATCH"))


EXAMPLES = [(name, example) for name, schema in SCHEMAS.items() for example in schema.get("examples", [])]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_fits_its_schema(name, example):
    schema = {"components": description()["components"], "$ref": f"#/components/schemas/{name}"}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(example)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/stations", "200", "application/json"),
        ("/stations/{identity}", "200", "application/json"),
        ("/sessions", "200", "application/json"),
        ("/sessions/{session_id}", "200", "application/json"),
        ("/commands/{command_id}", "200", "application/json"),
        ("/events", "200", "application/json"),
        ("/stations", "default", PROBLEM),
    ],
)
def test_what_most_people_ask_for_is_answered_with_an_example(path, status, kind):
    told = description()["paths"][BASE + path]["get"]["responses"][status]["content"][kind]["schema"]
    (example,) = SCHEMAS[told["$ref"].rpartition("/")[2]]["examples"]
    assert example.get("items") != []


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [each for each in operations() if "application/json" in each[2].get("requestBody", NO_BODY)["content"]],
)
def test_a_body_has_examples_that_can_be_sent(admin, alpha, method, path, operation):
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    for example in SCHEMAS[name]["examples"]:
        filled = furnish(alpha.network, path.removeprefix(BASE))
        assert admin.ask(method, filled, example).status_code in (200, 201, 202)
