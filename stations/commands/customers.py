"""Commands about what a station knows of a customer (OCPP 2.0.1, use cases N09 and N10)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands.certificates import Hash, HashAlgorithm, SerialNumber
from stations.commands.entry import Entry
from stations.commands.fields import IdTokenText, IdTokenType, Number
from stations.commands.tokens import AdditionalInfo


@dataclass(frozen=True, kw_only=True)
class CustomerCertificate:
    """Names a contract certificate, by the hash algorithm that it was installed with (N09.FR.08)."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: Hash
    issuer_key_hash: Hash
    serial_number: SerialNumber


@dataclass(frozen=True, kw_only=True)
class CustomerInformation:
    """Have a station tell what it knows of a customer, and forget it.

    The customer is named in one of three ways (N09.FR.04). ``forget_here`` takes the token off the sessions
    that ended at this station, in our own record.
    """

    id_token: IdTokenText | None = None
    id_token_type: IdTokenType = "Central"
    additional_info: tuple[AdditionalInfo, ...] = ()
    customer_certificate: CustomerCertificate | None = None
    customer_identifier: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    report: bool = True
    clear: bool = False
    forget_here: bool = False
    request_id: Number | None = None


def _check(asked: CustomerInformation) -> None:
    references = (asked.id_token, asked.customer_certificate, asked.customer_identifier)
    if sum(reference is not None for reference in references) != 1:
        raise Invalid(
            "Name the customer by one of id_token, customer_certificate and customer_identifier.",
            "params.id_token",
        )
    if asked.additional_info and asked.id_token is None:
        raise Invalid("This belongs to an id token.", "params.additional_info")
    if not asked.report and not asked.clear:
        raise Invalid("Ask for a report, to clear, or for both (N09.FR.07).", "params.report")
    if asked.forget_here and not (asked.clear and asked.id_token is not None):
        raise Invalid("We only forget a token here that is to be cleared there.", "params.forget_here")


ENTRIES = (
    Entry(
        command="customer_information",
        kind=CustomerInformation,
        description="Have the station tell what it knows of a customer, or forget it.",
        role=Role.ADMIN,
        versions=("2.0.1",),
        example={"id_token": "DEMO0001"},
        effect="With clear the station forgets the customer; with forget_here we do, too.",
        check=_check,
    ),
)
