"""Templates of configuration: how stations are to be set up, how they differ, and setting them right."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network, Role
from emobi.core.services import audit
from stations import drift, masking
from stations.commands import catalogue
from stations.commands.configuration import SetConfig, VariableSetting, place
from stations.models import Command, ConfigurationTemplate, Station, Variable
from stations.services.commanding import commands
from stations.services.device_model import configuration

MOST_TEMPLATES = 500
MOST_VARIABLES = 200


class Finding(StrEnum):
    """How a variable stands to its template."""

    SAME = "same"
    DIFFERS = "differs"
    # Set as wanted, and in force after the next boot.
    REBOOT_REQUIRED = "reboot_required"
    # The station never told it; get_config or a report asks for it.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A variable of a template, and what a station says of it."""

    wanted: VariableSetting
    reported: str | None
    finding: Finding


def create(
    network: Network,
    *,
    name: str,
    variables: Sequence[Mapping[str, Any]],
    vendor: str = "",
    model: str = "",
    by: str,
    address: str | None = None,
) -> ConfigurationTemplate:
    """Add a template.

    Args:
        network: Whose stations it is for.
        name: What it is called.
        variables: Names and values, as in the params of set_config.
        vendor: Only for stations of this vendor; "": of any.
        model: Only for stations of this model; "": of any.
        by: Who does it, as in the audit log.
        address: Where the request came from.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If the network has one of that name, in whatever case, or as many as it may have.
    """
    if ConfigurationTemplate.objects.filter(network=network).count() >= MOST_TEMPLATES:
        raise Conflict(f"A network has up to {MOST_TEMPLATES} templates.")
    fields = {"name": name, "vendor": vendor, "model": model, "variables": variables}
    template = ConfigurationTemplate(id=ulid.new(), network=network, **_checked(fields))
    with unit_of_work.begin():
        _save(template)
        audit.record(network.pk, by, "template.created", template.name, {"id": template.pk}, address)
    return template


def change(
    template: ConfigurationTemplate, changes: Mapping[str, Any], *, by: str, address: str | None = None
) -> None:
    """Change what is named, as in `create`."""
    with unit_of_work.begin():
        for name, value in _checked(changes).items():
            setattr(template, name, value)
        template.changed_at = clock.now()
        _save(template)
        audit.record(template.network_id, by, "template.changed", template.name, changes, address)


def delete(template: ConfigurationTemplate, *, by: str, address: str | None = None) -> None:
    """Forget a template. Stations stay as they are."""
    with unit_of_work.begin():
        audit.record(template.network_id, by, "template.deleted", template.name, None, address)
        template.delete()


