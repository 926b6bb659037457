"""`docs/ocpp/mapping.md` says what is translated."""

import re
from pathlib import Path

from gateway.ocpp16 import status_notification
from stations.configuration_keys import OWN, VARIABLES
from stations.services.device_model import monitored_events

PAGE = (Path(__file__).parents[2] / "docs" / "ocpp" / "mapping.md").read_text()


def test_every_key_is_listed_with_its_variable():
    listed = dict(re.findall(r"^\| [^|`]+ \| `(\w+)` \| `([^`]+)` \|$", PAGE, re.M))
    assert listed == {
        key: f"{place.component}.{place.variable}" + (f"[{place.instance}]" if place.instance else "")
        for key, place in VARIABLES.items()
    }
    assert f"the component `{OWN}`" in PAGE


def test_every_status_is_listed_with_what_it_means():
    section = PAGE.partition("## Status")[2].partition("## ")[0]
    listed = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (?:`(\w+)` )?\|$", section, re.M)
    translated = status_notification.STATUSES
    assert {word: (status, state or None) for word, status, state in listed} == translated


def test_every_problem_that_1_6_has_a_word_for_is_listed():
    section = PAGE.partition("| Component with a `Problem`")[2].partition("## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|$", section, re.M))
    assert {component.casefold(): code for component, code in listed.items()} == monitored_events.ERROR_CODES
