"""Tariffs: an operator's prices, and what sessions cost by them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from emobi.core import clock, errors, unit_of_work
from emobi.core.batch import Query
from emobi.core.models import Network
from emobi.core.services import audit
from sessions import costs
from sessions.models import ChargingSession, IdToken, SessionState, Tariff

PRICES = ("currency", "price_per_kwh", "price_per_minute", "start_fee")


class Fields(TypedDict, total=False):
    """What an operator says of a tariff, as the API spells it."""

    currency: str
    price_per_kwh: Decimal
    price_per_minute: Decimal
    start_fee: Decimal
    text: str
    default: bool
    update_every_s: int | None


class Tariffs:
    """The tariffs that a unit of work is about, each read once; nothing is written here."""

    def __init__(self) -> None:
        self._known: dict[int, Tariff | None] = {}

    def get(self, pk: int) -> Tariff | None:
        """The tariff; in force or not."""
        if pk not in self._known:
            self._known[pk] = Tariff.objects.filter(pk=pk).first()
        return self._known[pk]

    def flush(self) -> Sequence[Query]:
        """Nothing was changed."""
        return ()


def create(
    network: Network,
    name: str,
    *,
    by: str = "system:setup",
    address: str | None = None,
    **fields: Unpack[Fields],
) -> Tariff:
    """Add a tariff. One that is the default takes the place of the one that was.

    Args:
        network: Its network.
        name: What tokens name it by; without regard to the case of letters.
        by: Who does it, as in the audit log.
        address: Where the request came from.
        fields: What is said of it.

    Raises:
        Invalid: If a field can't be taken.
        Conflict: If the network has a tariff of this name, in whatever case.
    """
    tariff = Tariff(network=network, name=name.strip())
    _set(tariff, fields)
    with unit_of_work.begin():
        _make_room(tariff)
        try:
            with transaction.atomic():
                tariff.save(force_insert=True)
        except IntegrityError as exc:
            raise errors.Conflict("this network has a tariff of this name already") from exc
        audit.record(network.pk, by, "tariff.created", tariff.name, _told(tariff), address)
    return tariff


def change(
    network: Network, name: str, *, by: str, address: str | None = None, **fields: Unpack[Fields]
) -> Tariff:
    """Change a tariff; what isn't named stays. Sessions that run go on at the old prices.

    Raises:
        NotFound: If the network has no such tariff.
        Invalid: If a field can't be taken.
    """
    with unit_of_work.begin():
        tariff = in_force(network).alias(lower=Lower("name")).filter(lower=Lower(Value(name)))
        found = tariff.select_for_update().first()
        if found is None:
            raise errors.NotFound("no such tariff")
        before = _told(found)
        _set(found, fields)
        detail = {
            name: {"from": before[name], "to": after}
            for name, after in _told(found).items()
            if before[name] != after
        }
        if detail:
            audit.record(network.pk, by, "tariff.changed", found.name, detail, address)
        if detail.keys() & set(PRICES):
            return _replace(found)
        _make_room(found)
        found.save()
        return found


def in_force(network: Network) -> QuerySet[Tariff]:
    """The network's tariffs that new sessions may begin with."""
    return Tariff.objects.filter(network=network, replaced_at=None)


def get(pk: int | None) -> Tariff | None:
    """A tariff, in force or not, as the open unit of work knows it."""
    return None if pk is None else unit_of_work.current().buffer(Tariffs).get(pk)


def default_id(network_id: int) -> int | None:
    """The tariff of the network's tokens that have none of their own."""
    found = Tariff.objects.filter(network=network_id, default=True, replaced_at=None)
    return found.values_list("pk", flat=True).first()


def cost(session: ChargingSession, at: datetime | None) -> Decimal | None:
    """What a session has cost: in all when it has ended, else until ``at`` by its station's clock.

    None where it isn't known: without a tariff, or without the figures that its prices ask for. That is not
    the same as nothing to pay.
    """
    tariff = get(session.tariff_id)
    if tariff is None:
        return None
    if session.state != SessionState.ACTIVE:
        return costs.total(tariff, session.energy_wh, session.duration_s)
    begun = session.start_key is not None and at is not None
    seconds = (at - session.started_at).total_seconds() if begun and at else None
    return costs.total(tariff, session.energy_wh, seconds)


def settle(session: ChargingSession) -> None:
    """Note what a session that is over has cost; again when a part of it comes late."""
    session.cost = cost(session, None)


def _set(tariff: Tariff, fields: Fields) -> None:
    for name, value in fields.items():
        setattr(tariff, name, value)
    for name in ("name", "text"):
        if "\0" in getattr(tariff, name):
            raise errors.Invalid("text can't hold NUL", name)
    try:
        tariff.full_clean(exclude={"network"}, validate_unique=False, validate_constraints=False)
    except ValidationError as exc:
        name, messages = next(iter(exc.message_dict.items()))
        raise errors.Invalid(messages[0], name) from exc
    if not (tariff.currency.isascii() and tariff.currency.isalpha() and tariff.currency.isupper()):
        raise errors.Invalid("three capital letters, such as EUR", "currency")
    if len(tariff.currency) != 3:
        raise errors.Invalid("three capital letters, such as EUR", "currency")
    for name in PRICES[1:]:
        if not 0 <= getattr(tariff, name) <= 1_000_000:
            raise errors.Invalid("from 0 to 1000000", name)
    if tariff.update_every_s is not None and tariff.update_every_s < 15:
        raise errors.Invalid("15 s or more", "update_every_s")


def _told(tariff: Tariff) -> dict[str, object]:
    """What the audit log says of it."""
    return {name: getattr(tariff, name) for name in (*PRICES, "text", "default", "update_every_s")}


def _make_room(tariff: Tariff) -> None:
    if tariff.default:
        in_force(tariff.network).filter(default=True).exclude(pk=tariff.pk).update(default=False)


def _replace(tariff: Tariff) -> Tariff:
    """Another row with the new prices, which tokens have from now on."""
    old = tariff.pk
    Tariff.objects.filter(pk=old).update(replaced_at=clock.now())
    tariff.pk, tariff.created_at = None, clock.now()
    tariff._state.adding = True
    _make_room(tariff)
    tariff.save(force_insert=True)
    IdToken.objects.filter(tariff=old).update(tariff=tariff)
    return tariff
