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


@dataclass(frozen=True, kw_only=True)
class WebhookFailing(WebhookDisabled):
    """Nothing has succeeded for an hour; it is still tried."""

    type = "webhook.failing"


@dataclass(frozen=True, kw_only=True)
class WebhookRecovered(Event):
    """Deliveries succeed again after `WebhookFailing` or `WebhookDisabled`; or somebody has seen to the
    endpoint: deleted it, disabled it, or resumed it, from when on its failures are told anew.
    """

    type = "webhook.recovered"
    webhook_id: str
    url: str