def get(network: Network, template_id: str) -> ConfigurationTemplate:
    """A template of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    # An id is letters and digits; what else may stand there PostgreSQL doesn't even compare (NUL).
    named = ConfigurationTemplate.objects.filter(network=network, pk=template_id)
    found = named.first() if template_id.isalnum() else None
    if found is None:
        raise NotFound("There is no such template.")
    return found


def of_network(network: Network, *, after: str | None = None) -> QuerySet[ConfigurationTemplate]:
    """The templates of a network, the oldest first; ``after``: newer than the one of this id."""
    found = ConfigurationTemplate.objects.filter(network=network)
    return (found if after is None else found.filter(pk__gt=after)).order_by("pk")


def of_station(station: Station, *, after: str | None = None) -> QuerySet[ConfigurationTemplate]:
    """Those of them that are meant for a station."""
    return of_network(station.network, after=after).filter(
        Q(vendor="") | Q(vendor__iexact=station.vendor),
        Q(model="") | Q(model__iexact=station.model),
    )


def stations_of(template: ConfigurationTemplate, *, after: int | None = None) -> QuerySet[Station]:
    """The stations that a template is meant for, the oldest first; ``after``: newer than this one."""
    found = Station.objects.filter(network=template.network_id).order_by("pk")
    if after is not None:
        found = found.filter(pk__gt=after)
    if template.vendor:
        found = found.filter(vendor__iexact=template.vendor)
    if template.model:
        found = found.filter(model__iexact=template.model)
    return found


def diff(station: Station, template: ConfigurationTemplate) -> list[Compared]:
    """How a station's reported values stand to a template, in the template's order."""
    return diffs([station], [template])[station.pk, template.pk]


def diffs(
    stations: Sequence[Station], templates: Sequence[ConfigurationTemplate]
) -> dict[tuple[int, str], list[Compared]]:
    """The same of several, by the ids of station and template, in one query."""
    wanted = {
        template.pk: [
            (setting, place_of(setting))
            for setting in (VariableSetting(**each) for each in template.variables)
        ]
        for template in templates
    }
    names = {str(place[1]) for placed in wanted.values() for _, place in placed}
    found = _reported(stations, names)
    return {
        (station.pk, template_id): [
            _compared(setting, found.get((station.pk, *place))) for setting, place in placed
        ]
        for station in stations
        for template_id, placed in wanted.items()
    }


def drifting(station: Station, templates: Sequence[ConfigurationTemplate]) -> dict[int, str]:
    """What templates want, by the row of each variable of a station that is something else. One query."""
    settings = [VariableSetting(**each) for template in templates for each in template.variables]
    wanted = {place_of(setting): setting for setting in settings}
    found = _reported([station], {str(place[1]) for place in wanted}) if wanted else {}
    return {
        row.pk: wanted[place[1:]].value
        for place, row in found.items()
        if place[1:] in wanted and _compared(wanted[place[1:]], row).finding == Finding.DIFFERS
    }


def apply(
    station: Station,
    template: ConfigurationTemplate,
    *,
    by: str,
    role: Role,
    expires_in_s: float = 60,
    address: str | None = None,
) -> Command | None:
    """Ask a station for what differs from a template, or isn't known; None if nothing does.

    How long it may wait for the station, who asks and from where is as in `commands.request`.

    Raises:
        Forbidden: If the role doesn't allow it.
        Conflict: If the station may not be asked now.
    """
    settings = [
        said(compared.wanted)
        for compared in diff(station, template)
        if compared.finding in (Finding.DIFFERS, Finding.UNKNOWN)
    ]
    if not settings:
        return None
    return commands.request(
        template.network,
        station,
        "set_config",
        {"variables": settings},
        requested_by=by,
        role=role,
        expires_in_s=expires_in_s,
        address=address,
    )


def said(setting: VariableSetting) -> dict[str, Any]:
    """What has to be said of a setting: nothing that goes without saying."""
    return {
        field.name: value
        for field in dataclasses.fields(setting)
        if (value := getattr(setting, field.name)) != field.default
    }


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Columns.

    Raises:
        Invalid: If a value can't be taken.
    """
    columns = dict(fields)
    if "name" in columns and not columns["name"].strip():
        raise Invalid("A template has a name.", "name")
    if "variables" in columns:
        columns["variables"] = _variables(columns["variables"])
    return columns


def _variables(asked_for: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(asked_for) > MOST_VARIABLES:
        raise Invalid(f"A template has up to {MOST_VARIABLES} variables.", "variables")
    try:
        asked = catalogue.parse("set_config", {"variables": asked_for})
    except Invalid as reason:
        raise Invalid(str(reason).removeprefix("params."), reason.field.removeprefix("params.")) from reason
    assert isinstance(asked, SetConfig)
    for index, setting in enumerate(asked.variables):
        if masking.is_secret(setting.variable) or masking.is_secret(setting.key):
            raise Invalid(
                "A secret is each station's own, and is never read back: set it by itself.",
                f"variables.{index}",
            )
        if configuration.is_security_profile(setting):
            raise Invalid(
                "A security profile is raised for each station by a change of access (access-changes), "
                "never by a template.",
                f"variables.{index}",
            )
    return [said(setting) for setting in asked.variables]


def _save(template: ConfigurationTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise Conflict(f"There is a template {template.name} already.") from error


type Place = tuple[object, ...]


def _reported(stations: Iterable[Station], variables: Iterable[str]) -> dict[Place, Variable]:
    """What stations say of variables of these names, by the station's row and the place as in `place_of`."""
    found = Variable.objects.annotate(variable_key=Lower("variable")).filter(
        station__in=stations, variable_key__in=list(variables)
    )
    return {(row.station_id, *place_of_row(row)): row for row in found}


def place_of_row(row: Variable) -> Place:
    """Where a variable stands, as in `place_of`."""
    return (
        row.component.casefold(),
        row.variable.casefold(),
        row.variable_instance.casefold(),
        row.component_instance.casefold(),
        row.evse_id,
        row.connector_id,
        row.attribute,
    )


def place_of(setting: VariableSetting) -> Place:
    """Where a setting stands in the device model, whatever case it is written in."""
    component, variable, instance = place(setting)
    return (
        component.casefold(),
        variable.casefold(),
        (instance or "").casefold(),
        (setting.component_instance or "").casefold(),
        setting.evse_id,
        setting.connector_id,
        setting.attribute,
    )


def _compared(setting: VariableSetting, row: Variable | None) -> Compared:
    reported = row.value if row else None
    if row is None or reported is None:
        finding = Finding.UNKNOWN
    elif not drift.same(setting.value, reported, row.characteristics.get("dataType")):
        finding = Finding.DIFFERS
    else:
        finding = Finding.REBOOT_REQUIRED if row.reboot_required else Finding.SAME
    return Compared(wanted=setting, reported=reported, finding=finding)
