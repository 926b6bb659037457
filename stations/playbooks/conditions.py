"""Conditions: one fact, compared with one value. Of what isn't known none holds but ``unknown``.

    {"fact": "event.error_code", "op": "one_of", "value": ["InternalError", "EVCommunicationError"]}

A value that begins with ``$`` names a fact: ``"$cause.session_id"``. docs/playbooks.md has the facts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, with_config

from emobi.core.errors import Invalid

# A misspelt field is refused, lest it be lost.
STRICT = ConfigDict(extra="forbid")

# What is known of a fact by its name; None: nothing.
Facts = Callable[[str], Any]

# Facts of an event: the one that is looked at, and the one that a run began with.
EVENT, CAUSE = "event.", "cause."
# Whether an event of that type came since the run began: of the session and EVSE that its cause names.
SEEN = "seen."
# How an earlier step ended: "step.LABEL".
STEP = "step."

# What a station is. It may be asked of the past as well.
LASTING = frozenset(
    {
        "station.identity",
        "station.vendor",
        "station.model",
        "station.firmware_version",
        "station.ocpp_version",
        "station.site",
        "station.tags",
    }
)
# How it is doing at the moment.
PASSING = frozenset(
    {
        "station.connectivity",
        "station.registration",
        "station.maintenance",
        "station.charging",
        "evse.status",
        "evse.error_code",
        "evse.faulted",
        "evse.charging",
        "session.state",
        "certificate.use",
        "certificate.renewed",
    }
)


class Op(StrEnum):
    """How a fact is compared."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    ONE_OF = "one_of"
    NOT_ONE_OF = "not_one_of"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    KNOWN = "known"
    UNKNOWN = "unknown"


type Scalar = str | int | float | bool | None


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison."""

    fact: str
    op: Op = Op.EQUALS
    value: Scalar | tuple[Scalar, ...] = None


def hold(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Whether all of them hold; none at all do."""
    return all(_holds(condition, facts) for condition in conditions)


def filled(value: Any, facts: Facts) -> Any:  # noqa: ANN401 - JSON
    """``value`` with the facts that it names; keys whose fact isn't known are left out."""
    match value:
        case str() if value.startswith("$"):
            return facts(value[1:])
        case dict():
            found = {key: filled(each, facts) for key, each in value.items()}
            return {key: each for key, each in found.items() if each is not None or value[key] is None}
        case list() | tuple():
            return [filled(each, facts) for each in value]
    return value


def names(value: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a fact is named anywhere in it."""
    match value:
        case str():
            return value.startswith("$")
        case dict():
            return any(names(each) for each in value.values())
        case list() | tuple():
            return any(names(each) for each in value)
    return False


def check(conditions: Iterable[Condition], field: str, *, lasting: bool = False) -> None:
    """Refuse conditions that ask for what there isn't.

    Args:
        conditions: To be checked.
        field: Where they stand, for the message.
        lasting: Only what can be asked of the past: of an event, and what a station is.

    Raises:
        Invalid: If there is no such fact, or its value doesn't fit the comparison.
    """
    for number, condition in enumerate(conditions):
        where = f"{field}.{number}"
        _check_fact(condition.fact, where, lasting=lasting)
        many = isinstance(condition.value, tuple)
        if (condition.op in (Op.ONE_OF, Op.NOT_ONE_OF)) != many:
            raise Invalid(f"{where}: one_of and not_one_of take a list, the others one value.", where)
        if condition.op in (Op.AT_LEAST, Op.AT_MOST) and not isinstance(condition.value, int | float):
            raise Invalid(f"{where}: {condition.op} takes a number.", where)


def _check_fact(fact: str, where: str, *, lasting: bool) -> None:
    if fact in LASTING or fact.startswith(EVENT):
        return
    if lasting:
        raise Invalid(
            f"{where}: a trigger may ask for event.KEY and for what a station is, not for {fact!r}.", where
        )
    if fact not in PASSING and not fact.startswith((CAUSE, SEEN, STEP)):
        raise Invalid(f"{where}: there is no fact {fact!r}.", where)


def _holds(condition: Condition, facts: Facts) -> bool:
    found = facts(condition.fact)
    if condition.op is Op.UNKNOWN:
        return found is None
    if found is None:
        return False
    wanted = filled(condition.value, facts)
    match condition.op:
        case Op.EQUALS:
            return bool(found == wanted)
        case Op.NOT_EQUALS:
            return bool(found != wanted)
        case Op.ONE_OF:
            return found in wanted
        case Op.NOT_ONE_OF:
            return found not in wanted
        case Op.CONTAINS:
            return isinstance(found, str | list) and str(wanted) in found
        case Op.AT_LEAST:
            return isinstance(found, int | float) and found >= wanted
        case Op.AT_MOST:
            return isinstance(found, int | float) and found <= wanted
        case Op.KNOWN:
            return True
