"""A public key infrastructure for tests: roots, authorities below them, leaves, and an OCSP responder."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.web_server import Asked, Told

DAY = timedelta(days=1)


@dataclass
class Holder:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def name(common_name, organization="Example"):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def csr(common_name, organization="Grid", key=None):
    """A request in PEM, and its key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(name(common_name, organization))
    return request.sign(key, SHA256()).public_bytes(Encoding.PEM).decode(), key


def issue(
    common_name,
    issuer=None,
    *,
    is_authority=False,
    responder=None,
    starts=-DAY,
    ends=30 * DAY,
    public_key=None,
    usages=(),
    not_above=None,
):
    """A certificate from ``issuer``, or from itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    public_key = public_key or key.public_key()
    signer = issuer or Holder(None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common_name))
        .issuer_name(issuer.certificate.subject if issuer else name(common_name))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
    if responder:
        where = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
    return Holder(builder.sign(signer.key, SHA256()), key)


def authority(common_name, issuer=None, **options):
    return issue(common_name, issuer, is_authority=True, **options)


@dataclass
class Responder:
    """Answers OCSP requests for the certificates of one authority."""

    issuer: Holder
    revoked: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    delegate: Holder | None = None
    lasts: timedelta | None = timedelta(hours=1)
    this_update: timedelta = -timedelta(minutes=1)
    status: int = 200

    def __call__(self, asked: Asked) -> Told:
        assert asked.headers["Content-Type"] == "application/ocsp-request"
        request = ocsp.load_der_ocsp_request(asked.body)
        return Told(self.status, self.answer(request), "application/ocsp-response")

    def answer(self, request) -> bytes:
        serial = request.serial_number
        now = datetime.now(UTC).replace(microsecond=0)
        status = ocsp.OCSPCertStatus.GOOD
        if serial in self.revoked:
            status = ocsp.OCSPCertStatus.REVOKED
        elif serial in self.unknown:
            status = ocsp.OCSPCertStatus.UNKNOWN
        signer = self.delegate or self.issuer
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=request.issuer_name_hash,
                issuer_key_hash=request.issuer_key_hash,
                serial_number=serial,
                algorithm=request.hash_algorithm,
                cert_status=status,
                this_update=now + self.this_update,
                next_update=None if self.lasts is None else now + self.lasts,
                revocation_time=now if status is ocsp.OCSPCertStatus.REVOKED else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        )
        if self.delegate is not None:
            builder = builder.certificates([self.delegate.certificate])
        return builder.sign(signer.key, SHA256()).public_bytes(Encoding.DER)


def ocsp_signer(issuer, **options):
    """A responder's own certificate, from the authority that it answers for."""
    return issue("OCSP", issuer, usages=[ExtendedKeyUsageOID.OCSP_SIGNING], **options)
