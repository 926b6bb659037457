"""Id tokens: who may charge, and the operator's hand on them."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from emobi.core import checks, clock, errors, events, unit_of_work
from emobi.core.models import Network
from emobi.core.services import audit
from sessions import allowed_evses
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.models import ChargingSession, IdToken, Tariff, TokenStatus
from sessions.reports import Token
from sessions.services import tariffs
from sessions.services.shown_tokens import Running, ShownToken, ShownTokens
from stations import masking
from stations.models import Station, Variable

# IdTokenEnumType. Source: OCPP 2.0.1 part 2, section 3.43.
TYPES = (
    "Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization",
)  # fmt: skip

# MessageContentType.
LONGEST_MESSAGE = 512

# The type of 2.0.1 for stations that ask nobody to authorize.
NO_AUTHORIZATION = "NoAuthorization"
KEY_CODE = "KeyCode"
# Of a contract, in ISO 15118.
EMAID = "eMAID"
# What a remote start says of a token whose type nobody named.
CENTRAL = "Central"
# Types that no token of another type is shown with.
APART = frozenset({KEY_CODE, EMAID})


class Use(Enum):
    """What a token is shown for."""

    ANY = auto()  # to start or to stop: the station doesn't say
    START = auto()
    STOP = auto()


class Fields(TypedDict, total=False):
    """What an operator says of a token, as the API spells it."""

    type: str
    status: str
    expires_at: datetime | None
    group: str
    master_pass: bool
    concurrent: bool
    allowed_evses: Sequence[Mapping[str, object]]
    charging_priority: int
    language1: str
    language2: str
    personal_message: str
    tariff: str | None
    note: str


def expect(station: Station, token: Token | None) -> None:
    """Have a token that is to be judged read with the others of its batch."""
    if token is not None:
        _shown().expect(station.network_id, token.id_token)


def authorize(station: Station, token: Token | None) -> Authorization:
    """Judge the token that was shown at a station, and record that it was.

    None, a tag without text, is no token that anybody has.
    """
    authorization = judge(station, token, Use.ANY)
    _tell(station, token, authorization)
    return authorization


def refuse(
    station: Station, token: Token | None, status: AuthorizationStatus = AuthorizationStatus.INVALID
) -> Authorization:
    """Turn down a token whose proof is no good, and record that it was shown."""
    authorization = Authorization(status=status)
    _tell(station, token, authorization)
    return authorization


def judge(
    station: Station,
    token: Token | None,
    use: Use,
    *,
    evse_id: int | None = None,
    session: ChargingSession | None = None,
) -> Authorization:
    """The verdict on a token in the station's network; it says Accepted only of tokens that are known.

    Args:
        evse_id: Where it is used. What still runs there isn't counted against it: a start takes its place.
        session: What it is used for; the token may have this one, however often it is shown.
    """
    if token is not None and token.type == NO_AUTHORIZATION:
        default = tariffs.default_id(station.network_id)
        return Authorization(status=AuthorizationStatus.ACCEPTED, tariff_id=default)
    known = _shown().named(station.network_id, token.id_token) if token and token.id_token else None
    if token is None or known is None or not _alike(token.type, known.type):
        return _elsewhere(station, token, use, evse_id, session)
    evse_ids = allowed_evses.at(known.allowed_evses, station.identity)
    status = _standing(known, use)
    if status == AuthorizationStatus.ACCEPTED and use is not Use.STOP:
        if evse_ids is None or (evse_ids and evse_id is not None and evse_id not in evse_ids):
            status = AuthorizationStatus.NOT_AT_THIS_LOCATION
        elif not known.concurrent and _busy(station, _shown().running(known), use, evse_id, session):
            status = AuthorizationStatus.CONCURRENT_TX
    accepted = status == AuthorizationStatus.ACCEPTED
    return Authorization(
        status=status,
        expires_at=known.expires_at,
        group=known.group or None,
        evse_ids=evse_ids or (),
        charging_priority=known.charging_priority,
        language1=known.language1,
        language2=known.language2,
        personal_message=_message(station, known) if accepted else "",
        tariff_id=known.tariff_id,
    )


def may_end_anothers(network_id: int, shown: str, other: str) -> bool:
    """Whether a token may end what another one began: it is of its group, or a master pass.

    Source: OCPP 1.6 section 3.10; 2.0.1 part 2, C09 and C16.
    """
    known = _shown().named(network_id, shown) if shown else None
    if known is None or known.master_pass:
        return known is not None
    begun = _shown().named(network_id, other) if known.group and other else None
    return begun is not None and begun.group.casefold() == known.group.casefold()


def create(
    network: Network,
    id_token: str,
    *,
    by: str = "system:setup",
    address: str | None = None,
    **fields: Unpack[Fields],
) -> IdToken:
    """Add a token to a network.

    Args:
        network: Its network.
        id_token: Its text; without regard to the case of letters.
        by: Who does it, as in the audit log.
        address: Where the request came from.
        fields: What is said of it.

    Raises:
        Invalid: If a field can't be taken.
        Conflict: If the network has the token already, in whatever case.
    """
    with unit_of_work.begin():
        token = insert(network, id_token, **fields)
        target = named_in_log(token.id_token, token.type)
        audit.record(network.pk, by, "id_token.created", target, _told(token), address)
    return token


def insert(network: Network, id_token: str, **fields: Unpack[Fields]) -> IdToken:
    """The same, for callers who tell the audit log themselves of many."""
    token = IdToken(network=network, id_token=id_token.strip())
    _set(token, fields)
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError as exc:
        raise errors.Conflict("this network has this token already") from exc
    return token


def change(
    network: Network, id_token: str, *, by: str, address: str | None = None, **fields: Unpack[Fields]
) -> IdToken:
    """Change what is said of a token: block it, let it expire. What isn't named stays.

    A session that runs on it goes on; stations learn of the change when the token is next shown.

    Raises:
        NotFound: If the network has no such token.
        Invalid: If a field can't be taken.
    """
    with unit_of_work.begin():
        token = _named(network.pk, id_token).select_for_update().first()
        if token is None:
            raise errors.NotFound("no such token")
        before, unsaid = _told(token), {name: getattr(token, name) for name in _UNSAID}
        update(token, **fields)
        after = _told(token)
        detail: dict[str, object] = {
            name: {"from": before[name], "to": after[name]} for name in after if before[name] != after[name]
        }
        detail |= {name: "changed" for name in _UNSAID if getattr(token, name) != unsaid[name]}
        if detail:
            target = named_in_log(token.id_token, before["type"], token.type)
            audit.record(network.pk, by, "id_token.changed", target, detail, address)
    return token


def update(token: IdToken, **fields: Unpack[Fields]) -> None:
    """The same of a token whose row the caller has locked, for those who tell the audit log of many.

    Raises:
        Invalid: If a field can't be taken.
    """
    _set(token, fields)
    token.save()


# Nobody can take back what the audit log has: there it isn't said what people wrote of a driver, or where one
# may charge.
_UNSAID = ("allowed_evses", "language1", "language2", "note", "personal_message")


def _told(token: IdToken) -> dict[str, object]:
    """What the audit log says of it."""
    return {
        "type": token.type,
        "status": token.status,
        "expires_at": token.expires_at,
        "group": token.group,
        "master_pass": token.master_pass,
        "concurrent": token.concurrent,
        "charging_priority": token.charging_priority,
        "tariff": token.tariff.name if token.tariff else None,
    }


def named_in_log(id_token: str, *types: object) -> str:
    """What the audit log calls a token of a type, or that has had several. A code that is keyed in is shown
    in no log (2.0.1, C04.FR.04).
    """
    return masking.MASK if KEY_CODE in types else id_token


def _named(network_id: int, id_token: str) -> QuerySet[IdToken]:
    # As the unique index has it: lower case by the database's rules, not by Python's.
    return IdToken.objects.alias(lower=Lower("id_token")).filter(
        network_id=network_id, lower=Lower(Value(id_token))
    )


def _tell(station: Station, token: Token | None, authorization: Authorization) -> None:
    events.record(
        station.subject,
        events.SessionAuthorized(
            received_at=clock.now(),
            id_token=token.id_token if token else "",
            id_token_type=token.type if token else None,
            authorization=authorization.status,
        ),
    )


def _alike(said: str | None, kept: str) -> bool:
    """Whether a token that is said to be of a type can be one that is kept with another.

    Readers say ISO14443, ISO15693, Central or Local of the same card, and 1.6 says nothing: a token is its
    text. But what is keyed in is no card whose number somebody has read, no card is a code, and neither is
    the contract that an EV proves to have. Only a remote start may name a contract as `CENTRAL`: that is our
    own word, which comes back.
    """
    if said is None or (said == CENTRAL and kept == EMAID):
        return True
    return (said if said in APART else None) == (kept if kept in APART else None)


def _standing(token: ShownToken, use: Use) -> AuthorizationStatus:
    """What is to be said of the token alone."""
    if token.status != TokenStatus.ACCEPTED:
        return AuthorizationStatus.BLOCKED
    if token.expires_at is not None and token.expires_at <= clock.now():
        return AuthorizationStatus.EXPIRED
    if token.master_pass and use is Use.START:
        return AuthorizationStatus.INVALID
    return AuthorizationStatus.ACCEPTED


def _elsewhere(
    station: Station,
    token: Token | None,
    use: Use,
    evse_id: int | None,
    session: ChargingSession | None,
) -> Authorization:
    """The verdict on a token that our table doesn't know: somebody else's if there is one, else unknown."""
    if token is None or token.elsewhere is None:
        # A code that nobody has is a wrong one (2.0.1, C04.FR.01).
        is_code = token is not None and token.type == KEY_CODE
        return Authorization(status=AuthorizationStatus.INVALID if is_code else AuthorizationStatus.UNKNOWN)
    verdict = token.elsewhere
    if verdict.status != AuthorizationStatus.ACCEPTED:
        return verdict
    if use is not Use.STOP and verdict.evse_ids and evse_id is not None and evse_id not in verdict.evse_ids:
        return dataclasses.replace(verdict, status=AuthorizationStatus.NOT_AT_THIS_LOCATION)
    if use is not Use.STOP and not verdict.concurrent:
        running = _shown().running_on(station.network_id, token.id_token)
        if _busy(station, running, use, evse_id, session):
            return dataclasses.replace(verdict, status=AuthorizationStatus.CONCURRENT_TX)
    return dataclasses.replace(verdict, tariff_id=tariffs.default_id(station.network_id))


def _message(station: Station, token: ShownToken) -> str:
    """What the driver is shown: the token's own message, and what charging costs (2.0.1, I01.FR.01)."""
    said = [token.personal_message]
    tariff = tariffs.get(token.tariff_id)
    if tariff is not None and _shows_tariffs(station):
        said.append(tariff.words)
    return "\n".join(filter(None, said))[:LONGEST_MESSAGE]


