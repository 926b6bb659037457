"""What is declared is what is installed: each dependency has a floor, and its lock a pin that keeps to it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
OF_ALL = DECLARED["project"]["dependencies"]
OF_TESTS = DECLARED["dependency-groups"]["dev"]


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package of a lock."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    found: dict[str, tuple[str, list[str]]] = {}
    for entry in entries:
        pinned = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", entry)
        assert pinned, f"{name}: not pinned: {entry[:60]}"
        found[canonicalize_name(pinned[1])] = (pinned[2], re.findall(r"--hash=(sha256:[0-9a-f]{64})", entry))
    return found


@pytest.mark.parametrize(
    ("lock", "declared"), [("requirements.txt", OF_ALL), ("requirements-dev.txt", [*OF_ALL, *OF_TESTS])]
)
def test_every_dependency_has_a_floor_and_a_pin_with_hashes_that_keeps_to_it(lock, declared):
    pins = locked(lock)
    for each in map(Requirement, declared):
        assert any(one.operator in (">=", "~=", "==") for one in each.specifier), f"{each} has no floor"
        version, _ = pins[canonicalize_name(each.name)]
        assert version in each.specifier, f"{lock} has {each.name} {version}, but {each} is declared"


def test_nothing_is_locked_without_its_hash_and_both_locks_agree():
    ours, with_tests = locked("requirements.txt"), locked("requirements-dev.txt")
    assert [name for name, (_, hashes) in with_tests.items() if not hashes] == []
    assert {name: with_tests.get(name) for name in ours} == ours
