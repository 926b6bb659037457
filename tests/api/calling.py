"""Callers of the API: every answer that they get is held against what the API says of itself."""

import functools
import json
import re
from typing import Any

import jsonschema_rs
from django.test import Client

from emobi.api.api import api

BASE = "/api/v1"
# Parameters of paths that may hold slashes.
WITH_SLASHES = {"id_token", "tariff"}
# Its answer ends when its client goes; `test_stream.py` asks it.
ENDLESS = f"{BASE}/events/stream"
PROBLEM = "application/problem+json"


@functools.cache
def description() -> dict[str, Any]:
    """What the API says of itself: its OpenAPI document."""
    described: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{BASE}/")))
    return described


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Each operation: its method, the template of its path, and its description."""
    return [
        (method.upper(), path, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


@functools.cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """For values that fit a schema of the description; ``schema`` as JSON text."""
    return jsonschema_rs.Draft202012Validator(
        {"components": description()["components"], **json.loads(schema)}, validate_formats=True
    )


def described(method: str, path: str) -> dict[str, Any] | None:
    """The operation that answers a request; None if there is none."""
    for its_method, template, operation in operations():
        pattern = re.sub(r"\{(\w+)\}", lambda name: ".+" if name[1] in WITH_SLASHES else "[^/]+", template)
        if method == its_method and re.fullmatch(pattern, path):
            return operation
    return None


def check(method: str, path: str, answer: Any) -> None:
    """Hold an answer against the description."""
    operation = described(method, path)
    assert operation is not None, f"{method} {path} isn't described"
    responses = operation["responses"]
    told = responses.get(str(answer.status_code), responses["default"])
    if "content" not in told:
        assert answer.content == b""
        return
    content_type = answer["Content-Type"].partition(";")[0]
    content = told["content"][content_type]
    if answer.streaming:
        return
    errors = [error.message for error in validator(json.dumps(content["schema"])).iter_errors(answer.json())]
    assert errors == [], f"{method} {path}: {errors}"
    if content_type == PROBLEM:
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["detail"]


class Caller:
    """Asks with one key. ``expect`` is the status that is expected."""

    def __init__(self, key: str | None) -> None:
        self._client = Client(headers={"Authorization": f"Bearer {key}"} if key else None)

    def ask(self, method: str, path: str, body: object = None, query: dict[str, Any] | None = None) -> Any:
        """An answer, as it comes. ``body`` is made JSON, but for bytes."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self._client.generic(
            method, BASE + path, data, content_type="application/json", query_params=query
        )
        check(method, BASE + path, answer)
        return answer

    def get(self, path: str, expect: int = 200, **query: object) -> Any:
        return self._told("GET", path, expect, None, query)

    def post(self, path: str, body: object, expect: int = 201, **query: object) -> Any:
        return self._told("POST", path, expect, body, query)

    def patch(self, path: str, body: object, expect: int = 200) -> Any:
        return self._told("PATCH", path, expect, body, {})

    def delete(self, path: str, expect: int = 204, **query: object) -> Any:
        return self._told("DELETE", path, expect, None, query)

    def all(self, path: str, limit: int, **query: Any) -> list[Any]:
        """The items of every page of a list."""
        items: list[Any] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, limit=limit, **query, **cursor)
            items += page["items"]
            if page["next"] is None:
                return items
            assert len(page["items"]) <= limit
            cursor = {"cursor": page["next"]}

    def _told(self, method: str, path: str, expect: int, body: object, query: dict[str, Any]) -> Any:
        query = {name.rstrip("_"): value for name, value in query.items()}
        answer = self.ask(method, path, body, query)
        assert answer.status_code == expect, answer.content
        return answer.json() if answer.content else None