def _shows_tariffs(station: Station) -> bool:
    """Not at stations that say that they have neither tariffs nor a display (2.0.1, I01.FR.02)."""
    available = Variable.objects.filter(
        station=station,
        component__in=("TariffCostCtrlr", "DisplayMessageCtrlr"),
        variable="Available",
        attribute="Actual",
    ).values_list("value", flat=True)
    said = [value.lower() == "true" for value in available if value is not None]
    return any(said) or not said


def _busy(
    station: Station,
    on_token: Iterable[Running],
    use: Use,
    evse_id: int | None,
    session: ChargingSession | None,
) -> bool:
    """Whether a token charges elsewhere, by what runs on it."""
    for running in on_token:
        here = running.station_id == station.pk
        if use is Use.ANY:
            # Shown where it charges, it may be meant to stop.
            counts = not here
        else:
            counts = not (here and running.evse_id is not None and running.evse_id == evse_id)
        if counts and (session is None or running.session_id != session.pk):
            return True
    return False


def _shown() -> ShownTokens:
    return unit_of_work.current().buffer(ShownTokens)


def _set(token: IdToken, fields: Fields) -> None:
    for name, value in fields.items():
        setattr(token, name, _tariff(token, fields["tariff"]) if name == "tariff" else value)
    token.allowed_evses = allowed_evses.read(token.allowed_evses)
    if token.type not in TYPES:
        raise errors.Invalid(f"one of {', '.join(TYPES)}", "type")
    for name in ("id_token", "group", "note", "language1", "language2", "personal_message"):
        if "\0" in getattr(token, name):
            raise errors.Invalid("text can't hold NUL", name)
    try:
        token.full_clean(exclude={"network"}, validate_constraints=False)
    except ValidationError as exc:
        name, messages = next(iter(exc.message_dict.items()))
        raise errors.Invalid(messages[0], name) from exc
    if not -9 <= token.charging_priority <= 9:
        raise errors.Invalid("from -9 to 9", "charging_priority")
    if token.language2 and token.language1 in ("", token.language2):
        raise errors.Invalid("another one than the first", "language2")
    if token.expires_at is not None and checks.sane_time(token.expires_at) is None:
        raise errors.Invalid("between 2000 and 2100", "expires_at")


def _tariff(token: IdToken, name: str | None) -> Tariff | None:
    """The network's tariff of this name.

    Raises:
        Invalid: If it has none.
    """
    if name is None:
        return None
    found = tariffs.in_force(token.network).filter(name__iexact=name).first()
    if found is None:
        raise errors.Invalid("no such tariff", "tariff")
    return found
