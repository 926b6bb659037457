"""The list of playbooks, page by page."""

import pytest

from emobi.api.playbooks import EXAMPLE
from stations.models import Playbook
from stations.services.playbooks import playbooks


@pytest.fixture
def named(network):
    """By name; two of the same, in the order of their slugs."""
    for slug, name in (("c", "Alone"), ("b", "Twice"), ("a", "Twice"), ("d", "Zuletzt")):
        playbooks.create(network, slug, EXAMPLE, name=name, by="user:a")
    return ["c", "a", "b", "d"]


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_playbooks_come_page_by_page_in_their_order(viewer, named, limit):
    assert [each["playbook"] for each in viewer.all("/playbooks", limit)] == named


def test_a_cursor_of_another_list_is_refused(viewer, named):
    page = viewer.get("/playbooks", limit=1)
    Playbook.objects.filter(slug="c").update(slug="other")
    told = viewer.get("/playbooks", 422, cursor=page["next"])
    assert [error["field"] for error in told["errors"]] == ["cursor"]
