"""A row of cells in whichever order its columns come, each found by its column's name.

A list may have a dozen columns and a hundred rows; a chain of ``{% if %}`` for each cell of each would cost
more than all that is drawn.
"""

from collections.abc import Set
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class Cells(template.Node):
    """What is drawn for each column that is shown."""

    child_nodelists = ("every",)

    def __init__(self, columns: FilterExpression, by_name: dict[str, NodeList]) -> None:
        self._columns = columns
        self._by_name = by_name
        self.every = NodeList(node for nodes in by_name.values() for node in nodes)

    @property
    def names(self) -> Set[str]:
        """The columns that there is a cell for."""
        return self._by_name.keys()

    def render(self, context: Context) -> SafeString:
        columns: Any = self._columns.resolve(context)
        return mark_safe("".join(self._by_name[column.name].render(context) for column in columns))


@register.tag
def cells(parser: Parser, token: Token) -> Cells:
    """``{% cells columns %}{% cell "site" %}<td>…{% cell "kw" %}<td>…{% endcells %}``.

    Raises:
        TemplateSyntaxError: If what stands between isn't cells, each of a name of its own.
    """
    columns = parser.compile_filter(token.split_contents()[1])
    by_name: dict[str, NodeList] = {}
    before = parser.parse(("cell", "endcells"))
    if any(node.render(Context()).strip() for node in before):
        raise template.TemplateSyntaxError("cells: something stands before the first cell")
    token = parser.next_token()
    while token.contents != "endcells":
        name = token.split_contents()[1].strip("\"'")
        if name in by_name:
            raise template.TemplateSyntaxError(f"cells: {name} is there twice")
        by_name[name] = parser.parse(("cell", "endcells"))
        token = parser.next_token()
    return Cells(columns, by_name)
