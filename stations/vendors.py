"""Vendors whose DataTransfer messages and error codes are understood here.

A vendor is a package that is installed beside Emobi and names a `Vendor` as an entry point of the group
``emobi.vendors``; nothing else has to be told of it. `docs/ocpp/vendors.md` has an example.

Source: OCPP 1.6 section 4.3; OCPP 2.0.1 part 2, use case P02.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points

from django.core.exceptions import ImproperlyConfigured

from stations.models import Station
from stations.reports import VendorData

GROUP = "emobi.vendors"


class TransferStatus(StrEnum):
    """DataTransferStatusEnumType, the same in both versions. Source: OCPP 2.0.1 part 2, section 3.27."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    UNKNOWN_MESSAGE = "UnknownMessageId"
    UNKNOWN_VENDOR = "UnknownVendorId"


@dataclass(frozen=True, kw_only=True)
class VendorAnswer:
    """What a vendor's message is answered. ``data``: any JSON; 1.6 gets it as text, None as nothing."""

    status: TransferStatus
    data: object = None


type Handle = Callable[[Station, VendorData], VendorAnswer]


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A vendor's part of DataTransfer, and its error codes.

    Attributes:
        vendor_id: As its stations send it; vendor ids differ in more than case.
        messages: By message id, what answers it; None is a message without one. A handler runs in the
            transaction that keeps the message, may record events, and has milliseconds: other stations wait.
        error_codes: What its stations' vendorErrorCode means, by the code, in words for operators. They are
            looked for by the vendor that a station names when it boots.
    """

    vendor_id: str
    messages: Mapping[str | None, Handle]
    error_codes: Mapping[str, str] = field(default_factory=dict)


def answer(station: Station, sent: VendorData) -> VendorAnswer:
    """What is to be answered: by the vendor's handler, or that the vendor or its message isn't known."""
    vendor = known().get(sent.vendor_id.casefold())
    if vendor is None:
        return VendorAnswer(status=TransferStatus.UNKNOWN_VENDOR)
    handle = vendor.messages.get(sent.message_id)
    if handle is None:
        return VendorAnswer(status=TransferStatus.UNKNOWN_MESSAGE)
    return handle(station, sent)


@functools.cache
def known() -> Mapping[str, Vendor]:
    """The installed vendors by their folded ids; read once a process.

    Raises:
        ImproperlyConfigured: If two packages speak for one vendor, or an entry point names something else.
    """
    found: dict[str, Vendor] = {}
    for point in entry_points(group=GROUP):
        vendor = point.load()
        if not isinstance(vendor, Vendor):
            raise ImproperlyConfigured(f"{GROUP}: {point.value} is no Vendor.")
        if vendor.vendor_id.casefold() in found:
            raise ImproperlyConfigured(f"{GROUP}: two packages speak for {vendor.vendor_id}.")
        found[vendor.vendor_id.casefold()] = vendor
    return found
