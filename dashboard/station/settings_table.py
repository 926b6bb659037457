"""Variables of a station as its configuration shows them, and what is wrong with values meant for them.

A configuration key of 1.6 is a variable too (`docs/ocpp/mapping.md`), shown by the name the station gives it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet

from emobi.core.errors import Invalid
from stations import drift, masking
from stations.models import Station, Variable
from stations.services.device_model import configuration_templates

PAGE = 100
# No more templates are looked at for one station.
TEMPLATES = 20
LONGEST_VALUE = 1000

# What the table can be narrowed to.
SHOWS = (
    ("", "All"),
    ("writable", "Can be changed"),
    ("drift", "Differs from a template"),
    ("reboot", "Waits for a reboot"),
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A variable.

    Attributes:
        drifted: What a template wants it to be, where it isn't.
        staged: What somebody means to change it to; None: nothing.
        error: Why it can't be that.
    """

    variable: Variable
    drifted: str | None = None
    staged: str | None = None
    error: str = ""

    @property
    def field(self) -> str:
        """What its input is called."""
        return f"v-{self.variable.pk}"

    @property
    def name(self) -> str:
        """As the station's version has it."""
        row = self.variable
        component = _instanced(row.component, row.component_instance)
        return row.key or f"{component}.{_instanced(row.variable, row.variable_instance)}"

    @property
    def place(self) -> str:
        """Which EVSE and connector it is of; "" for the station."""
        row = self.variable
        evse = f"EVSE {row.evse_id}" if row.evse_id else ""
        return f"{evse}, connector {row.connector_id}" if row.connector_id else evse

    @property
    def secret(self) -> bool:
        """Whether its value is never shown."""
        row = self.variable
        return row.mutability == "WriteOnly" or masking.is_secret(row.variable) or masking.is_secret(row.key)

    @property
    def shown(self) -> str:
        """Its value; nothing of a secret."""
        return "" if self.secret else self.variable.value or ""

    @property
    def writable(self) -> bool:
        return self.variable.mutability != "ReadOnly" and self.variable.attribute in ("Actual", "Target")

    @property
    def unit(self) -> str:
        return str(self.variable.characteristics.get("unit") or "")

    @property
    def limits(self) -> str:
        """From where to where its value may go, or from what it is chosen."""
        said = self.variable.characteristics
        low, high = said.get("minLimit"), said.get("maxLimit")
        if low is not None or high is not None:
            return f"{'' if low is None else low} … {'' if high is None else high}".strip()
        return ", ".join(self.choices)

    @property
    def choices(self) -> Sequence[str]:
        """All that it can be, where that is one of a list."""
        said = self.variable.characteristics
        if said.get("dataType") == "boolean":
            return ("true", "false")
        listed = str(said.get("valuesList") or "")
        options = [each.strip() for each in listed.split(",") if each.strip()]
        return options if said.get("dataType") in ("OptionList", None) else ()

    @property
    def options(self) -> Sequence[str]:
        """The choices of its input: those, and what it is now, however that is written."""
        current = self.staged if self.staged is not None else self.shown
        known = {choice.casefold() for choice in self.choices}
        return self.choices if current.casefold() in known else (current, *self.choices)

    @property
    def input(self) -> str:
        """What its input holds."""
        return self.shown if self.staged is None else self.staged

    def asked(self, value: str) -> dict[str, Any]:
        """As set_config has it."""
        row = self.variable
        if row.key:
            return {"key": row.key, "value": value}
        named = {
            "component": row.component,
            "component_instance": row.component_instance,
            "evse_id": row.evse_id,
            "connector_id": row.connector_id,
            "variable": row.variable,
            "variable_instance": row.variable_instance,
            "attribute": row.attribute if row.attribute != "Actual" else "",
        }
        return {name: part for name, part in named.items() if part not in ("", None)} | {"value": value}


def _instanced(name: str, instance: str) -> str:
    return f"{name}[{instance}]" if instance else name


@dataclass(frozen=True, kw_only=True)
class Table:
    """A page of them; ``next`` is where the one after it begins, "" if there is none."""

    settings: Sequence[Setting]
    next: str


