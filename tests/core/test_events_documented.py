"""docs/events.md has every type with its keys and an example, and nothing else."""

import dataclasses
import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from emobi.core import clock, cloudevents, events
from emobi.core.models import Event

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
SECTIONS = dict(re.findall(r"^### `([a-z_.]+)`\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S))


def keys(text: str) -> list[str]:
    """What the first column of a table names."""
    cells = re.findall(r"^\| (`.+?) \|", text, re.M)
    return [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]


def documented(name: str) -> list[str]:
    """The keys of a type: of its own table, or of the type that has the same."""
    text = SECTIONS[name].partition("```json")[0]
    like = re.search(r"^Keys as `(.+)`\.$", text, re.M)
    return documented(like[1]) if like else keys(text)


def fields(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def test_every_type_has_a_section_and_nothing_else_has():
    assert SECTIONS.keys() == events.TYPES.keys()


@pytest.mark.parametrize(("name", "kind"), events.TYPES.items())
def test_a_section_names_every_key_once(name, kind):
    named = documented(name)
    assert len(named) == len(set(named))
    assert set(named) == fields(kind)


def test_the_envelope_the_shared_keys_and_the_samples_are_documented():
    envelope, shared = PAGE.partition("## Keys that many share")[::2]
    event = Event(id="", network_id=1, sequence=1, type="", time=clock.wall(), data={})
    assert set(keys(envelope)) == cloudevents.envelope(event, "demo").keys()
    assert set(keys(shared.partition("## ")[0])) == fields(events.AtEvse)
    assert set(keys(PAGE.partition("Each of the `samples`")[2].partition("### ")[0])) == fields(events.Sample)


@pytest.mark.parametrize(("name", "kind"), events.TYPES.items())
def test_an_example_is_an_envelope_with_data_of_its_type(name, kind):
    (text,) = re.findall(r"^```json\n(.*?)^```", SECTIONS[name], re.M | re.S)
    example = json.loads(text)
    data = example["data"]
    told = Event(
        id=example["id"],
        network_id=1,
        sequence=int(example["sequence"]),
        type=name,
        station=example["station"],
        ocpp_version=example["ocppversion"],
        time=datetime.fromisoformat(example["time"]),
        data=data,
    )
    assert example == cloudevents.envelope(told, "demo")
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{26}", example["id"])
    assert data.keys() == fields(kind)
    assert events.plain(TypeAdapter(kind).validate_python(data)) == data
