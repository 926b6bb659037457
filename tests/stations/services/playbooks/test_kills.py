"""The engine is killed at each of its transactions, before and after its commit: nothing happens twice."""

import itertools

import pytest

from emobi.core import unit_of_work
from stations.models import Command, PlaybookRun, RunStep
from stations.services.playbooks import runs, triggering, turns
from tests.stations.playing import advance, answer, break_down, gone, how, make, only_run, quiet, repair
from tests.stations.telling import told

STEPS = (
    {"do": "notify", "label": "tell", "text": "still ill"},
    {"do": "command", "label": "reset", "command": "reset", "params": {"type": "Immediate"}},
    {"do": "wait", "label": "well", "timeout_s": 60},
)


class Killed(BaseException):
    """As if the process were gone."""


class Fuse:
    """Kills whoever begins or ends the n-th unit of work of the engine."""

    def __init__(self, at: int, after_commit: bool) -> None:
        self._left = itertools.count(at, -1)
        self._after_commit = after_commit

    def begin(self):
        return _Fused(self, next(self._left), self._after_commit)


class _Fused:
    def __init__(self, fuse, left, after_commit):
        self._kills, self._after_commit = left == 0, after_commit
        self._work = unit_of_work.begin()

    def __enter__(self):
        return self._work.__enter__()

    def __exit__(self, kind, error, trace):
        if self._kills and not self._after_commit and kind is None:
            error = Killed()
            self._work.__exit__(Killed, error, None)
            raise error
        swallowed = self._work.__exit__(kind, error, trace)
        if self._kills and kind is None:
            raise Killed
        return swallowed


class _Module:
    """A stand-in for the module in the engine's files, but for `begin`."""

    current = staticmethod(unit_of_work.current)

    def __init__(self, fuse: Fuse) -> None:
        self.begin = fuse.begin


@pytest.mark.parametrize("after_commit", [False, True])
def test_killed_anywhere_a_run_completes_and_no_command_is_asked_twice(network, alpha, after_commit):
    quiet(network)
    make(network, *STEPS, guard_rails={"cooldown_s": 0})
    kills, at, seconds = 0, 0, 0
    with pytest.MonkeyPatch.context() as patch:
        while True:
            fuse = _Module(Fuse(at, after_commit))
            for module in (runs, triggering, turns):
                patch.setattr(module, "unit_of_work", fuse)
            Command.objects.all().delete()
            PlaybookRun.objects.all().delete()
            killed = play(alpha, seconds)
            run = only_run(network)
            assert how(run) == ("succeeded", "", True)
            assert gone(run) == [("tell", "succeeded"), ("reset", "succeeded"), ("well", "succeeded")]
            assert list(Command.objects.values_list("name", flat=True)) == ["reset"]
            assert RunStep.objects.filter(command__isnull=False).count() == 1
            if not killed:
                break
            kills, at, seconds = kills + 1, at + 1, seconds + 1000
    assert kills > 7
    ends = told(alpha, "playbook.started", "playbook.succeeded")
    assert len(ends) == 2 * (kills + 1)


def play(alpha, began: int) -> bool:
    """A fault from its begin to its end, with sweeps that come again after one that was killed."""
    killed = False

    def sweep(at: float) -> None:
        nonlocal killed
        for _ in range(2):
            try:
                advance(began + at)
            except Killed:
                killed = True

    break_down(alpha, began)
    for at in (1, 3):
        sweep(at)
        answer(alpha, seconds=began + at + 1)
    repair(alpha, began + 40)
    sweep(41)
    return killed
