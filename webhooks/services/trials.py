"""Trying an endpoint out: one message, at once, that is no delivery."""

from dataclasses import dataclass

from emobi.core import cloudevents, unit_of_work
from emobi.core.errors import Invalid
from emobi.core.services import audit
from webhooks import payloads, sender
from webhooks.models import Endpoint
from webhooks.sender import Message, Result
from webhooks.services import endpoints


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was sent, and what came of it."""

    message: Message
    headers: dict[str, str]
    result: Result


def send(endpoint: Endpoint, kind: str | None = None, *, by: str, address: str | None = None) -> Trial:
    """Send a sample event. Blocks for as long as the receiver takes; never within a transaction.

    Args:
        endpoint: Where to; a disabled one, too.
        kind: The type of the event; None: the first that the endpoint takes.

    Raises:
        Invalid: If ``kind`` is no single type.
    """
    taken = cloudevents.types(kind or ",".join(endpoint.types))
    if kind is not None and len(taken) != 1:
        raise Invalid("Name one type.", "type")
    with unit_of_work.begin():
        audit.record(endpoint.network_id, by, "webhook.tested", endpoint.pk, address=address)
    event = payloads.sample(endpoint.network, min(taken))
    message = Message(
        url=endpoint.url,
        keys=endpoints.secrets(endpoint),
        id=event.pk,
        body=payloads.body(event, endpoint.network.slug),
    )
    result = sender.send_and_wait(message)
    return Trial(message=message, headers=sender.request_headers(message, result.at), result=result)
