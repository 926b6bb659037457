"""What stations are told of the web process, and that it answers to that."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json
from emobi import settings
print(json.dumps([settings.EMOBI_PUBLIC_URL, settings.ALLOWED_HOSTS[3:]]))
"""


@pytest.mark.parametrize(
    ("said", "url", "hosts"),
    [
        ("", "", []),
        ("https://emobi.example.org/", "https://emobi.example.org", ["emobi.example.org"]),
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000", ["[2001:db8::1]"]),
    ],
)
def test_the_public_host_is_answered_beside_the_others(said, url, hosts):
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "EMOBI_PUBLIC_URL": said},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == [url, hosts]
