"""The way from a contract to a trusted root."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from sessions import contract_chains
from sessions.contract_chains import BrokenChain, ExpiredChain
from tests.certificate_tree import authority, issue

NOW = datetime.now(UTC)
ROOT = authority("MO root")
SUB1 = authority("MO sub 1", ROOT)
SUB2 = authority("MO sub 2", SUB1)
CONTRACT = issue("DE8AAA1A2B3C4D5", SUB2)


def path(*chain, roots=(ROOT,), now=NOW):
    return contract_chains.path(
        [each.certificate for each in chain], [each.certificate for each in roots], now
    )


def test_a_path_leads_to_the_root_whatever_the_order_and_whether_it_is_sent_along():
    whole = [each.certificate for each in (CONTRACT, SUB2, SUB1, ROOT)]
    assert path(CONTRACT, SUB2, SUB1) == whole
    assert path(CONTRACT, SUB1, SUB2, ROOT) == whole


def test_an_authority_that_is_trusted_itself_ends_the_path():
    assert path(CONTRACT, SUB2, roots=[SUB2]) == [CONTRACT.certificate, SUB2.certificate]


@pytest.mark.parametrize(
    "chain",
    [
        [CONTRACT, SUB2],
        [CONTRACT],
        [issue("DE8AAA1A2B3C4D5", authority("MO sub 2")), SUB2, SUB1],
        [issue("DE8AAA1A2B3C4D5", CONTRACT), CONTRACT, SUB2, SUB1],
        [ROOT],
    ],
)
def test_without_a_way_to_a_root_there_is_no_contract(chain):
    with pytest.raises(BrokenChain):
        path(*chain)


def test_a_stranger_of_the_same_name_is_no_root():
    stranger = authority("MO root")
    with pytest.raises(BrokenChain):
        path(issue("DE8AAA1A2B3C4D5", stranger), stranger)


def test_two_that_vouch_for_each_other_lead_nowhere():
    first = authority("A")
    second = authority("B", first)
    crossed = authority("A", second, public_key=first.key.public_key())
    with pytest.raises(BrokenChain):
        path(issue("DE8AAA1A2B3C4D5", first), crossed, second)


@pytest.mark.parametrize("days", [-60, 60])
def test_a_path_is_valid_for_its_time(days):
    with pytest.raises(ExpiredChain):
        path(CONTRACT, SUB2, SUB1, now=NOW + timedelta(days=days))


def test_an_authority_above_that_ended_ends_them_all():
    old = authority("Old sub", ROOT, starts=-timedelta(days=9), ends=-timedelta(days=1))
    with pytest.raises(ExpiredChain):
        path(issue("DE8AAA1A2B3C4D5", old), old)


def constrained(path_length):
    """A root that lets so many authorities stand below it."""
    made = authority("Narrow root")
    builder = (
        x509.CertificateBuilder()
        .subject_name(made.certificate.subject)
        .issuer_name(made.certificate.subject)
        .public_key(made.key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    )
    made.certificate = builder.sign(made.key, SHA256())
    return made


def test_no_more_authorities_than_the_root_allows():
    for allowed in (0, 1):
        root = constrained(allowed)
        sub = authority("Sub", root)
        chain = [issue("DE8AAA1A2B3C4D5", sub), sub]
        if allowed:
            assert len(path(*chain, roots=[root])) == 3
        else:
            with pytest.raises(BrokenChain):
                path(*chain, roots=[root])


def test_an_extension_that_must_be_understood_and_is_not_ends_the_path():
    plain = issue("DE8AAA1A2B3C4D5", ROOT)
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    builder = x509.CertificateBuilder(
        issuer_name=ROOT.certificate.subject,
        subject_name=plain.certificate.subject,
        public_key=plain.key.public_key(),
        serial_number=7,
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=1),
    ).add_extension(odd, critical=True)
    plain.certificate = builder.sign(ROOT.key, SHA256())
    with pytest.raises(BrokenChain, match="critical"):
        path(plain)


@pytest.mark.parametrize(
    ("emaid", "same"),
    [
        ("DE8AAA1A2B3C4D5", True),
        ("de-8aa-a1a2b3c4d-5", True),
        ("DE*8AA*A1A2B3C4D*5", True),
        ("DE8AAA1A2B3C4D6", False),
        ("", False),
    ],
)
def test_a_contract_is_known_by_its_name(emaid, same):
    assert contract_chains.is_contract_of(CONTRACT.certificate, emaid) is same
