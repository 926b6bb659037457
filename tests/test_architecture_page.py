"""`docs/architecture.md` says what there is: processes, queues, files, numbers, and who may import whom."""

import re
import tomllib
from pathlib import Path

from django.conf import settings

from emobi import celery, supervisor
from emobi.api import event_tails
from emobi.env import Address
from emobi.programs import programs
from gateway import intake, process

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/architecture.md").read_text()
PROSE = re.sub(r"^```$.*?^```$", "", PAGE, flags=re.M | re.S)
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
APPS = {"dashboard", "emobi.core", "gateway", "sessions", "stations", "webhooks"}


def section(heading):
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def words(text):
    return re.findall(r"`([^`]+)`", text)


def test_its_processes_are_those_that_up_starts():
    run = programs(
        root=ROOT, data_dir=ROOT, web=Address("127.0.0.1", 1), gateways=1, demo_stations=1, for_people=False
    )
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|", section("Processes"), re.M)
    assert sorted(words(name)[0] for name, _ in rows) == sorted(each.name for each in run)
    for name, started_by in rows:
        (program,) = [each for each in run if each.name == words(name)[0]]
        if "Celery" in started_by:
            assert {"celery", program.name} <= set(program.argv)
        else:
            command = words(started_by)[0].removeprefix("manage.py ")
            assert command in program.argv
            assert (ROOT / f"emobi/management/commands/{command}.py").exists()


def test_its_queues_are_the_workers_in_their_order():
    paragraph = section("Processes").partition("queues in this order")[2].partition("Which task")[0]
    assert tuple(words(paragraph)) == celery.QUEUES


def test_the_files_and_settings_that_it_names_exist():
    names = [name for name in words(PROSE) if re.fullmatch(r"[\w./-]+(\.py|\.md|/)", name)]
    assert "gateway/intake.py" in names
    assert [name for name in names if not (ROOT / name).exists() and name != "/files/"] == []
    named = set(re.findall(r"EMOBI_\w+", PAGE))
    assert named
    assert {name for name in named if not hasattr(settings, name)} == set()


def test_its_figures_are_the_codes():
    every = " ".join(PAGE.split())
    assert f"{supervisor.FIRST_DELAY_S:g} s to {supervisor.LONGEST_DELAY_S:g} s" in every
    assert f"stopped within {supervisor.STOPPED_WITHIN_S:g} s" in every
    assert ("one of two writer threads" in every) == (intake.WRITERS == 2)
    assert f"dead sockets in {settings.EMOBI_PING_INTERVAL_S * 2:g} s" in every
    # Every other look of the process.
    assert ("A sweep every two seconds" in every) == (process.LOOK_EVERY_S == 1)
    assert ("losing it costs a second" in every) == (event_tails.LOOK_EVERY_S == 1)


def test_its_rooms_are_folders():
    tree = re.findall(r"^( *)(\w+)/ ", section("Rooms"), re.M)
    assert [name for indent, name in tree if not (ROOT / ("emobi" if indent else "") / name).is_dir()] == []
    assert {name for _, name in tree} == {app.removeprefix("emobi.") for app in APPS} | {"emobi"}


def test_import_linter_holds_the_table_of_imports():
    table = dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", section("Rooms"), re.M))
    assert set(table) == APPS
    held = {each["id"]: each for each in CONTRACTS}
    for app, may in table.items():
        contract = held[f"of-{app.removeprefix('emobi.')}"]
        assert contract["type"] == "forbidden"
        assert contract["source_modules"] == [app]
        assert set(contract["forbidden_modules"]) == APPS - {app} - set(words(may)), app


def test_import_linter_knows_every_module_of_the_composition_root():
    (contract,) = [each for each in CONTRACTS if each["id"] == "of-root"]
    there = {
        f"emobi.{path.stem}"
        for path in (ROOT / "emobi").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert set(contract["forbidden_modules"]) == there - {"emobi.core"}
    assert set(contract["source_modules"]) == APPS
