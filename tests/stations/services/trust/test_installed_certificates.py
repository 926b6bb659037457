"""What we know of the certificates on a station."""

import dataclasses

import pytest

from emobi.core import clock, unit_of_work
from emobi.core.models import Event, Network
from stations import x509_text
from stations.commands.certificates import DeleteCertificate, InstallCertificate, ListCertificates
from stations.commands.outcome import Outcome
from stations.models import CommandState, InstalledCertificate, RootCertificate, Station, Variable
from stations.services.trust import installed_certificates
from tests.certificate_tree import authority

ACCEPTED = Outcome(state=CommandState.ACCEPTED, status="Accepted")
REJECTED = Outcome(state=CommandState.REJECTED, status="Rejected")
ROOT = authority("Root")


@pytest.fixture
def station(db):
    network = Network.objects.create(slug="grid", name="Grid")
    return Station.objects.create(network=network, identity="CP1", ocpp_version="2.0.1")


def install(station, use="CSMSRootCertificate", root=ROOT, outcome=ACCEPTED):
    with unit_of_work.begin():
        asked = InstallCertificate(certificate_type=use, certificate=root.pem)
        installed_certificates.installed(station, asked, outcome)


def hashes(root=ROOT, algorithm="SHA256"):
    return dataclasses.asdict(x509_text.hash_of(root.certificate, root.certificate, algorithm))


def delete(station, named, outcome=ACCEPTED):
    with unit_of_work.begin():
        installed_certificates.deleted(station, DeleteCertificate(**named), outcome)


def listed(station, *certificates, types=()):
    """The station lists certificates: (use, hashes, children)."""
    detail = [
        {"certificate_type": use, **named, "child_certificates": list(children)}
        for use, named, *children in certificates
    ]
    outcome = Outcome(state=CommandState.ACCEPTED, status="Accepted", detail={"certificates": detail})
    with unit_of_work.begin():
        installed_certificates.listed(station, ListCertificates(certificate_types=types), outcome)


def uses(station):
    return sorted(station.installed_certificates.values_list("use", flat=True))


def test_a_root_that_was_taken_is_known_and_trusted_and_told(station):
    install(station)
    install(station)
    known = InstalledCertificate.objects.get()
    assert (known.subject, known.pem) == ("CN=Root,O=Example", ROOT.pem)
    assert known.installed_at is not None
    assert RootCertificate.objects.get().fingerprint == x509_text.fingerprint(ROOT.certificate)
    told = Event.objects.order_by("sequence").first()
    assert told.type == "certificate.installed"
    assert told.data["certificate_type"] == "CSMSRootCertificate"
    assert told.data["serial_number"] == f"{ROOT.certificate.serial_number:x}"


def test_a_root_that_was_refused_is_not(station):
    install(station, outcome=REJECTED)
    assert not InstalledCertificate.objects.exists()
    assert not RootCertificate.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_a_station_may_list_it_by_other_hashes_and_in_other_spelling(station, algorithm):
    install(station)
    named = hashes(algorithm=algorithm)
    shouted = named | {
        "issuer_name_hash": named["issuer_name_hash"].upper(),
        "serial_number": "00" + named["serial_number"].upper(),
    }
    listed(station, ("CSMSRootCertificate", shouted))
    known = InstalledCertificate.objects.get()
    assert (known.hash_algorithm, known.serial_number) == (algorithm, shouted["serial_number"])
    assert (known.pem, known.listed_at is None) == (ROOT.pem, False)
    delete(station, named)
    assert uses(station) == []


def test_what_is_not_listed_any_more_is_gone_but_only_of_the_kinds_that_were_asked_for(station):
    install(station)
    install(station, "MORootCertificate", authority("MO"))
    listed(station, types=("CSMSRootCertificate",))
    assert uses(station) == ["MORootCertificate"]
    listed(station)
    assert uses(station) == []


def test_a_chain_is_listed_with_what_hangs_below_it(station):
    sub = hashes(authority("Sub"))
    listed(station, ("V2GCertificateChain", hashes(), sub))
    top, below = InstalledCertificate.objects.order_by("parent_digest")
    assert (top.parent_digest, below.parent_digest) == ("", top.digest)


def test_who_deletes_what_is_not_there_is_right_too(station):
    install(station)
    delete(station, hashes(), Outcome(state=CommandState.REJECTED, status="NotFound"))
    assert uses(station) == []


def test_a_station_that_refuses_to_delete_keeps_it(station):
    install(station)
    delete(station, hashes(), Outcome(state=CommandState.REJECTED, status="Failed"))
    assert uses(station) == ["CSMSRootCertificate"]


def test_contracts_are_checked_against_mo_and_v2g_roots_of_the_network(station):
    other = Network.objects.create(slug="other", name="Other")
    elsewhere = Station.objects.create(network=other, identity="CP1")
    v2g, mo = authority("V2G"), authority("MO")
    install(station)
    install(station, "V2GRootCertificate", v2g)
    install(elsewhere, "MORootCertificate", mo)
    assert installed_certificates.contract_roots(station.network_id) == [v2g.certificate]
    assert installed_certificates.contract_roots(other.pk) == [mo.certificate]


OTHER = authority("Other")


def full_at(station, use="CSMSRootCertificate", root=OTHER):
    asked = InstallCertificate(certificate_type=use, certificate=root.pem)
    return installed_certificates.full_at(station, asked)


def says(station, component, variable, value=None, **more):
    Variable.objects.create(
        station=station, component=component, variable=variable, value=value, reported_at=clock.now(), **more
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize(("most", "full"), [("1", 1), ("2", None), ("0", None), ("many", None), (None, None)])
def test_a_station_that_holds_as_many_roots_as_it_can_is_full(station, version, most, full):
    station.ocpp_version = version
    if version == "1.6":
        says(station, "OCPP16", "CertificateStoreMaxLength", most, key="CertificateStoreMaxLength")
    else:
        characteristics = {} if most is None else {"maxLimit": most}
        says(station, "SecurityCtrlr", "CertificateEntries", "1", characteristics=characteristics)
    assert full_at(station) is None
    listed(station, ("ManufacturerRootCertificate", hashes()))
    assert full_at(station) == full
    assert full_at(station, "ManufacturerRootCertificate", ROOT) is None  # it is there
    delete(station, hashes())
    assert full_at(station) is None


def test_what_is_no_root_takes_no_place_of_one(station):
    says(station, "SecurityCtrlr", "CertificateEntries", characteristics={"maxLimit": 1})
    listed(station, ("V2GCertificateChain", hashes()))
    assert full_at(station) is None


def test_a_station_that_has_but_one_csms_root_replaces_it(station):
    says(station, "SecurityCtrlr", "CertificateEntries", characteristics={"maxLimit": 1})
    install(station)
    assert full_at(station) == 1
    says(station, "SecurityCtrlr", "AdditionalRootCertificateCheck", "TRUE")
    assert full_at(station) is None
    assert full_at(station, "MORootCertificate") == 1
