import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def data_dir():
    """A data folder to be: unlike pytest's, one that PostgreSQL's account may reach when we are root."""
    parent = Path(tempfile.mkdtemp(prefix="emobi-tests-"))
    parent.chmod(0o711)
    yield parent / "data"
    shutil.rmtree(parent)
