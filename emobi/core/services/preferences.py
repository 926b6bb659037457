"""How somebody wants to see the dashboard."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from emobi.core import unit_of_work
from emobi.core.errors import Invalid
from emobi.core.models import Preferences
from emobi.core.models.preferences import BROWSER, STATION, UTC

NAMED = tuple(sorted(zone for zone in available_timezones() if "/" in zone and zone[0].isupper()))
ZONES = (UTC, BROWSER, STATION, *NAMED)


def of(user: User) -> Preferences:
    """Somebody's preferences; the defaults, unsaved, where they chose nothing."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def change(user: User, values: Mapping[str, object]) -> Preferences:
    """Keep what somebody chose; what isn't named stays as it is.

    Raises:
        Invalid: If a value can't be one.
    """
    with unit_of_work.begin():
        # Two tabs may choose at once.
        Preferences.objects.get_or_create(user=user)
        found = Preferences.objects.select_for_update().get(user=user)
        for name, value in values.items():
            setattr(found, name, value)
        if found.zone not in ZONES:
            raise Invalid(f"There is no time zone {found.zone!r}.", "zone")
        try:
            found.clean_fields(exclude={"user"})
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise Invalid(messages[0], field) from error
        found.save()
    return found
