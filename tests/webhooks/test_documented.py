"""docs/webhooks.md: its schedule is ours, and its examples verify what we send."""

import json
import os
import re
import subprocess
from pathlib import Path

import playwright
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from emobi.core import clock, signatures
from tests.web_server import Told, serving
from webhooks import retry, sender
from webhooks.services import endpoints

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
# The browser tests bring one along.
NODE = Path(playwright.__file__).parent / "driver" / "node"
SECRET = signatures.new_secret()
BODY = '{"type": "emobi.station.online", "data": {"name": "Süd"}}'.encode()
RUN_IN_NODE = """
const { secret, headers, body } = JSON.parse(require("node:fs").readFileSync(0));
try { console.log(JSON.stringify(verified(secret, headers, Buffer.from(body)))); }
catch (refusal) { console.log(refusal.message); }
"""


def example(language):
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    return text


def signed(*, keys=(SECRET,), ago_s=0):
    return signatures.headers(list(keys), "msg_1", int(clock.wall().timestamp()) - ago_s, BODY)


def in_python(headers, body=BODY):
    found = {}
    exec(compile(example("python"), "docs/webhooks.md", "exec"), found)
    try:
        return found["verified"](SECRET, headers, body)
    except WebhookVerificationError as refusal:
        return str(refusal)


def in_node(headers, body=BODY):
    said = json.dumps({"secret": SECRET, "headers": headers, "body": body.decode()})
    script = example("js") + RUN_IN_NODE
    told = subprocess.run(
        [NODE, "-e", script], input=said, capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()
    return json.loads(told) if told.startswith("{") else told


@pytest.mark.parametrize("verify", [in_python, in_node])
def test_an_example_takes_what_we_sign_and_nothing_else(verify):
    other = signatures.new_secret()
    assert verify(signed()) == json.loads(BODY)
    assert verify(signed(keys=[other, SECRET])) == json.loads(BODY)
    refusals = [verify(signed(keys=[other])), verify(signed(), BODY + b" "), verify(signed(ago_s=301))]
    assert all(isinstance(refusal, str) for refusal in refusals)


def test_the_example_for_curl_signs_as_we_do():
    with serving(lambda asked: Told()) as receiver:
        environment = {"PATH": os.environ["PATH"], "SECRET": SECRET, "URL": receiver.url}
        subprocess.run(["sh", "-euc", example("bash")], env=environment, check=True, timeout=60)
    (asked,) = receiver.asked
    assert Webhook(SECRET).verify(asked.body, asked.headers)["type"] == "emobi.session.started"


def test_the_numbers_are_ours():
    (row,) = re.findall(r"^\| after the one before \| at once \| (.*) \|$", PAGE, re.M)
    units = {"s": 1, "min": 60, "h": 3600}
    told = [int(text.split()[0]) * units[text.split()[1]] for text in row.split(" | ")]
    assert tuple(told) == retry.DELAYS_S
    assert f"{sum(retry.DELAYS_S) / 3600:.1f} h" in PAGE
    assert f"within {sender.TIMEOUT_S:g} s" in PAGE
    assert f"for {retry.GIVE_UP_AFTER.total_seconds() / 3600:g} h" in PAGE
    assert f"For {endpoints.ROTATION.total_seconds() / 3600:g} h" in PAGE
