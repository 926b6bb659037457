"""docs/api.md says what the API does, and its examples run."""

import argparse
import json
import re
import shlex
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.test import Client

from emobi.core.services import api_keys
from sessions.models import IdToken
from stations.models import Command, Station
from tests.api.calling import BASE, operations
from tests.api.test_keys import CHANGES, FOR_ADMINS, FOR_ENGINEERS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "api.md").read_text()
COOKBOOK = (DOCS / "cookbook.md").read_text()
HOST = "http://localhost:8000"
RESOURCES = re.findall(r"^\| `(GET|POST|PATCH|PUT|DELETE) (\S+)` \| (\w+) \| (.+) \|$", PAGE, re.M)


def blocks(language: str) -> list[str]:
    """Examples, of both pages in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE + COOKBOOK, re.M | re.S)


def role(operation: dict[str, Any]) -> str:
    if "security" not in operation:
        return "none"
    if operation["operationId"] in FOR_ENGINEERS:
        return "engineer"
    if operation["operationId"] in FOR_ADMINS:
        return "admin"
    return "operator" if operation["operationId"] in CHANGES else "viewer"


def test_every_operation_has_its_line_with_its_role():
    told = {(method, path): needed for method, path, needed, _ in RESOURCES}
    assert told == {(method, path.removeprefix(BASE)): role(each) for method, path, each in operations()}


def test_every_filter_of_a_list_is_named():
    told = {
        (method, path): set(re.findall(r"`(\w+)`", text.partition("Filters:")[2]))
        for method, path, _, text in RESOURCES
        if "Filters:" in text
    }
    described = {
        (method, path.removeprefix(BASE)): {each["name"] for each in operation["parameters"]}
        for method, path, operation in operations()
        if "{" not in path
    }
    lists = {
        each: names - {"after", "cursor", "limit", "format"}
        for each, names in described.items()
        if "limit" in names
    }
    assert told == {each: names for each, names in lists.items() if names}


def test_the_problem_that_is_shown_is_told(viewer):
    problem = json.loads(next(block for block in blocks("json") if "about:blank" in block))
    told = viewer.get("/stations", expect=422, limit=501)
    assert told == problem | {"title": HTTPStatus(422).phrase}


# ── the examples ────────────────────────────────────────────────────────────────────────────────────────


def curl(line: str, key: str) -> int:
    """What curl would do with the options that the page uses; the status of the answer."""
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("-X", dest="method")
    options.add_argument("-H", dest="headers", action="append")
    options.add_argument("-d", dest="data")
    options.add_argument("-N", action="store_true")
    said = options.parse_args(shlex.split(line.replace("$KEY", key))[1:])
    headers = dict(header.split(": ", 1) for header in said.headers)
    method = said.method or ("GET" if said.data is None else "POST")
    assert said.url.startswith(HOST + BASE)
    answer = Client(headers=headers).generic(
        method,
        said.url.removeprefix(HOST),
        said.data or "",
        content_type=headers.get("Content-Type", ""),
    )
    return answer.status_code


def test_the_examples_for_curl_work_one_after_the_other(network):
    key = api_keys.create(network, "operator")[1]
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    assert {line for line in lines if not line.startswith("curl ")} == {"KEY=$(cat .emobi/api-key)"}
    told = [curl(line, key) for line in lines if line.startswith("curl ")]
    assert told == [200, 201, 200, 201, 202, *[200] * 9, 201, 200]
    assert Station.objects.get().identity == "CP001"
    assert IdToken.objects.get().id_token == "04A2B3C4"
    assert Command.objects.get().name == "reset"
