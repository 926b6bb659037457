"""What is said of conformance is so: the tables, their document, and where transcripts belong."""

import dataclasses
import re
from pathlib import Path

import pytest

from tests.transcripts import conformance
from tests.transcripts.conformance import duties, transcripts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ocpp/conformance.md").read_text(encoding="utf-8")

# They say that something isn't said, or are about another document.
WITHOUT_THE_MESSAGE = {"unsupported_command"}


def test_every_use_case_of_2_0_1_is_on_the_list():
    last = {"A": 5, "B": 12, "C": 16, "D": 2, "E": 15, "F": 6, "G": 5, "H": 4}
    last |= {"I": 6, "J": 3, "K": 17, "L": 4, "M": 6, "N": 10, "O": 6, "P": 2}
    expected = [f"{block}{number:02}" for block, count in last.items() for number in range(1, count + 1)]
    assert [duty.place for duty in duties() if duty.version == "2.0.1"] == expected


@pytest.mark.parametrize(
    ("remark", "named"),
    [
        (
            "OCPP 2.0.1, use cases B01, N02 to N04 and G01: as E02 has it.",
            {"B01", "N02", "N03", "N04", "G01"},
        ),
        ("OCPP 1.6, section 3.4 (figure 1), 4.1 and 4.10: a driver.", {"3.4", "4.1", "4.10"}),
        ("OCPP 1.6, section 4.2, 1.6-J errata 3.10: pending.", {"4.2"}),
        (
            "OCPP 1.6, section 5.14, security whitepaper, A04 and section 5.1: b",
            {"5.14", "security:A04", "security:5.1"},
        ),
        ("OCPP 2.0.1, part 4, section 4.2.3: errors.", set()),
    ],
)
def test_the_first_remark_names_the_places(remark, named, tmp_path):
    path = tmp_path / "told.jsonl"
    path.write_text(f"# {remark}\n")
    assert conformance.places(path) == named


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_transcript_has_a_message_of_each_place_that_it_names(path):
    version = conformance.VERSIONS[path.parent.name]
    named = [duty for duty in duties() if duty.version == version and duty.place in conformance.places(path)]
    unshown = [duty.place for duty in named if not duty.shown_in(path)]
    assert not unshown or path.stem in WITHOUT_THE_MESSAGE


def test_what_is_owed_is_shown():
    unshown = [duty for duty, showing, _ in conformance.table({}) if not showing and not duty.elsewhere]
    assert not [duty.place for duty in unshown if duty.owes]


def test_what_is_owed_is_told_and_not_only_its_messages_named():
    untold = {
        duty.place: duty.untold(path for path in transcripts() if duty.shown_in(path)) for duty in duties()
    }
    assert not {place: words for place, words in untold.items() if words}


def test_what_no_transcript_tells_is_not_shown(monkeypatch):
    duty = dataclasses.replace(duties()[0], tells=("a word that nobody says",))
    monkeypatch.setattr(conformance, "duties", lambda: [duty])
    (row,) = conformance.table(dict.fromkeys(transcripts(), True))
    assert row.result == "not shown"


def test_what_is_shown_elsewhere_is_there():
    named = {duty.elsewhere for duty in duties()} - {""}
    assert named
    for path, _, test in (name.partition("::") for name in named):
        assert f"def {test}" in (ROOT / path).read_text(encoding="utf-8")


def test_the_document_has_the_tables():
    # They are renewed by writing `conformance.listing()` there.
    assert conformance.listing() in PAGE


def test_the_tests_that_the_document_names_are_there():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert named
    for path, test in named:
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")
        assert (ROOT / path).is_file()
