"""How the stations stand to a template that is meant for them, by what they last reported."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from emobi.core.models import Network
from stations.models import ConfigurationTemplate, Station
from stations.services.device_model import configuration_templates
from stations.services.device_model.configuration_templates import Compared, Finding

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A template, and for how many stations it is meant."""

    template: ConfigurationTemplate
    stations: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A station beside a template: how many of its variables are how there."""

    station: Station
    same: int
    differs: Sequence[str]
    reboot_required: int
    unknown: int

    @property
    def drifts(self) -> bool:
        return bool(self.differs)


def listed(network: Network) -> list[Listed]:
    """All templates of a network, by name. Two queries."""
    kinds = Station.objects.filter(network=network).order_by().values_list("vendor", "model")
    counted: Mapping[tuple[str, str], int] = {
        (vendor, model): count for vendor, model, count in kinds.annotate(count=Count("pk"))
    }
    templates = sorted(configuration_templates.of_network(network), key=lambda each: each.name.casefold())
    return [Listed(template=each, stations=_meant(each, counted)) for each in templates]


def _meant(template: ConfigurationTemplate, counted: Mapping[tuple[str, str], int]) -> int:
    vendor, model = template.vendor.casefold(), template.model.casefold()
    return sum(
        count
        for (its_vendor, its_model), count in counted.items()
        if vendor in ("", its_vendor.casefold()) and model in ("", its_model.casefold())
    )


def page(template: ConfigurationTemplate, after: int | None) -> tuple[list[Standing], int | None]:
    """A page of the stations that it is meant for, and where the next begins. Two queries."""
    rows = list(configuration_templates.stations_of(template, after=after)[: PAGE + 1])
    found = rows[:PAGE]
    compared = configuration_templates.diffs(found, [template])
    shown = [_standing(station, compared[station.pk, template.pk]) for station in found]
    return shown, found[-1].pk if len(rows) > PAGE else None


def _standing(station: Station, compared: Sequence[Compared]) -> Standing:
    counts = Counter(each.finding for each in compared)
    return Standing(
        station=station,
        same=counts[Finding.SAME],
        differs=[
            f"{each.wanted.variable or each.wanted.key}: {each.reported}, not {each.wanted.value}"
            for each in compared
            if each.finding == Finding.DIFFERS
        ],
        reboot_required=counts[Finding.REBOOT_REQUIRED],
        unknown=counts[Finding.UNKNOWN],
    )
