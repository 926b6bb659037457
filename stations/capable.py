"""Which stations can do something, as a condition: `capabilities` says the same of one, and why."""

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Subquery, When

from emobi.core.models import Network
from stations import capabilities
from stations.commands.entry import Entry
from stations.models import Command, Station, Variable


def condition(network: Network, entry: Entry) -> Q:
    """Stations that did it when they were asked last, or claim it and were never asked.

    Their version has to have words for it. What no version claims has to have been seen.
    """
    ended = capabilities.with_verified(
        Command.objects.filter(station=OuterRef("pk"), name=entry.command)
    ).filter(capabilities.WORKED | capabilities.DIDNT)
    worked = Case(When(capabilities.WORKED, then=True), default=False, output_field=BooleanField())
    last = Subquery(ended.order_by("-ended_at").annotate(worked=worked).values("worked")[:1])
    asked = Station.objects.filter(network=network).annotate(last=last)
    showed = Q(pk__in=asked.filter(last=True).values("pk"))
    claims = _claims(network, entry.command) & ~Q(Exists(ended))
    return Q(ocpp_version__in=entry.versions) & (showed | claims)


def _claims(network: Network, command: str) -> Q:
    """Stations that say that they can."""
    said = Variable.objects.filter(station=OuterRef("pk"), attribute="Actual")
    found = Q(pk__in=[])
    profile = capabilities.PROFILES.get(command)
    if profile is not None:
        lists = Q(component="OCPP16", variable="SupportedFeatureProfiles")
        known = Variable.objects.filter(lists, station__network=network, attribute="Actual")
        # They are misspelt in few ways: read here, as `capabilities` does.
        texts = known.order_by().values_list("value", flat=True).distinct()
        fitting = [text for text in texts if text and profile in capabilities.profiles(text)]
        found |= Q(Exists(said.filter(lists, value__in=fitting)), ocpp_version="1.6")
    controller = capabilities.CONTROLLERS.get(command)
    if controller is not None:
        available = said.filter(component=controller, variable="Available", value__iexact="true")
        found |= Q(Exists(available)) & ~Q(ocpp_version="1.6")
    return found