def read(
    station: Station,
    *,
    q: str = "",
    show: str = "",
    after: int | None = None,
    staged: Sequence[Setting] = (),
) -> Table:
    """A page of a station's variables, with what templates want of them and what is staged; three queries."""
    wanted = wanted_of(station)
    found = Variable.objects.filter(station=station).order_by(
        "component", "evse_id", "connector_id", "variable", "pk"
    )
    for word in q.split()[:6]:
        found = found.filter(
            Q(component__icontains=word) | Q(variable__icontains=word) | Q(key__icontains=word)
            | Q(variable_instance__icontains=word) | (Q(value__icontains=word) & ~_SECRET)
        )  # fmt: skip
    rows = list(_narrowed(found, show, wanted)[(after or 0) : (after or 0) + PAGE + 1])
    known = {setting.variable.pk: setting for setting in staged}
    settings = [
        replace(known.get(row.pk) or Setting(variable=row), drifted=wanted.get(row.pk)) for row in rows[:PAGE]
    ]
    return Table(settings=settings, next=str((after or 0) + PAGE) if len(rows) > PAGE else "")


# A search must not tell what a secret begins with.
_SECRET = Q(mutability="WriteOnly") | Q(variable__iregex="passw|secret|key|pin")


def _narrowed(found: QuerySet[Variable], show: str, wanted: Mapping[int, str]) -> QuerySet[Variable]:
    match show:
        case "writable":
            return found.exclude(mutability="ReadOnly")
        case "drift":
            return found.filter(pk__in=wanted.keys())
        case "reboot":
            return found.filter(reboot_required=True)
        case _:
            return found


def wanted_of(station: Station) -> dict[int, str]:
    """What templates want of variables that are something else, by the variable's row; two queries."""
    templates = configuration_templates.of_station(station)[:TEMPLATES]
    return configuration_templates.drifting(station, list(templates))


def of_fields(station: Station, filled: Mapping[str, str]) -> list[Setting]:
    """Those that somebody means to change, with what to; a secret left empty stays as it is. One query."""
    staged = {
        int(name[2:]): text
        for name, text in filled.items()
        if name.startswith("v-") and name[2:].isascii() and name[2:].isdecimal() and len(name) < 20
    }
    rows = Variable.objects.filter(station=station, pk__in=staged).order_by("pk")
    settings = [
        Setting(variable=row, staged=staged[row.pk], error=fault(row, staged[row.pk])) for row in rows
    ]
    return [each for each in settings if each.writable and _changes(each)]


def _changes(setting: Setting) -> bool:
    staged = setting.staged or ""
    if setting.secret:
        return staged != ""
    data_type = setting.variable.characteristics.get("dataType")
    return not drift.same(staged, setting.variable.value or "", data_type)


def fault(row: Variable, value: str) -> str:
    """Why a variable can't be that, by what the station said of it; "" if it can."""
    said = row.characteristics
    if len(value) > LONGEST_VALUE:
        return f"At most {LONGEST_VALUE} characters."
    match said.get("dataType"):
        case "boolean" if value.casefold() not in ("true", "false"):
            return "true or false, please."
        case "integer" | "decimal" as kind:
            return _number_fault(value, said, whole=kind == "integer")
        case "string" if (most := _number(said.get("maxLimit"))) is not None and len(value) > most:
            return f"At most {int(most)} characters."
        case "OptionList":
            options = [each.strip() for each in str(said.get("valuesList") or "").split(",") if each.strip()]
            return "" if not options or value in options else f"One of {', '.join(options)}."
        case _:
            return ""


def _number_fault(value: str, said: Mapping[str, Any], *, whole: bool) -> str:
    number = _number(value)
    if number is None or (whole and number != number.to_integral_value()):
        return "A whole number, please." if whole else "A number, please."
    low, high = _number(said.get("minLimit")), _number(said.get("maxLimit"))
    if low is not None and number < low:
        return f"At least {said['minLimit']}."
    return f"At most {said['maxLimit']}." if high is not None and number > high else ""


def _number(found: object) -> Decimal | None:
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def params(settings: Sequence[Setting]) -> dict[str, Any]:
    """What set_config is asked to change.

    Raises:
        Invalid: If nothing is, or one of them can't be that.
    """
    if not settings:
        raise Invalid("Nothing is changed.")
    wrong = next((each for each in settings if each.error), None)
    if wrong is not None:
        raise Invalid(f"{wrong.name}: {wrong.error}", wrong.field)
    return {"variables": [each.asked(each.staged or "") for each in settings]}
