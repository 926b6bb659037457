"""What a playbook may say, and what is refused before it can do harm."""

import pytest

from emobi.core import events
from emobi.core.errors import Invalid
from stations.playbooks import definition
from stations.playbooks.shipped import SHIPPED
from stations.playbooks.steps import KINDS

SECRET = {"variables": [{"key": "AuthorizationKey", "value": "a secret of 16 letters"}]}
GOAL = [{"fact": "evse.faulted", "value": False}]


def written(**more):
    stop = {"do": "stop", "verdict": "verified"}
    return {"trigger": {"event": "station.fault"}, "goal": GOAL, "steps": [stop]} | more


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"trigger": {"event": "station.exploded"}}, "trigger.event"),
        ({"trigger": {"event": "playbook.failed"}}, "trigger.event"),
        (
            {"trigger": {"event": "station.fault", "where": [{"fact": "evse.status", "value": "x"}]}},
            "trigger.where.0",
        ),
        ({"goal": []}, "goal"),
        ({"goal": [{"fact": "station.mood", "value": "good"}]}, "goal.0"),
        ({"goal": [{"fact": "evse.status", "op": "one_of", "value": "Available"}]}, "goal.0"),
        ({"goal": [{"fact": "cause.evse_id", "op": "at_least", "value": "2"}]}, "goal.0"),
        ({"steps": []}, "steps"),
        ({"steps": [{"do": "explode"}]}, "steps.0"),
        ({"steps": [{"do": "stop", "verdict": "verified", "misspelt": 1}]}, "steps.0.stop.misspelt"),
        ({"steps": [{"do": "command", "command": "reset", "params": {"type": "Sometimes"}}]}, "params.type"),
        ({"steps": [{"do": "command", "command": "reset", "params": {"x": "$cause.x"}}]}, "steps.0.params.x"),
        ({"steps": [{"do": "command", "command": "set_config", "params": SECRET}]}, "steps.0.params"),
        ({"steps": [{"do": "command", "command": "explode"}]}, "command"),
        ({"steps": [{"do": "wait", "event": "no.such", "timeout_s": 5}]}, "steps.0.event"),
        ({"steps": [{"do": "wait", "timeout_s": 0}]}, "steps.0.wait.timeout_s"),
        ({"guard_rails": {"resets_per_day": 4}}, "guard_rails.resets_per_day"),
        ({"guard_rails": {"share_percent": 6}}, "guard_rails.share_percent"),
        ({"misspelt": 1}, "misspelt"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused(more, field):
    with pytest.raises(Invalid) as refused:
        definition.parse(written(**more))
    assert refused.value.field == field


def test_what_vendors_add_can_be_said_beside_facts():
    params = {"evse_id": "$cause.evse_id", "custom_data": {"": {"vendorId": "acme"}}}
    step = {"do": "command", "command": "reset", "params": params}
    assert definition.parse(written(steps=[step])).steps[0].params == params
    step = step | {"params": params | {"custom_data": {"": {}}}}
    with pytest.raises(Invalid, match="vendorId"):
        definition.parse(written(steps=[step]))


def test_jumps_go_forward_to_labels_that_there_are():
    there = {"do": "stop", "label": "there", "verdict": "failed"}
    jump = {"do": "check", "then": "goto there", "on_failure": "continue"}
    assert definition.parse(written(steps=[jump, there])).index("there") == 1
    for steps in ([there, jump], [jump], [there, there]):
        with pytest.raises(Invalid):
            definition.parse(written(steps=steps))


def test_what_was_parsed_is_the_same_when_it_is_read_again():
    for shipped in SHIPPED:
        if shipped.written["trigger"]["event"] in events.TYPES:
            found = definition.parse(shipped.written)
            assert definition.stored(definition.plain(found)) == found


def test_every_kind_of_step_knows_its_name():
    assert {name: kind.do for name, kind in KINDS.items()} == {name: name for name in KINDS}
