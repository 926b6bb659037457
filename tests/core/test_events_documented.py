"""docs/events.md has every type with its keys, and nothing else."""

import dataclasses
import re
from pathlib import Path

from emobi.core import events

TEXT = (Path(__file__).resolve().parents[2] / "docs/events.md").read_text()


def documented():
    sections = re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]
    return {
        re.match(r"`([^`]+)`", section)[1]: re.findall(
            r"`(\w+)`", section.partition("Keys:")[2].partition("\n\n")[0]
        )
        for section in sections
    }


def test_every_type_has_its_keys_in_the_document_and_nothing_else_is_there():
    assert documented() == {
        name: [field.name for field in dataclasses.fields(kind)] for name, kind in events.TYPES.items()
    }


def test_the_samples_are_as_documented():
    named = re.findall(
        r"`(\w+)`", TEXT.partition("## Samples")[2].partition("each has")[2].partition(", in OCPP")[0]
    )
    assert named == [field.name for field in dataclasses.fields(events.Sample)]
