"""A new playbook: what it is called in addresses, and what its first version is taken from."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify

from emobi.core.errors import Invalid
from emobi.core.models import Network
from stations.models import Playbook
from stations.services.playbooks import playbooks

LONGEST_SLUG = 48
# What stands where a slug does in addresses of other pages.
TAKEN = frozenset({"runs", "switch", "kill-switch"})

# The first version of what is like no other: something that runs, and that is to be changed.
EXAMPLE: Mapping[str, Any] = {
    "trigger": {"event": "station.fault"},
    "goal": [{"fact": "evse.faulted", "value": False}],
    "steps": [
        {"do": "command", "command": "reset", "params": {"type": "OnIdle"}},
        {"do": "wait", "timeout_s": 180},
    ],
}


def make(network: Network, name: str, like: str, *, by: str, address: str | None) -> Playbook:
    """Make one that begins as the playbook of slug ``like`` is now; "": as an example. It is off.

    Raises:
        Invalid: If nothing can be called so.
        Conflict: If the network has one that its address would be the same of.
        NotFound: If there is none of that slug.
    """
    slug = slugify(name)[:LONGEST_SLUG].strip("-_").replace("_", "-")
    if not slug or slug in TAKEN:
        raise Invalid("Give it a name with letters or figures that no page has.", "name")
    written = playbooks.version(playbooks.get(network, like)).written if like else EXAMPLE
    return playbooks.create(network, slug, written, name=name.strip(), by=by, address=address)
