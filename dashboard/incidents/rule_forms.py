"""Rules as forms: each parameter a field with its bounds and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard import figures
from dashboard.incidents import incident_words
from dashboard.statuses import Shown
from emobi.core.errors import Invalid, Refused
from stations.models import IncidentKind, IncidentRule, Severity
from stations.services.incidents import rules
from stations.services.incidents.parameters import PARAMETERS, Number

SCOPE_LABELS = {"site": "Site", "tag": "Tag", "vendor": "Vendor", "model": "Model"}


@dataclass(frozen=True, kw_only=True)
class RuleShown:
    """A rule in words."""

    rule: IncidentRule
    kind: str
    severity: Shown
    lasts: str
    params: list[tuple[str, str]]
    scope: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the form."""

    name: str
    label: str
    value: str
    help: str = ""
    low: int | None = None
    high: int | None = None
    error: str = ""

    @property
    def is_number(self) -> bool:
        return self.low is not None


def shown(rule: IncidentRule) -> RuleShown:
    """A rule in words."""
    kind = IncidentKind(rule.kind)
    return RuleShown(
        rule=rule,
        kind=incident_words.KINDS[kind],
        severity=incident_words.SEVERITIES[Severity(rule.severity)],
        lasts=figures.duration(rule.for_s) if rule.for_s else "at once",
        params=[
            (each.says, _value(rule.params.get(each.name, each.default))) for each in PARAMETERS[kind].each
        ],
        scope=", ".join(f"{SCOPE_LABELS[name]} {value}" for name, value in rule.scope.items()),
    )


def fields(
    rule: IncidentRule, said: Mapping[str, str] | None = None, refusal: Refused | None = None
) -> list[Field]:
    """The fields that are typed into; with what was said, if anything was."""
    wrong = refusal.field if isinstance(refusal, Invalid) else ""
    found = [
        _field(
            "for_s", "For how long", str(rule.for_s), "Seconds that it must last; 0: at once.", said, wrong
        )
    ]
    for each in PARAMETERS[IncidentKind(rule.kind)].each:
        name = f"params.{each.name}"
        value = _value(rule.params.get(each.name, each.default))
        bounds = (each.low, each.high) if isinstance(each, Number) else None
        label = each.name.removesuffix("_s").replace("_", " ").capitalize()
        found.append(_field(name, label, value, _help(each), said, wrong, bounds))
    for name, label in SCOPE_LABELS.items():
        value = rule.scope.get(name, "")
        found.append(_field(f"scope.{name}", f"Only {label.lower()}", value, "Empty: all.", said, wrong))
    return found


def changes(rule: IncidentRule, said: Mapping[str, str], *, trial: bool = False) -> dict[str, Any]:
    """What a form says is to be different, as `rules.edited` takes it.

    Raises:
        Invalid: If a number is none.
    """
    params: dict[str, Any] = {}
    for each in PARAMETERS[IncidentKind(rule.kind)].each:
        text = said.get(f"params.{each.name}")
        if text is not None:
            words = [word.strip() for word in text.split(",") if word.strip()]
            number = isinstance(each, Number)
            params[each.name] = _number(text, f"params.{each.name}") if number else words
    changed: dict[str, Any] = {
        "severity": said.get("severity", rule.severity),
        "for_s": _number(said.get("for_s", str(rule.for_s)), "for_s"),
        "params": params,
        "scope": {name: said.get(f"scope.{name}", "").strip().replace("\0", "") for name in SCOPE_LABELS},
    }
    if not trial:
        changed |= {"enabled": "enabled" in said, "auto_resolve": "auto_resolve" in said}
    return changed


def _field(
    name: str,
    label: str,
    value: str,
    help_text: str,
    said: Mapping[str, str] | None,
    wrong: str,
    bounds: tuple[int, int] | None = None,
) -> Field:
    if name == "for_s":
        bounds = (0, rules.LONGEST_FOR_S)
    low, high = bounds or (None, None)
    error = ""
    if wrong == name:
        error = f"A whole number from {low} to {high}." if bounds else "This can't be taken."
    shown_value = said.get(name, value) if said is not None else value
    return Field(name=name, label=label, value=shown_value, help=help_text, low=low, high=high, error=error)


def _help(each: Any) -> str:  # noqa: ANN401 - Number or Words
    unit = " Seconds." if each.name.endswith("_s") else ""
    words = "" if isinstance(each, Number) else " Separated by commas; empty: all."
    return f"{each.says}{unit}{words}"


def _value(value: object) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def _number(text: str, field: str) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("A whole number.", field)
    return int(text)
