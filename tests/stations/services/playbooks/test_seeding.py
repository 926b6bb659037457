"""Shipped playbooks, in networks that are there already."""

import dataclasses

import pytest

from emobi.core.models import AuditEntry
from stations.models import Playbook, PlaybookControl
from stations.services.playbooks import playbooks, seeding

SLUG = "clear-fault"


@pytest.fixture
def playbook(network):
    seeding.seed(network)
    return Playbook.objects.get(network=network, slug=SLUG)


def release(monkeypatch, title):
    """A release ships `clear-fault` with other steps; what it wrote."""
    shipped = next(each for each in seeding.SHIPPED if each.slug == SLUG)
    steps = [{**shipped.written["steps"][0], "label": title}, *shipped.written["steps"][1:]]
    other = dataclasses.replace(shipped, written={**shipped.written, "steps": steps})
    monkeypatch.setattr(seeding, "SHIPPED", [other])
    monkeypatch.setattr(seeding, "DIGEST", title)
    return other.written


def numbers(playbook):
    playbook.refresh_from_db()
    return playbook.current, playbook.versions.count()


def test_one_that_nobody_changed_follows_a_release_once(playbook, monkeypatch):
    Playbook.objects.update(enabled=False)
    seeding.follow_releases()
    assert numbers(playbook) == (1, 1)
    written = release(monkeypatch, "other")
    for _ in range(2):
        seeding.follow_releases()
        assert numbers(playbook) == (2, 2)
    assert playbooks.version(playbook).written["steps"][0]["label"] == written["steps"][0]["label"]
    assert not playbook.enabled
    assert AuditEntry.objects.filter(action="playbook.version_added", actor=seeding.BY).count() == 1


def test_one_of_the_release_before_that_still_runs_changes_nothing_back(playbook, monkeypatch):
    with monkeypatch.context() as newer:
        release(newer, "other")
        seeding.follow_releases()
    PlaybookControl.objects.update(shipped="")
    seeding.follow_releases()
    assert numbers(playbook) == (2, 2)


def test_what_somebody_has_written_stays_as_it_is(playbook, monkeypatch):
    mine = release(monkeypatch, "mine")
    playbooks.add_version(playbook, mine, by="user:ada")
    release(monkeypatch, "other")
    seeding.follow_releases()
    assert numbers(playbook) == (2, 2)
