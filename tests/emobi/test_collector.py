"""What was loaded is left alone by the garbage collector, and cycles are still found."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ASKED = """
import gc, json, weakref
from emobi import collector

class Loop: ...

collector.spare()
loop = Loop()
loop.itself = loop
seen = weakref.ref(loop)
del loop
rest = [[] for _ in range(60_000)]
print(json.dumps([gc.get_freeze_count(), seen() is None]))
"""


def test_what_was_loaded_is_left_alone_and_cycles_are_found_among_what_comes():
    told = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    frozen, found = json.loads(told.stdout)
    assert frozen > 1000
    assert found
