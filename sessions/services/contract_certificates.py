"""Contract certificates, which EVs show in place of a card: genuine, still valid, not revoked?

What can't be verified isn't. Source: OCPP 2.0.1 part 2, C07. Blocks, for it asks OCSP responders: only for
threads that nobody waits for (`gateway.lookups`).
"""

import itertools
import logging
import time
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus
from django.conf import settings

from emobi.core import clock
from emobi.core.errors import Invalid
from sessions import contract_chains
from sessions.contract_chains import BrokenChain, ExpiredChain
from sessions.reports import CertificateStatus, ContractReport, ContractVerdict
from stations import ocsp, x509_text
from stations.ocsp import NoStatus
from stations.services.trust import installed_certificates
from stations.x509_text import CertificateHash

log = logging.getLogger(__name__)


def verify(network_id: int, report: ContractReport) -> ContractVerdict:
    """Judge a contract by its whole chain, by the hashes of its certificates, or by both."""
    roots = installed_certificates.contract_roots(network_id)
    until = time.monotonic() + settings.EMOBI_OCSP_TIMEOUT_S
    try:
        path = _path(report, roots) if report.chain else []
    except ExpiredChain:
        return ContractVerdict(status=CertificateStatus.EXPIRED)
    except (BrokenChain, Invalid) as error:
        log.info("network %d: contract of %s not verified: %s", network_id, report.emaid, error)
        return ContractVerdict(status=CertificateStatus.CHAIN_ERROR)
    # Without the chain the station has verified it (C07.FR.02), and what is left to see is revocation.
    asked = [*_hashes(path, report)] if path else report.hashes
    verdict = _revocation(asked, [*roots, *path], until)
    if verdict != CertificateStatus.ACCEPTED:
        log.info("network %d: contract of %s: %s", network_id, report.emaid, verdict.value)
    return ContractVerdict(status=verdict)


def _path(report: ContractReport, roots: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    chain = x509_text.chain(report.chain)
    if not contract_chains.is_contract_of(chain[0], report.emaid):
        raise BrokenChain("the certificate is of another contract than the token")
    return contract_chains.path(chain, roots, clock.wall())


def _hashes(
    path: Sequence[x509.Certificate], report: ContractReport
) -> Iterable[tuple[CertificateHash, str]]:
    """What to ask about each certificate but the root, and whom: "" where nobody names a responder."""
    urls = {named.key: url for named, url in report.hashes}
    for certificate, issuer in itertools.pairwise(path):
        spellings = [x509_text.hash_of(certificate, issuer, algorithm) for algorithm in x509_text.ALGORITHMS]
        said = [(named, urls[named.key]) for named in spellings if named.key in urls]
        own = [(spellings[0], url) for url in ocsp.responders(certificate)]
        yield next(iter([*said, *own]), (spellings[0], ""))


def _revocation(
    asked: Sequence[tuple[CertificateHash, str]], known: Sequence[x509.Certificate], until: float
) -> CertificateStatus:
    """Accepted if each of them is good; one that is revoked outweighs what can't be found out."""
    found = [_status(named, url, known, until) for named, url in asked]
    if OCSPCertStatus.REVOKED in found:
        return CertificateStatus.REVOKED
    if found and all(status is OCSPCertStatus.GOOD for status in found):
        return CertificateStatus.ACCEPTED
    return CertificateStatus.CHAIN_ERROR


def _status(
    named: CertificateHash, url: str, known: Sequence[x509.Certificate], until: float
) -> OCSPCertStatus | None:
    """None where there is no answer that can be trusted."""
    try:
        answer = ocsp.ask(named, url, timeout_s=max(0.05, until - time.monotonic()))
    except NoStatus as reason:
        log.info("no OCSP status: %s", reason)
        return None
    if not ocsp.is_signed_for(answer, named, known):
        log.info("an OCSP answer whose signer isn't known")
        return None
    return answer.status
