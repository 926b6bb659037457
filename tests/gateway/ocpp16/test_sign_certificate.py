from tests.gateway.hearing import hear


def test_no_certificate_is_promised(alpha):
    assert hear(alpha, "SignCertificate", {"csr": "-----BEGIN"}) == {"status": "Rejected"}
