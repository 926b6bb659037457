"""The sweep of campaigns: asks the stations of a wave, sees what becomes of them, and halts if too many fail.

A campaign is locked while it is looked at, and a station's command has its name: two sweeps at once, or one
that is repeated, ask nobody twice. One that is missed delays the campaign, and no more.
"""

import logging
from datetime import timedelta

from django.db.models import Prefetch, Q, QuerySet

from emobi.core import clock, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from emobi.core.services import audit
from stations.models import (
    CampaignState,
    Command,
    CommandState,
    Connectivity,
    FirmwareCampaign,
    FirmwareCampaignTarget,
    FirmwareStep,
    TargetState,
)
from stations.services.commanding import command_ends, commands, progress

log = logging.getLogger(__name__)

ACTOR = "system:firmware-campaigns"
# One look asks so many stations; the next follows in seconds.
AT_ONCE = 100

# A command that ended so wasn't answered by the station: that says nothing about the firmware.
_NOT_REACHED = frozenset({CommandState.EXPIRED, CommandState.CANCELLED, CommandState.UNSUPPORTED})
_REFUSED = frozenset({CommandState.REJECTED, CommandState.FAILED})


def sweep() -> None:
    """Go on with every campaign that runs, or has stations that are at it still. Safe to run any time."""
    updating = FirmwareCampaignTarget.objects.filter(state=TargetState.UPDATING).values("campaign")
    open_ones = FirmwareCampaign.objects.filter(Q(state=CampaignState.RUNNING) | Q(pk__in=updating))
    for campaign_id in list(open_ones.order_by("pk").values_list("pk", flat=True)):
        try:
            go_on(campaign_id)
        except Exception:
            # Our own fault with one of them is no reason to leave the others.
            log.exception("campaign %s can't go on", campaign_id)


def go_on(campaign_id: str) -> None:
    """See how the wave of a campaign is doing; and if it runs, ask whom it is time to ask."""
    with unit_of_work.begin():
        locked_now = FirmwareCampaign.objects.select_for_update(skip_locked=True, of=("self",))
        campaign = locked_now.select_related("image", "network").filter(pk=campaign_id).first()
        if campaign is None:
            return
        steps = Prefetch("command__firmware_steps", FirmwareStep.objects.order_by("pk"))
        updating = _of(campaign, TargetState.UPDATING).select_related("station", "command")
        for target in updating.prefetch_related(steps):
            _look(campaign, target)
        if campaign.state != CampaignState.RUNNING:
            return  # its stations are free for another when they are done
        if _is_ill(campaign):
            _halt(campaign)
        elif not _ask(campaign) and not _under_way(campaign):
            _next_wave(campaign)


def locked(campaign_id: str) -> FirmwareCampaign:
    """A campaign, waited for until no sweep is at it."""
    return (
        FirmwareCampaign.objects.select_for_update(of=("self",)).select_related("image").get(pk=campaign_id)
    )


def take_back(campaign: FirmwareCampaign, reason: str) -> None:
    """Take back the commands that wait for their stations: those are asked again if it goes on."""
    waiting = _of(campaign, TargetState.UPDATING).filter(command__state=CommandState.QUEUED)
    for target in waiting.select_related("command__station"):
        if target.command and command_ends.fail(target.command, CommandState.CANCELLED, reason):
            target.state, target.command, target.asked_at = TargetState.WAITING, None, None
            target.attempt += 1
            target.save()


# ── what becomes of a station ───────────────────────────────────────────────────────────────────────────


def _look(campaign: FirmwareCampaign, target: FirmwareCampaignTarget) -> None:
    """Note the end of an update that has ended."""
    command = target.command
    if command is None:
        _end(target, TargetState.SKIPPED, "its command is gone")
        return
    state = CommandState(command.state)
    reason = (command.outcome or {}).get("reason") or (command.outcome or {}).get("status") or ""
    steps = [step.status for step in command.firmware_steps.all()]
    if state in _NOT_REACHED or (state in _REFUSED and command.sent_at is None):
        _end(target, TargetState.SKIPPED, reason)
    elif state in _REFUSED:
        _end(target, TargetState.FAILED, reason)
    elif _runs_it(campaign, target):
        _end(target, TargetState.INSTALLED, "")
    elif _came_back_without_it(campaign, target, command):
        _end(target, TargetState.FAILED, f"it said Installed and didn't boot with {campaign.image.version}")
    elif steps and progress.has_failed(target.station, command, steps[-1]):
        _end(target, TargetState.FAILED, steps[-1])
    elif state != CommandState.QUEUED and _is_late(campaign, target):
        failed = steps and steps[-1] in progress.FAILURES
        _end(target, TargetState.FAILED, steps[-1] if failed else "not installed in time")


