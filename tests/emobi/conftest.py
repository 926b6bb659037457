import shutil
import tempfile
import time
from pathlib import Path

import pytest


@pytest.fixture
def data_dir():
    """A data folder to be: unlike pytest's, one that PostgreSQL's account may reach when we are root."""
    parent = Path(tempfile.mkdtemp(prefix="emobi-tests-"))
    parent.chmod(0o711)
    yield parent / "data"
    # Servers whose keeper was killed end a moment later, and remove files of theirs meanwhile.
    deadline = time.monotonic() + 10
    while parent.exists():
        shutil.rmtree(parent, ignore_errors=time.monotonic() < deadline)
