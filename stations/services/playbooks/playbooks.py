"""Playbooks are made and changed by people. What they do is changed with a new version, never in place."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from stations.models import Playbook, PlaybookRun, PlaybookVersion
from stations.playbooks import definition
from stations.playbooks.definition import Definition
from stations.playbooks.shipped import SHIPPED

LONGEST_NOTE = 300
CHANGEABLE = frozenset({"name", "description", "enabled", "dry_run"})
NONE = "There is no such playbook."
_SHIPPED = frozenset(each.slug for each in SHIPPED)


def get(network: Network, slug: str) -> Playbook:
    """A playbook of the network.

    Raises:
        NotFound: If it has none of that slug.
    """
    found = Playbook.objects.select_related("network").filter(network=network, slug=slug).first()
    if found is None:
        raise NotFound(NONE)
    return found


def version(playbook: Playbook, number: int | None = None) -> PlaybookVersion:
    """One of its versions; without a number, the one that new runs follow.

    Raises:
        NotFound: If it has none of that number.
    """
    wanted = playbook.current if number is None else number
    found = PlaybookVersion.objects.filter(playbook=playbook, number=wanted).first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def create(
    network: Network,
    slug: str,
    written: Mapping[str, Any],
    *,
    name: str = "",
    description: str = "",
    enabled: bool = False,
    dry_run: bool = True,
    by: str,
    address: str | None = None,
) -> Playbook:
    """Make a playbook with its first version.

    Raises:
        Invalid: If it can't run; the field is named.
        Conflict: If the network has one of that slug.
    """
    found = definition.parse(written)
    now = clock.now()
    playbook = Playbook(
        id=ulid.new(),
        network=network,
        slug=slug,
        name=name or slug,
        description=description,
        enabled=enabled,
        dry_run=dry_run,
        created_at=now,
        changed_at=now,
    )
    _clean(playbook)
    with unit_of_work.begin():
        try:
            with transaction.atomic():
                playbook.save(force_insert=True)
        except IntegrityError:
            there = Playbook.objects.filter(network=network, slug=slug, archived_at__isnull=False).exists()
            more = ", in the archive: restore it, or take another name" if there else ""
            raise Conflict(f"There is a playbook {slug} already{more}.") from None
        _add(playbook, found, 1, "", by)
        detail = {"enabled": enabled, "dry_run": dry_run}
        audit.record(network.pk, by, "playbook.created", slug, detail, address)
    return playbook


def change(
    playbook: Playbook, changes: Mapping[str, Any], *, by: str, address: str | None = None
) -> Playbook:
    """Change its name, its description, whether it is enabled, or a dry run. Runs that are open go on.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If it is to be enabled, and is archived.
    """
    with unit_of_work.begin():
        locked = _locked(playbook)
        if changes.get("enabled"):
            demand_in_use(locked)
        before = {name: getattr(locked, name) for name in changes if name in CHANGEABLE}
        differing = {name: changes[name] for name, value in before.items() if changes[name] != value}
        if not differing:
            return locked
        for name, value in differing.items():
            setattr(locked, name, value)
        _clean(locked)
        locked.changed_at = clock.now()
        locked.save(update_fields=[*differing, "changed_at"])
        detail = {"before": {name: before[name] for name in differing}, "after": differing}
        audit.record(locked.network_id, by, "playbook.changed", locked.slug, detail, address)
        unit_of_work.current().nudge(f"live.{locked.network_id}")
    return locked


def add_version(
    playbook: Playbook,
    written: Mapping[str, Any],
    *,
    expected: int | None = None,
    note: str = "",
    by: str,
    address: str | None = None,
) -> PlaybookVersion:
    """Have it do something else from its next run on.

    Args:
        playbook: The playbook.
        written: See `stations.playbooks.definition`.
        expected: The version that the writer has seen; None: whichever there is.
        note: What was changed, and why.
        by: As in the audit log.
        address: Where the request came from.

    Raises:
        Invalid: If it can't run; the field is named.
        Conflict: If somebody has written another version meanwhile, or this says nothing new.
    """
    found = definition.parse(written)
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", "note")
    with unit_of_work.begin():
        locked = _locked(playbook)
        if expected is not None and expected != locked.current:
            raise Conflict(f"Version {locked.current} was written meanwhile: look at it first.")
        current = version(locked)
        if current.written == definition.plain(found):
            raise Conflict("This is what it does already.")
        newest = PlaybookVersion.objects.filter(playbook=locked).order_by("-number").first()
        made = _add(locked, found, (newest.number if newest else 0) + 1, note, by)
        locked.current, locked.changed_at = made.number, clock.now()
        locked.save(update_fields=["current", "changed_at"])
        detail = {"version": made.number, "note": note}
        audit.record(locked.network_id, by, "playbook.version_added", locked.slug, detail, address)
    playbook.current = made.number
    return made


def is_shipped(playbook: Playbook) -> bool:
    """Whether it is one that every network begins with, whatever was made of it since."""
    return playbook.slug in _SHIPPED


def why_kept(playbook: Playbook, runs: int) -> str:
    """Why one that was at work so many times can't be deleted; "": it can."""
    if is_shipped(playbook):
        return "It came with Emobi: it can't be deleted, only switched off or archived."
    if runs:
        times = "once" if runs == 1 else f"{runs} times"
        return (
            f"It was at work {times}, and what it did stays readable: it can't be deleted, "
            "only switched off or archived."
        )
    return ""


