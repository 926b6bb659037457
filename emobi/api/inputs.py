"""What comes in is text that can be stored: PostgreSQL knows no NUL, and UTF-8 no half surrogate pair."""

from typing import Any, override

from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from emobi.core import storable_json
from emobi.core.errors import Invalid


class Inputs(Parser):
    """Reads bodies and query strings."""

    @override
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The JSON of a body.

        Raises:
            ValueError: If it isn't JSON (NaN isn't), or holds what can't be stored.
        """
        body: dict[str, Any] = storable_json.read(request.body)
        return body

    @override
    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The parameters of a query string.

        Raises:
            Invalid: If one holds NUL, or is given twice: which of both was meant?
        """
        for name, values in data.lists():
            if len(values) > 1 and name not in list_fields:
                raise Invalid(f"{name} is given more than once.", name)
            if any("\0" in str(value) for value in values):
                raise Invalid(f"{name}: text can't hold NUL.", name)
        return super().parse_querydict(data, list_fields, request)


class Segment(StringConverter):
    """One segment of a path."""

    regex = r"[^/\x00]+"


class Rest(StringConverter):
    """All that is left of a path: text that may hold slashes."""

    regex = r"[^\x00]+"


register_converter(Segment, "segment")
register_converter(Rest, "rest")
