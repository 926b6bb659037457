"""Certificates in the order of their chains, as far as hashes tell it.

OCPP names a certificate by its issuer's hashes and its number, and lists the authorities of a chain below its
leaf (2.0.1, M03): what certifies what isn't said. Only what a root issued is known by that, where the station
has the root; between it and the leaf the authorities stay in the order in which they were listed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from stations.models import InstalledCertificate
from stations.services.trust.installed_certificates import ROOTS


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a certificate stands: which of how many of its chain, the leaf being the first.

    Attributes:
        is_lost: It was listed below one that isn't here.
        root: Which of the station's roots issued it; None: another, or it isn't known.
    """

    row: InstalledCertificate
    position: int = 1
    length: int = 1
    is_lost: bool = False
    root: InstalledCertificate | None = None


def in_order(rows: Sequence[InstalledCertificate]) -> Sequence[Place]:
    """Each leaf with its chain after it, towards the root; the leaves as they come."""
    leaves = {(row.use, row.digest) for row in rows if not row.parent_digest}
    # A root is its own issuer: its hashes are those of whatever it issued.
    roots = {_issuer(row): row for row in rows if row.use in ROOTS}
    below: defaultdict[tuple[str, str], list[InstalledCertificate]] = defaultdict(list)
    for row in rows:
        if row.parent_digest:
            below[row.use, row.parent_digest].append(row)
    places = []
    for row in rows:
        if row.parent_digest:
            if (row.use, row.parent_digest) not in leaves:
                places.append(Place(row=row, is_lost=True, root=roots.get(_issuer(row))))
            continue
        chain = [row, *sorted(below[row.use, row.digest], key=lambda each: _issuer(each) in roots)]
        places += [
            Place(
                row=each,
                position=position,
                length=len(chain),
                root=None if each.use in ROOTS else roots.get(_issuer(each)),
            )
            for position, each in enumerate(chain, 1)
        ]
    return places


def _issuer(row: InstalledCertificate) -> tuple[str, str, str]:
    return row.hash_algorithm, row.issuer_name_hash.casefold(), row.issuer_key_hash.casefold()
