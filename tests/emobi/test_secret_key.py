import subprocess
import sys
from pathlib import Path

from emobi import secret_key

ROOT = Path(__file__).parents[2]


def test_the_key_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    key = secret_key.of(tmp_path / "new" / "data")
    assert len(key) >= 50
    assert secret_key.of(tmp_path / "new" / "data") == key
    (file,) = (tmp_path / "new" / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_installation_has_its_own(tmp_path):
    assert secret_key.of(tmp_path / "one") != secret_key.of(tmp_path / "two")


def test_processes_that_start_together_agree(tmp_path):
    code = (
        "import pathlib, sys; from emobi import secret_key; print(secret_key.of(pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in running}) == 1
