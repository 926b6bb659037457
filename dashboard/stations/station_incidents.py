"""How many unresolved incidents stations have, and the worst of them, without a query of its own."""

from django.db.models import Case, Count, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from dashboard import figures
from dashboard.incidents import incident_words
from dashboard.statuses import Shown
from stations.models import IncidentState, IncidentStation, Severity, Station

# The worst is the greatest. A station never has a thousand incidents at once: one of a key is open.
_RANKS = (Severity.INFO, Severity.MINOR, Severity.MAJOR, Severity.CRITICAL)
_A_RANK = 1000
NONE = Shown("none", "0")


def weight() -> Coalesce:
    """Worst first, then most: a thousand for the severity's rank, one for each incident."""
    rank = Case(
        *(When(incident__severity=each, then=Value(number)) for number, each in enumerate(_RANKS)),
        output_field=IntegerField(),
    )
    weights = (
        unresolved()
        .filter(station=OuterRef("pk"))
        .values("station")
        .annotate(weight=Max(rank) * _A_RANK + Count("incident", distinct=True))
        .values("weight")
    )
    return Coalesce(Subquery(weights), 0, output_field=IntegerField())


def unresolved() -> QuerySet[IncidentStation]:
    """Stations in incidents that aren't over, as long as they are affected."""
    return IncidentStation.objects.filter(
        ~Q(incident__state=IncidentState.RESOLVED), recovered_at=None
    ).order_by()


def weighed(found: QuerySet[Station]) -> QuerySet[Station]:
    """The stations with what `shown` reads."""
    return found.annotate(incident_weight=weight())


def count_of(station: Station) -> int:
    """How many a station has that was read by `weighed`."""
    return int(vars(station)["incident_weight"]) % _A_RANK


def shown(station: Station) -> Shown:
    """Their number, by the glyph of the worst."""
    found = int(vars(station).get("incident_weight", 0))
    if not found:
        return NONE
    worst = incident_words.SEVERITIES[_RANKS[found // _A_RANK]]
    return Shown(worst.status, figures.count(found % _A_RANK))
