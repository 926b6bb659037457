"""Local lists of which a station took a part and not the rest: sent again in full, a few times.

Half a list turns drivers away while the station can't ask. Whatever became of the rest (it was refused, it
was answered with an error, its answer or the station was lost), the row says that a part is there.
"""

import logging
from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from emobi.core import unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from sessions import list_entries
from sessions.models import LocalList
from stations.commands.local_lists import LocalListEntry, UpdateType
from stations.models import Command
from stations.services.commanding import commands

log = logging.getLogger(__name__)

RESENT_BY = "system:local_lists"
# A station that takes no whole list after so many is the operator's.
MOST_TRIES = 3
# It waits so long for a station that is away.
WITHIN_S = 86_400.0
# One look takes so many; the next follows in seconds.
AT_ONCE = 50


def begun(copy: LocalList, wanted: Sequence[LocalListEntry] | None) -> None:
    """A part was taken, and more is to come; ``wanted``: the whole list afterwards, None: not known."""
    copy.in_step = False
    copy.unfinished = None if wanted is None else list_entries.dumped(wanted)


def ended(copy: LocalList) -> None:
    """Nothing is under way any more."""
    copy.unfinished, copy.tries = None, 0


def send_again(copy: LocalList) -> None:
    """Ask for the whole list once more; after `MOST_TRIES` no more. The caller saves the copy."""
    if copy.tries >= MOST_TRIES:
        log.warning("%s took no whole local list in %d tries", copy.station.identity, copy.tries)
        ended(copy)
        return
    params = {"update_type": UpdateType.FULL.value, "entries": copy.unfinished}
    try:
        commands.request(
            copy.station.network,
            copy.station,
            "send_local_list",
            params,
            requested_by=RESENT_BY,
            role=Role.OPERATOR,
            expires_in_s=WITHIN_S,
        )
    except Refused as reason:
        log.debug("%s isn't sent its local list: %s", copy.station.identity, reason)
        return
    copy.tries += 1


def send_due() -> int:
    """The sweep: lists that were left half, and that no command is about to mend; return how many."""
    about = Command.objects.filter(
        station=OuterRef("station"), name="send_local_list", state__in=("queued", "sent")
    )
    with unit_of_work.begin():
        due = (
            LocalList.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("station__network")
            .filter(~Exists(about), unfinished__isnull=False)
            .order_by("pk")[:AT_ONCE]
        )
        for copy in due:
            send_again(copy)
            copy.save(update_fields=["tries", "unfinished"])
        return len(due)
