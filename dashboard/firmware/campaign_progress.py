"""How far firmware campaigns have come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emobi.core.models import Network
from stations import maintenance
from stations.models import CampaignState, FirmwareCampaign, FirmwareCampaignTarget, TargetState

CAMPAIGNS = 50
TARGETS = 200

_OVER = (TargetState.INSTALLED, TargetState.FAILED, TargetState.SKIPPED)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A campaign, and how many of its stations are where."""

    campaign: FirmwareCampaign
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def over(self) -> int:
        """With which nothing more will happen."""
        return sum(self.counts[state] for state in _OVER)

    @property
    def told(self) -> list[tuple[str, int]]:
        """Each state with its count, as far as there are any."""
        return [(TargetState(state).label, count) for state, count in self.counts.items() if count]

    @property
    def waves(self) -> int:
        size = self.campaign.wave_size
        return (self.total + size - 1) // size

    @property
    def may(self) -> Sequence[tuple[str, str]]:
        """What can be done with it now, with the button's words."""
        match CampaignState(self.campaign.state):
            case CampaignState.RUNNING:
                return (("pause", "Pause"), ("cancel", "Cancel"))
            case CampaignState.PAUSED | CampaignState.HALTED:
                return (("resume", "Resume"), ("cancel", "Cancel"))
            case _:
                return ()

    @property
    def moves(self) -> bool:
        return not CampaignState(self.campaign.state).ended


def newest(network: Network) -> list[Progress]:
    """The newest campaigns; two queries."""
    found = list(maintenance.campaigns(network)[:CAMPAIGNS])
    counts = maintenance.target_counts(found)
    return [Progress(campaign=each, counts=counts[each.pk]) for each in found]


def of(campaign: FirmwareCampaign) -> Progress:
    """One campaign; a query."""
    return Progress(campaign=campaign, counts=maintenance.target_counts([campaign])[campaign.pk])


def targets(campaign: FirmwareCampaign, after: int | None) -> list[FirmwareCampaignTarget]:
    """Its stations in the order of the waves, and one more than a page shows."""
    return list(maintenance.targets(campaign, after=after)[: TARGETS + 1])
