"""Configuration keys that a station of 1.6 has no more, after an update of its firmware say.

It names those that it doesn't know (unknownKey); asked for no key in particular it tells all that it has
(OCPP 1.6, section 5.8). 2.0.1 tells the same by a full inventory (`variables.report`).
"""

from collections.abc import Mapping
from typing import Any

from stations import masking
from stations.commands.configuration import GetConfig
from stations.commands.outcome import Outcome
from stations.models import Station, Variable
from stations.services.device_model import variables

MOST_KEYS = "getconfigurationmaxkeys"
UNKNOWN = "UnknownVariable"


def forget(station: Station, asked: GetConfig, outcome: Outcome) -> None:
    """Forget the keys that an answer to GetConfiguration says, or shows, not to be there."""
    if station.ocpp_version != "1.6":
        return
    answers = outcome.detail.get("variables", ())
    known = {_key(each): each.get("value") for each in answers if each["status"] != UNKNOWN}
    gone = {_key(each) for each in answers if each["status"] == UNKNOWN} - known.keys()
    kept = Variable.objects.filter(station=station).exclude(key="")
    if not asked.variables and _is_all(known):
        gone |= {key.casefold() for key in kept.values_list("key", flat=True) if _is_told(key)} - known.keys()
    if gone:
        pks = [pk for pk, key in kept.values_list("pk", "key") if key.casefold() in gone]
        Variable.objects.filter(pk__in=pks).delete()


def _key(answer: Mapping[str, Any]) -> str:
    return str(answer["key"])[: variables.LONGEST_KEY].casefold()


def _is_all(known: Mapping[str, str | None]) -> bool:
    """Whether an answer holds every key, as far as can be known.

    Some stations tell no more than they take in one question, whatever OCPP says: an answer of just that
    length may be cut short, and so may one without the key that says how long, which every station has.
    """
    return MOST_KEYS in known and (known[MOST_KEYS] or "").strip() != str(len(known))


def _is_told(key: str) -> bool:
    """Whether a station tells all its keys of this kind: some leave out what nobody may read."""
    return not masking.is_secret(key)
