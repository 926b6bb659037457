"""`docs/commands.md` says what the catalogue and the versions do."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.versions import BY_VERSION
from stations.commands import catalogue
from stations.commands.catalogue import ENTRIES
from stations.commands.charging_profiles import SetChargingProfile
from stations.models import CommandState
from stations.services.commanding.commands import NUMBERS

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))

# Whatever number was chosen for a command, and what else we fill in where nothing is said.
CHOSEN = 4711
FILLED_IN = {
    "remote_location": "https://emobi.example.org/files/logs/***/",
    "retrieve_date_time": datetime(2026, 11, 22, 7, tzinfo=UTC),
}


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_every_command_has_a_section_in_the_catalogues_order():
    assert [name for name in SECTIONS if name in ENTRIES] == list(ENTRIES)
    assert re.findall(r"^## ([a-z_]+)$", PAGE, re.M) == list(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_section_says_what_the_catalogue_says(name):
    entry, section = ENTRIES[name], SECTIONS[name]
    assert unwrapped(section).startswith(unwrapped(f"{entry.description} {entry.effect}"))
    assert f"Role: {entry.role}. OCPP {', '.join(entry.versions)}." in section
    assert json.loads(section.partition("```json\n")[2].partition("```")[0]) == entry.example


@pytest.mark.parametrize("name", ENTRIES)
def test_a_section_names_every_param_with_its_default(name):
    schema = ENTRIES[name].params_schema
    listed = dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\|", SECTIONS[name], re.M))
    assert listed == {field: _word_for(field, schema) for field in schema["properties"]}


def _word_for(field: str, schema: dict[str, Any]) -> str:
    if field in schema.get("required", ()):
        return "needed"
    default = schema["properties"][field]["default"]
    if default is None:
        return ""
    return f"`{default}`" if isinstance(default, str) else f"`{json.dumps(default)}`"


@pytest.mark.parametrize("name", ENTRIES)
def test_a_section_names_every_word_of_an_enumeration(name):
    words = [
        word
        for kind in ENTRIES[name].params_schema.get("$defs", {}).values()
        for word in kind.get("enum", ())
    ]
    section = SECTIONS[name]
    # What a profile is made of is told once.
    told = section + "".join(SECTIONS[other] for other in re.findall(r"\]\(#(\w+)\)", section))
    assert all(f"`{word}`" in told for word in words)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_section_shows_what_goes_over_the_wire(name):
    asked = catalogue.parse(name, ENTRIES[name].example)
    known = dict.fromkeys(NUMBERS, CHOSEN) | FILLED_IN
    missing = {field: value for field, value in known.items() if getattr(asked, field, 0) is None}
    asked = dataclasses.replace(asked, **missing)
    if isinstance(asked, SetChargingProfile):
        profile = dataclasses.replace(asked.charging_profile, id=CHOSEN)
        asked = dataclasses.replace(asked, charging_profile=profile)
    shown = re.findall(r"^(1\.6|2\.0\.1) +(\w+) +(\{.*\})$", SECTIONS[name], re.M)
    expected = [
        (version, sender.action_of(asked), sender.encode(asked))
        for version in ENTRIES[name].versions
        if (sender := BY_VERSION[version].senders[name])
    ]
    assert [(version, action, json.loads(payload)) for version, action, payload in shown] == expected


def test_every_state_is_explained():
    listed = re.findall(r"^\| `(\w+)` \| \S", SECTIONS["States"], re.M)
    assert listed == [state.value for state in CommandState]
