"""What becomes of telling others."""

from dataclasses import dataclass
from datetime import datetime

from emobi.core.events.model import Event


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(Event):
    """An endpoint can't be told, and is told no more until somebody resumes it."""

    type = "webhook.disabled"
    webhook_id: str
    url: str
    reason: str
    failing_since: datetime | None
