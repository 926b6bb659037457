"""What a page may do with incidents, by the name of its button."""

from collections.abc import Callable, Mapping, Sequence

from dashboard.access import Access
from emobi.core.errors import Invalid, Refused
from stations import incidents, selectors
from stations.models import Incident
from stations.services.incidents import handling, splitting
from stations.services.playbooks import interventions, playbooks

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


def _split(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    """The new one. ``stations``: identities, one a line."""
    stations = selectors.named(access.network, said.get("stations", "").splitlines())
    return splitting.split(found, stations, by=access.actor, address=address)


def _play(access: Access, found: Incident, said: Mapping[str, str], address: str | None) -> Incident:
    """Start a playbook at one of its stations."""
    station = selectors.station(access.network, said.get("station", ""))
    playbook = playbooks.get(access.network, said.get("playbook", ""))
    row = incidents.affected(found).filter(station=station).first()
    if row is None:
        raise Invalid(f"{station.identity} is none of its stations.", "station")
    interventions.start(
        playbook, station, by=access.actor, evse_id=row.evse_id, incident=found, address=address
    )
    return found


ACTIONS: Mapping[str, Action] = {
    "acknowledge": _acknowledge,
    "mine": _mine,
    "assign": _assign,
    "snooze": _snooze,
    "wake": _wake,
    "resolve": _resolve,
    "note": _note,
    "merge": _merge,
    "split": _split,
    "play": _play,
}
# What many can be asked for at once.
FOR_MANY = ("acknowledge", "mine", "snooze", "wake", "resolve", "merge")
DONE = {
    "acknowledge": "acknowledged",
    "mine": "assigned to you",
    "snooze": "snoozed for an hour",
    "wake": "shown again",
    "resolve": "resolved",
    "merge": "merged into the oldest of them",
}


def with_many(
    access: Access, verb: str, found: Sequence[Incident], address: str | None
) -> tuple[int, list[str]]:
    """Do it with each of them; with how many it was done, and what was refused, in words."""
    if verb == "merge":
        return _merge_all(access, found, address)
    done, refusals = 0, []
    for each in found:
        try:
            ACTIONS[verb](access, each, {}, address)
            done += 1
        except Refused as refusal:
            refusals.append(f"{each.title}: {refusal}")
    return done, refusals


def _merge_all(access: Access, found: Sequence[Incident], address: str | None) -> tuple[int, list[str]]:
    """The others become part of the oldest."""
    in_order = sorted(found, key=lambda each: each.pk)
    if len(in_order) < 2:
        # Who chose none at all is told so anyway.
        return 0, ["Choose two at least: the others become part of the oldest."] if in_order else []
    try:
        handling.merge(in_order[0], in_order[1:], by=access.actor, address=address)
    except Refused as refusal:
        return 0, [str(refusal)]
    return len(in_order) - 1, []
