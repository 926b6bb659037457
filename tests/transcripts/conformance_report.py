"""A plugin for pytest: after the transcripts, what they show of the specification, as a table.

`make conformance` loads it. Nothing of Django is imported here: plugins come before its settings.
"""

import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from tests.transcripts import conformance

_PLAYED = re.compile(r"test_the_conversation_goes_as_written\[(\w+)-(\w+)\]")

_passed: dict[Path, bool] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    played = _PLAYED.search(report.nodeid)
    if played and (report.when == "call" or report.failed):
        path = conformance.HERE / played[1] / f"{played[2]}.jsonl"
        _passed[path] = report.passed and _passed.get(path, True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = list(conformance.table(_passed))
    for (version, group), members in groupby(rows, key=lambda row: (row.duty.version, row.duty.group)):
        terminalreporter.section(f"OCPP {version}: {group}")
        for duty, transcripts, result in members:
            shown = "; ".join(filter(None, (transcripts, duty.elsewhere and f"elsewhere: {duty.elsewhere}")))
            terminalreporter.write_line(f"{duty.place:14} {duty.title:52} {result:12} {shown}".rstrip())
    results = Counter(row.result for row in rows)
    told = ", ".join(f"{count} {result}" for result, count in sorted(results.items()))
    terminalreporter.section("Conformance")
    terminalreporter.write_line(f"{told}; {len(_passed)} transcripts played")
