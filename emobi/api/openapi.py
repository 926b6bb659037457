"""The API's description (OpenAPI 3.1), and the page that shows it."""

from typing import Any, override

from django.conf import settings
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from pydantic import BaseModel, Field

from emobi.api import problems
from emobi.api.fields import example


class FieldProblem(BaseModel):
    """A value that can't be taken."""

    field: str = Field(description="As the API spells it; empty: the whole.")
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = example(
        {
            "type": "about:blank",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "params.evse_id: This field is needed.",
            "errors": [{"field": "params.evse_id", "detail": "params.evse_id: This field is needed."}],
        }
    )

    type: str
    title: str
    status: int
    detail: str = Field(description="In words: what to change.")
    errors: list[FieldProblem] = Field([], description="Which values can't be taken.")
    request_id: str = Field("", description="Of a failure of ours: what it is logged as.")


PROBLEM = {
    "description": "A problem",
    "content": {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Api(NinjaAPI):
    """Ninja's, with names that generated clients can use, and the problems that any operation may answer."""

    _described: OpenAPISchema | None = None

    @override
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    @override
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        # It stands in one place, so there is one description.
        if self._described is None:
            described = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
            self._described = self._with_pages(self._with_problems(described))
        return self._described

    @staticmethod
    def _with_problems(described: OpenAPISchema) -> OpenAPISchema:
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        described["components"]["schemas"] |= problem.pop("$defs") | {"Problem": problem}
        for operations in described["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = PROBLEM
        return described

    @staticmethod
    def _with_pages(described: OpenAPISchema) -> OpenAPISchema:
        """A list is shown with one of what it lists, where that has an example."""
        schemas = described["components"]["schemas"]
        for schema in schemas.values():
            listed = schema.get("properties", {}).get("items", {}).get("items", {})
            of = schemas.get(listed.get("$ref", "").rpartition("/")[2], {})
            if "next" in schema.get("properties", {}) and "examples" in of:
                schema["examples"] = [{"items": of["examples"], "next": None}]
        return described


# Nobody elsewhere is asked whether our description is valid.
docs = Swagger(settings={"validatorUrl": None})
# Swagger UI draws its icons from data in its stylesheet.
docs_policy = csp_override({**settings.SECURE_CSP, "img-src": [CSP.SELF, "data:"]})
