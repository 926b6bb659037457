"""What is known of the revocation of certificates that a station has: revoked here, or told to the station.

Responders are asked by gateway processes, and what they answer is remembered there alone. What a station was
told when it asked itself (GetCertificateStatus; OCPP 2.0.1, M06) is in its message log.
"""

import binascii
from base64 import b64decode
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from cryptography.x509.ocsp import OCSPCertStatus

from emobi.core import checks
from stations import ocsp, x509_text
from stations.message_log import MOST_ROWS
from stations.models import Frame, InstalledCertificate, Kind, RevokedCertificate, Station
from stations.ocsp import NoStatus
from stations.services.trust.installed_certificates import ROOTS
from stations.x509_text import CertificateHash

# Of what it was told the newest is looked at.
MOST_FRAMES = 200

_ACTION = "GetCertificateStatus"
_NEWEST = (
    "SELECT * FROM (SELECT * FROM stations_frame WHERE network_id = %s AND station_id = %s"
    f" ORDER BY id DESC LIMIT {MOST_ROWS}) AS looked_at"
    f" WHERE action = %s AND pair_id IS NOT NULL ORDER BY id DESC LIMIT {MOST_FRAMES}"
)

type _Key = tuple[str, str, str, str]


class Told(StrEnum):
    """What a responder says."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOTHING = "nothing"


_TOLD = {
    OCSPCertStatus.GOOD: Told.GOOD,
    OCSPCertStatus.REVOKED: Told.REVOKED,
    OCSPCertStatus.UNKNOWN: Told.UNKNOWN,
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the station was told of a certificate when it asked last. Whether it believed it isn't known.

    Attributes:
        at: By our clock.
        frame_id: Of the station's question in the message log.
        until: When the responder knows what is newer; None: it doesn't say, or there is no status.
        revoked_at: Since when, by the responder's clock.
        reason: Why there is no status.
    """

    at: datetime
    frame_id: int
    told: Told
    until: datetime | None = None
    revoked_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Of one certificate; ``revoked_at``: when it was revoked here."""

    revoked_at: datetime | None
    answer: Answer | None


def of(station: Station, rows: Sequence[InstalledCertificate]) -> Mapping[int, Known]:
    """What is known of each of a station's certificates, by row; at most two queries.

    Of the message log the newest `MOST_ROWS` frames of the station are looked at.
    """
    if not rows:
        return {}
    revoked = _revoked(station, rows)
    # Roots are trusted for as long as they are there; and 1.6 has no such question.
    asked = {_named(row).key for row in rows if row.use not in ROOTS and station.ocpp_version != "1.6"}
    answers = _answers(station, asked) if asked else {}
    return {
        row.pk: Known(revoked_at=revoked.get(row.pk), answer=answers.get(_named(row).key)) for row in rows
    }


def _revoked(station: Station, rows: Sequence[InstalledCertificate]) -> Mapping[int, datetime]:
    """When each was revoked here, by row; those that weren't are left out."""
    serials = {row.pk: x509_text.canonical_serial(row.serial_number) for row in rows}
    of_number = defaultdict(list)
    for each in RevokedCertificate.objects.filter(
        network=station.network_id, serial_number__in=set(serials.values())
    ):
        of_number[each.serial_number].append(each)
    return {row.pk: each.revoked_at for row in rows for each in of_number[serials[row.pk]] if _is(row, each)}


def _is(row: InstalledCertificate, revoked: RevokedCertificate) -> bool:
    """Whether a certificate of the same number is the same.

    Of one whose text isn't here nothing but that is known. It is enough, unless it is a root: those choose
    their numbers themselves, and choose small ones.
    """
    if row.pem:
        return x509_text.fingerprint(x509_text.certificate(row.pem)) == revoked.fingerprint
    return row.use not in ROOTS


def _answers(station: Station, wanted: Collection[_Key]) -> Mapping[_Key, Answer]:
    """The newest about each."""
    frames = list(Frame.objects.raw(_NEWEST, [station.network_id, station.pk, _ACTION]))
    answers = {frame.pk: frame for frame in frames if frame.kind != Kind.CALL}
    found: dict[_Key, Answer] = {}
    for asked in frames:
        answer = answers.get(asked.pair_id or 0)
        if asked.kind != Kind.CALL or answer is None:
            continue
        named = _asked(asked)
        if named is not None and named.key in wanted and named.key not in found:
            found[named.key] = _answer(asked, answer, named)
    return found


def _asked(frame: Frame) -> CertificateHash | None:
    """The certificate that a CALL is about; None if that can't be read."""
    match _json(frame):
        case [
            2, _, _,
            {
                "ocspRequestData": {
                    "hashAlgorithm": str(), "issuerNameHash": str(), "issuerKeyHash": str(),
                    "serialNumber": str(),
                } as about
            },
            *_,
        ]:  # fmt: skip
            return CertificateHash.read(about)
        case _:
            return None


def _answer(asked: Frame, answer: Frame, named: CertificateHash) -> Answer:
    facts: dict[str, Any] = {"at": answer.at, "frame_id": asked.pk}
    match _json(answer):
        case [3, _, {"status": "Accepted", "ocspResult": str(encoded)}, *_]:
            try:
                found = ocsp.said(b64decode(encoded))
                if not found.about.same_as(named):
                    raise NoStatus("the responder answers about another certificate")
            except (NoStatus, binascii.Error) as error:
                return Answer(**facts, told=Told.NOTHING, reason=str(error))
            return Answer(
                **facts,
                told=_TOLD[found.status],
                until=checks.sane_time(found.ends),
                revoked_at=checks.sane_time(found.revoked_at),
            )
        case [3, _, {"statusInfo": {"additionalInfo": str(reason)}}, *_]:
            return Answer(**facts, told=Told.NOTHING, reason=reason)
        case _:
            return Answer(**facts, told=Told.NOTHING, reason=answer.error_code)


def _json(frame: Frame) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(frame.text)
    except orjson.JSONDecodeError:
        return None


def _named(row: InstalledCertificate) -> CertificateHash:
    return CertificateHash(
        hash_algorithm=row.hash_algorithm,
        issuer_name_hash=row.issuer_name_hash,
        issuer_key_hash=row.issuer_key_hash,
        serial_number=row.serial_number,
    )
