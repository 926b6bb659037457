"""The path from a contract certificate to a root that is trusted. Pure.

Source: RFC 5280, section 6.1, as far as ISO 15118-2 uses it (annex F): names, signatures, validity, path
length. No policies, no name constraints; a critical extension that is not known here ends the path.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID, NameOID

# A contract certificate, two authorities below the root, and the root; one more does no harm.
LONGEST_PATH = 5
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)
_SEPARATORS = re.compile(r"[-*\s]")


class BrokenChain(Exception):
    """No path leads to a trusted root."""


class ExpiredChain(Exception):
    """A path leads there, but a certificate on it isn't valid any more, or not yet."""


def path(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime
) -> list[x509.Certificate]:
    """From the contract certificate, which is the first of ``chain``, up to a root, which is the last.

    Raises:
        BrokenChain: If there is none.
        ExpiredChain: If it isn't valid now.
    """
    found = [chain[0]]
    while found[-1] not in roots:
        if len(found) == LONGEST_PATH:
            raise BrokenChain("too long")
        issuer = next(
            (each for each in [*roots, *chain[1:]] if _issued(each, found[-1], len(found) - 1)), None
        )
        if issuer is None or issuer in found:
            raise BrokenChain("no trusted root")
        found.append(issuer)
    if len(found) == 1:
        raise BrokenChain("a root is no contract")
    for certificate in found:
        _check_extensions(certificate)
    if any(not (each.not_valid_before_utc <= now <= each.not_valid_after_utc) for each in found):
        raise ExpiredChain
    return found


def is_contract_of(certificate: x509.Certificate, emaid: str) -> bool:
    """Whether the certificate is of this contract: its CN is the eMAID, with or without separators."""
    names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return len(names) == 1 and bool(emaid) and _bare(names[0]) == _bare(emaid)


def _bare(emaid: str) -> str:
    return _SEPARATORS.sub("", emaid).casefold()


def _issued(issuer: x509.Certificate, certificate: x509.Certificate, authorities_below: int) -> bool:
    """Whether ``issuer`` may issue, and issued this one; so many other authorities stand below it."""
    try:
        certificate.verify_directly_issued_by(issuer)
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    if not constraints.ca:
        return False
    if constraints.path_length is not None and constraints.path_length < authorities_below:
        return False
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _check_extensions(certificate: x509.Certificate) -> None:
    try:
        unknown = [
            each.oid for each in certificate.extensions if each.critical and each.oid not in _UNDERSTOOD
        ]
    except ValueError as error:
        raise BrokenChain("extensions that can't be read") from error
    if unknown:
        raise BrokenChain("a critical extension that isn't known")