def _runs_it(campaign: FirmwareCampaign, target: FirmwareCampaignTarget) -> bool:
    """Whether the station booted with the image's version, whatever it says; and is there to say more."""
    station = target.station
    return station.firmware_version == campaign.image.version and station.connectivity == Connectivity.ONLINE


def _came_back_without_it(
    campaign: FirmwareCampaign, target: FirmwareCampaignTarget, command: Command
) -> bool:
    """Whether it said Installed and booted as it was after that, or didn't boot at all in a day."""
    said = [step.received_at for step in command.firmware_steps.all() if step.status == progress.INSTALLED]
    station = target.station
    if not said or station.firmware_version == campaign.image.version:
        return False
    verification = (command.outcome or {}).get("verification") or {}
    has_booted = station.booted_at is not None and station.booted_at > said[-1]
    return has_booted or verification.get("state") == "not_seen"


def _is_late(campaign: FirmwareCampaign, target: FirmwareCampaignTarget) -> bool:
    asked_at = (target.command and target.command.sent_at) or target.asked_at or clock.now()
    return clock.now() >= asked_at + timedelta(seconds=campaign.station_timeout_s)


def _end(target: FirmwareCampaignTarget, state: TargetState, reason: str) -> None:
    target.state, target.reason, target.ended_at = state, reason[:200], clock.now()
    target.save(update_fields=["state", "reason", "ended_at"])


# ── the wave ────────────────────────────────────────────────────────────────────────────────────────────


def _of(campaign: FirmwareCampaign, state: TargetState) -> QuerySet[FirmwareCampaignTarget]:
    return campaign.targets.filter(state=state)


def _under_way(campaign: FirmwareCampaign) -> bool:
    open_ones = (TargetState.WAITING, TargetState.UPDATING)
    return campaign.targets.filter(wave=campaign.wave, state__in=open_ones).exists()


def _is_ill(campaign: FirmwareCampaign) -> bool:
    """Whether more of the wave's stations have failed than may."""
    of_wave = campaign.targets.filter(wave=campaign.wave)
    failed = of_wave.filter(state=TargetState.FAILED)
    if campaign.forgiven_until is not None:
        failed = failed.filter(ended_at__gt=campaign.forgiven_until)
    return failed.count() * 100 > campaign.max_failure_percent * of_wave.count()


def _halt(campaign: FirmwareCampaign) -> None:
    campaign.state = CampaignState.HALTED
    campaign.reason = f"more than {campaign.max_failure_percent} % of wave {campaign.wave} failed"
    campaign.save(update_fields=["state", "reason"])
    take_back(campaign, "the campaign was halted")
    _audit(campaign, "halted", {"wave": campaign.wave, "reason": campaign.reason})


def _ask(campaign: FirmwareCampaign) -> int:
    """Ask stations of the wave that weren't asked; return how many were, or were skipped."""
    waiting = _of(campaign, TargetState.WAITING).filter(wave=campaign.wave)
    # Another campaign is at some of them: this one comes when that is done.
    busy = FirmwareCampaignTarget.objects.filter(state=TargetState.UPDATING).values("station")
    free = waiting.exclude(station__in=busy).select_related("station").order_by("pk")[:AT_ONCE]
    for target in free:
        _ask_one(campaign, target)
    return len(free)


def _ask_one(campaign: FirmwareCampaign, target: FirmwareCampaignTarget) -> None:
    if target.station.firmware_version == campaign.image.version:
        _end(target, TargetState.INSTALLED, "it ran this version already")
        return
    try:
        command = _request(campaign, target)
    except Refused as reason:
        _end(target, TargetState.SKIPPED, str(reason))
        return
    target.state, target.command, target.asked_at = TargetState.UPDATING, command, clock.now()
    target.save(update_fields=["state", "command", "asked_at"])


def _request(campaign: FirmwareCampaign, target: FirmwareCampaignTarget) -> Command:
    return commands.request(
        campaign.network,
        target.station,
        "update_firmware",
        {"image": campaign.image_id},
        requested_by=ACTOR,
        role=Role.ADMIN,
        expires_in_s=campaign.station_timeout_s,
        idempotency_key=f"firmware-campaign:{campaign.pk}:{target.pk}:{target.attempt}",
    )


def _next_wave(campaign: FirmwareCampaign) -> None:
    """Begin the next wave; the sweep that follows asks its stations. After the last one it is done."""
    if campaign.targets.filter(wave__gt=campaign.wave).exists():
        campaign.wave += 1
        campaign.save(update_fields=["wave"])
        return
    campaign.state, campaign.ended_at = CampaignState.FINISHED, clock.now()
    campaign.save(update_fields=["state", "ended_at"])
    _audit(campaign, "finished", {})


def _audit(campaign: FirmwareCampaign, verb: str, detail: dict[str, object]) -> None:
    what = {"campaign": campaign.pk, **detail}
    audit.record(campaign.network_id, ACTOR, f"firmware_campaign.{verb}", campaign.name or campaign.pk, what)
