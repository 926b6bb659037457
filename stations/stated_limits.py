"""How many of something a station says that it holds."""

from django.db.models import Q

from stations.models import Station, Variable


def most(station: Station, component: str, variable: str, *, key: str) -> int | None:
    """What a variable's ``maxLimit`` says, or a key of 1.6; None if neither says a number. One query.

    0 is what nobody has set.

    Source: OCPP 2.0.1 part 2, variables that count entries; keys of 1.6 by `stations.configuration_keys`.
    """
    rows = Variable.objects.filter(station=station, attribute="Actual").filter(
        Q(key__iexact=key) | Q(component__iexact=component, variable__iexact=variable)
    )
    for row in rows.order_by("key"):
        said = row.value if row.key.casefold() == key.casefold() else row.characteristics.get("maxLimit")
        try:
            number = int(float(said or 0))
        except (TypeError, ValueError, OverflowError):
            continue
        if number > 0:
            return number
    return None
