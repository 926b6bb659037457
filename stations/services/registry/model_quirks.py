"""Quirks of a model: kept in one row, and copied to the stations that it is about.

The copy (`Station.model_quirks`) costs a station that connects, or says something, no query.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from emobi.core import unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from stations import quirks
from stations.models import ModelQuirks, Station
from stations.services.device_model import changeable


def create(
    network: Network,
    vendor: str,
    model: str,
    firmware_version: str,
    flags: Mapping[str, object],
    *,
    by: str,
    address: str | None = None,
) -> ModelQuirks:
    """Give the stations of a model quirks, those that come later too.

    Raises:
        Conflict: If it has some already; the names are the same in whatever case.
        Invalid: If a value can't be taken.
    """
    about = {"vendor": vendor, "model": model, "firmware_version": firmware_version}
    for name, value in about.items():
        if not value.isprintable() or len(value) > 255 or (not value and name != "firmware_version"):
            raise Invalid(f"{name}: 1 to 255 printable characters.", name)
    row = ModelQuirks(network=network, quirks=_checked(flags), **about)
    with unit_of_work.begin():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(f"There are quirks of {row} already.") from error
        _copy(row)
        audit.record(network.pk, by, "model_quirks.created", str(row), {"quirks": row.quirks}, address)
    return row


def change(row: ModelQuirks, flags: Mapping[str, object], *, by: str, address: str | None = None) -> None:
    """Give the model these quirks instead.

    Raises:
        Invalid: If a value can't be taken.
    """
    with unit_of_work.begin():
        row.refresh_from_db(from_queryset=ModelQuirks.objects.select_for_update())
        detail = {"from": row.quirks, "to": dict(flags)}
        row.quirks = _checked(flags)
        row.save(update_fields=["quirks"])
        _copy(row)
        audit.record(row.network_id, by, "model_quirks.changed", str(row), detail, address)


def delete(row: ModelQuirks, *, by: str, address: str | None = None) -> None:
    """Take the model's quirks away; stations keep their own."""
    with unit_of_work.begin():
        about = str(row)
        row.delete()
        _copy(row)
        audit.record(row.network_id, by, "model_quirks.deleted", about, address=address)


def get(network: Network, row_id: int) -> ModelQuirks:
    """Those of this id.

    Raises:
        NotFound: If the network has none.
    """
    found = ModelQuirks.objects.filter(network=network, pk=row_id).first()
    if found is None:
        raise NotFound("There are no such quirks.")
    return found


def of(network_id: int, vendor: str, model: str, firmware_version: str) -> dict[str, object]:
    """The quirks of such a station: those of its firmware over those of its model. One query."""
    if not vendor or not model:
        return {}
    rows = ModelQuirks.objects.filter(
        network_id=network_id, vendor__iexact=vendor, model__iexact=model
    ).order_by("firmware_version")
    fitting = (row for row in rows if row.firmware_version.casefold() in ("", firmware_version.casefold()))
    return quirks.merged(*(row.quirks for row in fitting))


def _checked(flags: Mapping[str, object]) -> dict[str, object]:
    taken: dict[str, object] = changeable.columns({"quirks": flags})["quirks"]
    return taken


def _copy(row: ModelQuirks) -> None:
    """Renew the copies; a statement for each firmware, however many stations there are."""
    stations = _stations(row)
    for firmware_version in stations.values_list("firmware_version", flat=True).distinct():
        renewed = of(row.network_id, row.vendor, row.model, firmware_version)
        stations.filter(firmware_version=firmware_version).update(model_quirks=renewed)


def _stations(row: ModelQuirks) -> QuerySet[Station]:
    found = Station.objects.filter(
        network_id=row.network_id, vendor__iexact=row.vendor, model__iexact=row.model
    )
    if row.firmware_version:
        found = found.filter(firmware_version__iexact=row.firmware_version)
    return found