def archive(playbook: Playbook, *, by: str, address: str | None = None) -> Playbook:
    """Put it away: nothing starts it any more, and lists don't show it. What it did stays readable.

    Runs that are open go on. Its slug stays its own. Archived already, it stays as it is.
    """
    with unit_of_work.begin():
        locked = _locked(playbook)
        if locked.archived_at is None:
            was_enabled, now = locked.enabled, clock.now()
            locked.enabled, locked.archived_at, locked.changed_at = False, now, now
            locked.save(update_fields=["enabled", "archived_at", "changed_at"])
            detail = {"was_enabled": was_enabled}
            audit.record(locked.network_id, by, "playbook.archived", locked.slug, detail, address)
            unit_of_work.current().nudge(f"live.{locked.network_id}")
    return locked


def restore(playbook: Playbook, *, by: str, address: str | None = None) -> Playbook:
    """Take it out of the archive. It is off, as it was there."""
    with unit_of_work.begin():
        locked = _locked(playbook)
        if locked.archived_at is not None:
            locked.archived_at, locked.changed_at = None, clock.now()
            locked.save(update_fields=["archived_at", "changed_at"])
            audit.record(locked.network_id, by, "playbook.restored", locked.slug, address=address)
            unit_of_work.current().nudge(f"live.{locked.network_id}")
    return locked


def demand_in_use(playbook: Playbook) -> None:
    """Refuse what would have an archived one act.

    Raises:
        Conflict: If it is archived.
    """
    if playbook.archived_at is not None:
        raise Conflict(f"{playbook.name} is archived: restore it first.")


def delete(playbook: Playbook, *, by: str, address: str | None = None) -> None:
    """Delete one that was never at work, with its versions.

    Runs are read by the version that they followed, and are kept for good: one that has any stays.

    Raises:
        NotFound: If it is deleted already.
        Conflict: If it came with Emobi, or was at work, be it as a dry run.
    """
    with unit_of_work.begin():
        locked = _locked(playbook)
        # Who starts it by hand waits for us, or we for them; an event's run that comes too late can't commit.
        why_not = why_kept(locked, PlaybookRun.objects.filter(playbook=locked).count())
        if why_not:
            raise Conflict(why_not)
        detail = {"name": locked.name, "version": locked.current, "definition": version(locked).written}
        audit.record(locked.network_id, by, "playbook.deleted", locked.slug, detail, address)
        unit_of_work.current().nudge(f"live.{locked.network_id}")
        locked.delete()


def _locked(playbook: Playbook) -> Playbook:
    """Its row as it is now.

    Raises:
        NotFound: If it is deleted.
    """
    rows = Playbook.objects.select_for_update(of=("self",)).select_related("network")
    found = rows.filter(pk=playbook.pk).first()
    if found is None:
        raise NotFound(NONE)
    return found


def _add(playbook: Playbook, found: Definition, number: int, note: str, by: str) -> PlaybookVersion:
    return PlaybookVersion.objects.create(
        playbook=playbook,
        number=number,
        event=found.trigger.event,
        written=definition.plain(found),
        note=note,
        created_by=by[:200],
        created_at=clock.now(),
    )


def _clean(playbook: Playbook) -> None:
    try:
        playbook.clean_fields(exclude={"created_at", "changed_at", "network"})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field) from error
