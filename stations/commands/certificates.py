"""Commands about certificates on a station."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from emobi.core.models import Role
from stations import x509_text
from stations.commands.entry import Entry

# An example that every station can read, and none has a use for.
EXAMPLE = """-----BEGIN CERTIFICATE-----
MIIBVTCB/aADAgECAgJHETAKBggqhkjOPQQDAjApMRAwDgYDVQQKDAdFeGFtcGxl
MRUwEwYDVQQDDAxFeGFtcGxlIHJvb3QwIBcNMjYwMTAxMDAwMDAwWhgPMjA1NjAx
MDEwMDAwMDBaMCkxEDAOBgNVBAoMB0V4YW1wbGUxFTATBgNVBAMMDEV4YW1wbGUg
cm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKM4+cWUUY32RBX6lXSe13D3
21CiXAW3GcYprSndIiHKGHDDzmfY3ucd3LUre3XrmMQlhtNHxyv9VSofuwAL8DCj
EzARMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgYc7AL7U2PAJL
CUZ0s1kC7UGPmXkDidaeMGl3BVUDykUCIChrkV3TRdsX1/V0EjqE7qqy0RBEK4ko
2JkgwpkccV16
-----END CERTIFICATE-----
"""

Pem = Annotated[str, Field(min_length=1, max_length=5500)]
HashAlgorithm = Annotated[str, Field(pattern="^SHA(256|384|512)$")]
Hash = Annotated[str, Field(min_length=1, max_length=128)]
SerialNumber = Annotated[str, Field(min_length=1, max_length=40)]


class RootUse(StrEnum):
    """InstallCertificateUseEnumType. Source: OCPP 2.0.1 part 2, section 3.45; 1.6 knows two of them."""

    V2G_ROOT = "V2GRootCertificate"
    MO_ROOT = "MORootCertificate"
    CSMS_ROOT = "CSMSRootCertificate"
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"


class InstalledUse(StrEnum):
    """GetCertificateIdUseEnumType. Source: OCPP 2.0.1 part 2, section 3.36."""

    V2G_ROOT = "V2GRootCertificate"
    MO_ROOT = "MORootCertificate"
    CSMS_ROOT = "CSMSRootCertificate"
    V2G_CHAIN = "V2GCertificateChain"
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"


class SigningUse(StrEnum):
    """CertificateSigningUseEnumType. Source: OCPP 2.0.1 part 2, section 3.9."""

    CHARGING_STATION = "ChargingStationCertificate"
    V2G = "V2GCertificate"


@dataclass(frozen=True, kw_only=True)
class InstallCertificate:
    """Have the station trust a root."""

    certificate_type: RootUse
    certificate: Pem


@dataclass(frozen=True, kw_only=True)
class DeleteCertificate:
    """Remove a certificate, named in the words with which the station listed it (M04.FR.07)."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: Hash
    issuer_key_hash: Hash
    serial_number: SerialNumber


@dataclass(frozen=True, kw_only=True)
class ListCertificates:
    """Ask which certificates the station has; none named: all kinds, where the version can be asked so."""

    certificate_types: tuple[InstalledUse, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CertificateSigned:
    """Bring the station the chain that an authority signed for its key, its own certificate first."""

    certificate_chain: Annotated[str, Field(min_length=1, max_length=10000)]
    certificate_type: SigningUse | None = None


def _one_certificate(asked: InstallCertificate) -> None:
    x509_text.certificate(asked.certificate, "params.certificate")


def _a_chain(asked: CertificateSigned) -> None:
    x509_text.chain(asked.certificate_chain, "params.certificate_chain")


ENTRIES = (
    Entry(
        command="install_certificate",
        kind=InstallCertificate,
        description="Have the station trust a root certificate.",
        role=Role.ADMIN,
        example={"certificate_type": "ManufacturerRootCertificate", "certificate": EXAMPLE},
        effect="The station believes whatever this root has signed.",
        check=_one_certificate,
    ),
    Entry(
        command="delete_certificate",
        kind=DeleteCertificate,
        description="Remove a certificate from the station, in the words with which it listed it.",
        role=Role.ADMIN,
        example={
            "hash_algorithm": "SHA256",
            "issuer_name_hash": "e6c1ad8f3a3e8fd5f22e4f2c2a0a6ea0cd2fc2f3bde4a8d1b7a64cbf6ea1d0a5",
            "issuer_key_hash": "0d9f2a3fdb6e9a7e7b6b2b3f0b7a2e1b8c9d4c5a6f7e8091a2b3c4d5e6f70819",
            "serial_number": "4711",
        },
        effect="Without the root of our own certificate the station can't connect over TLS any more.",
    ),
    Entry(
        command="list_certificates",
        kind=ListCertificates,
        description="Ask which certificates the station has installed.",
        example={"certificate_types": ["CSMSRootCertificate"]},
    ),
    Entry(
        command="certificate_signed",
        kind=CertificateSigned,
        description="Bring the station the chain that was signed for its key.",
        role=Role.ADMIN,
        example={"certificate_chain": EXAMPLE},
        effect="The station shows this certificate from now on.",
        check=_a_chain,
    ),
)
