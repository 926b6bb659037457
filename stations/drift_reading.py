"""Which stations differ from the configuration templates that are meant for them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Lower

from emobi.core.models import Network
from stations import drift
from stations.commands.configuration import VariableSetting
from stations.models import ConfigurationTemplate, Station, Variable
from stations.services.device_model import configuration_templates
from stations.services.device_model.configuration_templates import Place


def counts(network: Network, stations: Collection[Station] | None = None) -> Mapping[int, int]:
    """How many variables are something else than a template wants, by station; only those with any.

    Values that read the same as wanted stay in the database; two queries, one where there is no template.

    Args:
        network: Whose templates.
        stations: Only of these; None: of all that the network has.
    """
    templates = list(configuration_templates.of_network(network))
    if not templates:
        return {}
    found = Variable.objects.filter(station__network=network, value__isnull=False).alias(
        variable_key=Lower("variable")
    )
    if stations is not None:
        found = found.filter(station__in=stations)
    wanted = _Wanted(templates)
    different: Counter[int] = Counter()
    for row in found.filter(wanted.unlike).select_related("station"):
        setting = wanted.of(row.station).get(configuration_templates.place_of_row(row))
        if setting and not drift.same(setting.value, row.value or "", row.characteristics.get("dataType")):
            different[row.station_id] += 1
    return different


class _Wanted:
    """What templates want of each kind of station. Of two that want the same variable the newer counts."""

    def __init__(self, templates: Iterable[ConfigurationTemplate]) -> None:
        self._templates = [
            (template, [VariableSetting(**each) for each in template.variables]) for template in templates
        ]
        self._of_model: dict[tuple[str, str], Mapping[Place, VariableSetting]] = {}

    @property
    def unlike(self) -> Q:
        """Variables of these names that aren't spelt as wanted."""
        values: dict[str, set[str]] = {}
        for _, settings in self._templates:
            for setting in settings:
                name = str(configuration_templates.place_of(setting)[1])
                values.setdefault(name, set()).add(setting.value)
        # Where several are wanted of a name, each station may have to have another one.
        unlike = Q(pk__in=[])
        for name, spelt in values.items():
            named = Q(variable_key=name)
            unlike |= named & ~Q(value=spelt.pop()) if len(spelt) == 1 else named
        return unlike

    def of(self, station: Station) -> Mapping[Place, VariableSetting]:
        """By the place of the variable."""
        vendor, model = station.vendor.casefold(), station.model.casefold()
        if (vendor, model) not in self._of_model:
            self._of_model[vendor, model] = {
                configuration_templates.place_of(setting): setting
                for template, settings in self._templates
                if template.vendor.casefold() in ("", vendor) and template.model.casefold() in ("", model)
                for setting in settings
            }
        return self._of_model[vendor, model]
