"""People who are mentioned in a note, as ``@ada@example.org``: they are told by e-mail, at once."""

import re

from django.contrib.auth.models import User

from emobi.core import ulid
from stations.models import Incident
from stations.services.notifications import telling as notifying

# A login may be an address itself.
_MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)")
MOST_MENTIONED = 20


def logins(text: str) -> list[str]:
    """Whom a text mentions; each once, in lower case."""
    found = (match[1].rstrip(".-+").lower() for match in _MENTION.finditer(text))
    return list(dict.fromkeys(found))[:MOST_MENTIONED]


def tell(incident: Incident, text: str, *, by: str) -> list[str]:
    """Tell those of the network whom ``text`` mentions, in the open unit of work; the logins of who is told.

    A word that is nobody's login, or somebody's without an e-mail address, is text.
    """
    people = User.objects.filter(
        memberships__network=incident.network_id,
        memberships__deactivated_at=None,
        is_active=True,
        username__in=logins(text),
    ).order_by("username")
    told = [(each.get_username(), address) for each in people if (address := notifying.address_of(each))]
    if told:
        notifying.tell(
            incident.network,
            f"[{incident.severity}] you are mentioned: {incident.title}",
            f"{by.partition(':')[2] or by} wrote:\n\n{text.strip()}",
            cause=f"incident:{incident.pk}",
            key=f"mention:{ulid.new()}",
            recipients=[address for _, address in told],
            severity=incident.severity,
            path=f"/incidents/{incident.pk}/",
        )
    return [login for login, _ in told]
