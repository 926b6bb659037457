"""Cells in the order of their columns."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template

from dashboard.stations.station_columns import COLUMNS
from dashboard.statuses import Group, Shown
from dashboard.templatetags.cells import Cells
from dashboard.templatetags.icons import strip

TEXT = """{% load cells %}{% cells columns %}
    {% cell "kw" %}[{{ word }}]{% cell "site" %}<{{ word }}>{% endcells %}"""


def drawn(*names: str, word: str = "a&b") -> str:
    columns = [SimpleNamespace(name=name) for name in names]
    return Template(TEXT).render(Context({"columns": columns, "word": word}))


def test_cells_come_as_their_columns_do_and_texts_stay_texts() -> None:
    assert drawn("site", "kw", "site").split() == ["<a&amp;b>[a&amp;b]<a&amp;b>"]
    assert drawn() == ""


@pytest.mark.parametrize(
    "text",
    [
        '{% cells columns %}before{% cell "kw" %}{% endcells %}',
        '{% cells columns %}{% cell "kw" %}{% cell "kw" %}{% endcells %}',
        '{% cells columns %}{% cell "kw" %}',
    ],
)
def test_what_isnt_cells_is_refused(text: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load cells %}" + text)


def test_every_column_of_the_list_of_stations_has_a_cell() -> None:
    row = get_template("dashboard/stations/_row.html").template  # type: ignore[attr-defined]
    (cells,) = row.nodelist.get_nodes_by_type(Cells)
    assert cells.names == COLUMNS.keys()


def test_a_strip_draws_a_glyph_each_until_they_are_too_many() -> None:
    few = strip([Group(Shown("charging", "<Charging>"), 2)])
    assert few.count("#g-charging") == 2
    assert "&lt;Charging&gt;" in few
    assert "sr" in few
    many = strip([Group(Shown("available", "Available"), 40)])
    assert many.count("#g-available") == 1
    assert ">40 <" in many
    assert " sr" not in many
    assert "–" in strip([])
