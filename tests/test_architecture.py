"""The repository keeps its own promises: what is documented, and how long files grow."""

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
