"""What of a search the live log follows: stations, actions and a direction, as the log reads them.

The rest (text, results, times, JSON) would have to be held against both frames of a pair, once a second.
"""

from dataclasses import replace
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from dashboard.messages import message_search
from dashboard.messages.message_search import MessageSearch
from emobi.core.models import Network
from stations.models import Direction, Frame, Kind, Station

FOLLOWED = ("station", "action", "dir")


def followed(search: MessageSearch) -> MessageSearch:
    """What of it is followed, from the newest page on."""
    kept = tuple(each for each in search.tokens if each.key in FOLLOWED)
    return replace(search, text="", paths=(), tokens=kept, after="")


def left_out(search: MessageSearch) -> str:
    """The rest, as it would be typed."""
    rest = tuple(each for each in search.tokens if each.key not in FOLLOWED)
    return replace(search, tokens=rest).written


def frames(network: Network, search: MessageSearch) -> QuerySet[Frame]:
    """The frames of all exchanges that it finds. Their order, and from when on, is for whoever asks to say.

    A direction is that of the CALL, as in the log: what answers it comes the other way.
    """
    found = Frame.objects.filter(network_id=network.pk)
    stations = [message_search.named(each) for each in search.tokens if each.key == "station"]
    if stations:
        named = Station.objects.filter(reduce(or_, stations), network=network)
        found = found.filter(station__in=named.values("pk"))
    others = tuple(each for each in search.tokens if each.key != "station")
    wanted, _ = message_search.wanted(network, replace(search, tokens=others))
    if wanted.actions:
        found = found.filter(action__in=wanted.actions)
    if wanted.direction is not None:
        turned = Direction.SENT if wanted.direction == Direction.RECEIVED else Direction.RECEIVED
        answers = Q(kind__in=(Kind.RESULT, Kind.ERROR), pair_id__isnull=False)
        found = found.filter((answers & Q(direction=turned)) | (~answers & Q(direction=wanted.direction)))
    return found
