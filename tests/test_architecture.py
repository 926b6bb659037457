"""The repository keeps its own promises: what is documented, and how long files grow."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 450


def tracked(*patterns):
    """Files of the repository, those included that aren't committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def test_every_setting_is_documented_and_every_documented_one_exists():
    sources = [path for path in tracked("emobi/*.py", "manage.py") if "simulator" not in path.parts]
    read = set()
    for path in sources:
        read |= set(re.findall(r'"(EMOBI_[A-Z0-9_]+|DATABASE_URL|REDIS_URL)"', path.read_text()))
    text = (ROOT / "docs/settings.md").read_text()
    assert set(re.findall(r"^### `([A-Z0-9_]+)`", text, re.MULTILINE)) == read


def defaults():
    """What each setting is where the environment says nothing, if that is a plain value."""
    found = {}
    for node in ast.walk(ast.parse((ROOT / "emobi/settings.py").read_text())):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        for keyword in node.keywords:
            if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                found[node.args[0].value] = keyword.value.value
    return found


def test_the_defaults_that_are_documented_are_those_that_hold():
    sections = re.split(r"^### ", (ROOT / "docs/settings.md").read_text(), flags=re.MULTILINE)
    compared, wrong = 0, {}
    for name, value in defaults().items():
        if name == "EMOBI_PUBLIC_URL":  # is made of another one
            continue
        holds = {"False": "off", "True": "on", "": "none"}.get(str(value), str(value))
        section = next((each for each in sections if each.startswith(f"`{name}`")), "")
        said = re.search(
            r"`([^`]*)` \(default\)|Default:? (?:`([^`]+)`|(off|on|none|\d+(?:\.\d+)?)\b)", section
        )
        if said:
            compared += 1
            if (told := said[1] or said[2] or said[3]) != holds:
                wrong[name] = (told, holds)
    assert wrong == {}
    assert compared >= 30


def test_no_file_has_grown_beyond_its_subject():
    ours = [path for path in tracked("*.py") if not {"migrations", "tests"} & set(path.parts)]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in ours}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_links_in_documents_lead_somewhere():
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked("*.md")
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text())
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []


def test_tests_are_no_packages():
    assert tracked("tests/*__init__.py", "tests/**/__init__.py") == []


def test_no_name_says_nothing():
    empty_names = {"utils.py", "helpers.py", "common.py", "base.py", "manager.py", "misc.py"}
    assert [path for path in tracked("*.py") if path.name in empty_names] == []


# They speak of files, which the machine dates, or for a station, which has a clock of its own.
OF_THE_MACHINE = {
    "emobi/core/clock.py",
    "emobi/core/clock_steps.py",
    "emobi/simulator/station.py",
    "stations/file_store.py",
}


def test_everybody_asks_our_clock():
    asks = re.compile(r"datetime\.now\(|timezone\.now\(|\btime\.time\(|time_ns\(|utcnow\(")
    rooms = ("dashboard", "emobi", "gateway", "sessions", "stations", "webhooks")
    found = {
        str(path.relative_to(ROOT))
        for path in tracked(*(f"{room}/*.py" for room in rooms))
        if "migrations" not in path.parts and asks.search(path.read_text())
    }
    assert found == OF_THE_MACHINE
