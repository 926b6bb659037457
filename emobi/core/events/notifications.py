"""People are told of something by a route that is a webhook."""

from dataclasses import dataclass

from emobi.core.events.model import Event


@dataclass(frozen=True, kw_only=True)
class NotificationRaised(Event):
    """A route of the channel `webhook` lets something through; ``cause`` as ``incident:ID``."""

    type = "notification.raised"
    route_id: str
    route: str
    severity: str
    subject: str
    text: str
    cause: str
