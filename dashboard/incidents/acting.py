"""What a page may do with incidents, by the name of its button."""

from collections.abc import Callable, Mapping

from dashboard.access import Access
from emobi.core.errors import Invalid
from stations import incidents
from stations.models import Incident
from stations.services.incidents import handling

LONGEST_SNOOZE_S = 30 * 86_400

type Action = Callable[[Access, Incident, Mapping[str, str], str | None], Incident]


def _acknowledge(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    return handling.acknowledge(found, by=access.actor, address=address)


def _mine(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    return handling.assign(found, access.user, by=access.actor, address=address)


def _assign(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    login = said.get("assignee", "")
    user = handling.member(access.network, login) if login else None
    return handling.assign(found, user, by=access.actor, address=address)


def _snooze(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    text = said.get("for_s") or "3600"
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= LONGEST_SNOOZE_S:
        raise Invalid("Snooze for up to 30 days.", "for_s")
    until = handling.from_now(int(text))
    return handling.snooze(found, until, by=access.actor, address=address)


def _wake(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    return handling.snooze(found, None, by=access.actor, address=address)


def _resolve(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    return handling.resolve(found, by=access.actor, note=said.get("note", ""), address=address)


def _note(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    return handling.note(found, said.get("note", ""), by=access.actor, address=address)


def _merge(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    other = incidents.incident(access.network, said.get("other", ""))
    return handling.merge(found, [other], by=access.actor, address=address)


ACTIONS: Mapping[str, Action] = {
    "acknowledge": _acknowledge,
    "mine": _mine,
    "assign": _assign,
    "snooze": _snooze,
    "wake": _wake,
    "resolve": _resolve,
    "note": _note,
    "merge": _merge,
}
# What many can be asked for at once.
FOR_MANY = ("acknowledge", "mine", "snooze", "wake", "resolve")
DONE = {
    "acknowledge": "acknowledged",
    "mine": "assigned to you",
    "snooze": "snoozed for an hour",
    "wake": "shown again",
    "resolve": "resolved",
}
