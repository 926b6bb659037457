"""Tokens that our table doesn't know are judged by the operator's own endpoint, where a network has one.

Asked before a CALL reaches the writer (`gateway.lookups`), with a POST that is signed like a webhook.
Whatever goes wrong, nobody is let in by it: without a verdict the token is unknown, as our table has it.

The endpoints are read every few seconds, so that networks without one pay nothing for those that have it.
"""

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from emobi.core import checks, clock, outgoing_http, signatures, ulid
from emobi.core.outgoing_http import Unreachable
from gateway import lookups
from gateway.breaker import Breaker
from gateway.lookups import Asker, Lookup, Payload, on_thread
from sessions import selectors
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.models import AuthorizationEndpoint
from sessions.reports import Token, TransactionEnd, TransactionStart, TransactionUpdate
from sessions.services.id_tokens import LONGEST_MESSAGE, NO_AUTHORIZATION
from stations.models import Station

log = logging.getLogger(__name__)

BUDGET_S = 2.0
# Beside the endpoint's own time: to look into our table first.
MARGIN_S = 1.0
# So many failures in a row, and it is left alone for a while.
FAILURES = 5
REST_S = 30.0

type Shown = Callable[[Payload], tuple[Token | None, int | None]]

_Text = Annotated[str, Field(max_length=36)]
_Language = Annotated[str, Field(max_length=8)]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the endpoint answers; more is ignored."""

    status: AuthorizationStatus
    expires_at: AwareDatetime | None = None
    group: _Text | None = None
    evse_ids: Annotated[tuple[Annotated[int, Field(ge=1, le=9999)], ...], Field(max_length=100)] = ()
    charging_priority: Annotated[int, Field(ge=-9, le=9)] = 0
    language1: _Language | None = None
    language2: _Language | None = None
    personal_message: Annotated[str, Field(max_length=LONGEST_MESSAGE)] | None = None
    concurrent: bool | None = None


@dataclass(frozen=True, kw_only=True)
class OperatorVerdict:
    """What the operator says of the token of a CALL."""

    authorization: Authorization


@dataclass(slots=True, eq=False)
class Endpoint:
    """A network's endpoint, and how it is doing."""

    url: str
    secret: str
    breaker: Breaker


_SAID = TypeAdapter(Said)
_endpoints: dict[int, Endpoint] = {}


def refresh() -> None:
    """See which networks have an endpoint; one that is as it was keeps its breaker."""
    rows = AuthorizationEndpoint.objects.filter(enabled=True).values_list("network", "url", "secret")
    found: dict[int, Endpoint] = {}
    for network_id, url, secret in rows:
        known = _endpoints.get(network_id)
        same = known is not None and (known.url, known.secret) == (url, secret)
        found[network_id] = (
            known if known and same else Endpoint(url, secret, Breaker(failures=FAILURES, rest_s=REST_S))
        )
    _endpoints.clear()
    _endpoints.update(found)


def lookup(shown: Shown) -> Lookup:
    """The question about the token that a CALL shows; ``shown`` reads it and the EVSE from the payload."""
    return Lookup(
        find=on_thread(lambda asker, payload: ask(asker, *shown(payload))),
        budget_s=lambda: BUDGET_S + MARGIN_S,
        wanted=lambda payload: bool(_endpoints) and _judged(shown(payload)[0]),
    )


def vouched(token: Token | None) -> Token | None:
    """The token of the CALL that is handled, with the operator's verdict if there is one."""
    verdict = lookups.found(OperatorVerdict)
    if token is None or verdict is None:
        return token
    return dataclasses.replace(token, elsewhere=verdict.authorization)


def with_verdict[Report: TransactionStart | TransactionUpdate | TransactionEnd](report: Report) -> Report:
    """The report of the CALL that is handled, with the operator's verdict on its token if there is one."""
    token = vouched(report.token)
    return report if token is report.token else dataclasses.replace(report, token=token)


def _judged(token: Token | None) -> bool:
    return token is not None and bool(token.id_token) and token.type != NO_AUTHORIZATION


def ask(asker: Asker, token: Token | None, evse_id: int | None) -> OperatorVerdict | None:
    """The verdict on a token that our table doesn't know; None if there is none to be had. Blocks."""
    endpoint = _endpoints.get(asker.network_id)
    if endpoint is None or token is None or not _judged(token):
        return None
    if selectors.id_token(asker.network_id, token.id_token) is not None:
        return None
    if not endpoint.breaker.may_ask(time.monotonic()):
        return None
    station = Station.objects.select_related("network").get(pk=asker.station_id)
    question = {
        "network": station.network.slug,
        "station": station.identity,
        "ocpp_version": asker.version,
        "evse_id": evse_id or None,
        "id_token": token.id_token,
        "id_token_type": token.type,
        "received_at": clock.iso(asker.received_at),
    }
    try:
        said = _post(endpoint, question)
    except (Unreachable, ValueError) as fault:
        if endpoint.breaker.failed(time.monotonic()):
            log.error("network %s: its authorization endpoint rests for %g s", station.network, REST_S)
        log.warning("network %s: no verdict on a token: %s", station.network, fault)
        return None
    endpoint.breaker.succeeded()
    return OperatorVerdict(authorization=_authorization(said))


def _post(endpoint: Endpoint, question: Mapping[str, Any]) -> Said:
    """Ask.

    Raises:
        Unreachable: If no answer came in time, or the URL may not be asked.
        ValueError: If it is no answer.
    """
    parts = urlsplit(endpoint.url)
    trusted = parts.netloc in settings.EMOBI_AUTHORIZATION_HOSTS
    if parts.scheme != "https" and not trusted:
        raise Unreachable(f"{parts.hostname}: without TLS, and not in EMOBI_AUTHORIZATION_HOSTS")
    body = orjson.dumps(question)
    message_id, timestamp = f"msg_{ulid.new()}", int(clock.wall().timestamp())
    headers = {
        "Content-Type": "application/json",
        **signatures.headers([endpoint.secret], message_id, timestamp, body),
    }
    answer = outgoing_http.post(endpoint.url, body, headers, timeout_s=BUDGET_S, public_only=not trusted)
    if answer.status != 200:
        raise ValueError(f"{parts.hostname}: status {answer.status}")
    try:
        return _SAID.validate_json(answer.body)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{parts.hostname}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _authorization(said: Said) -> Authorization:
    expires_at: datetime | None = checks.sane_time(said.expires_at)
    return Authorization(
        status=said.status,
        expires_at=expires_at,
        group=said.group or None,
        evse_ids=tuple(sorted(set(said.evse_ids))),
        charging_priority=said.charging_priority,
        language1=said.language1 or "",
        language2=(said.language2 or "") if said.language1 and said.language2 != said.language1 else "",
        personal_message=said.personal_message or "",
        concurrent=said.concurrent is True,
    )
