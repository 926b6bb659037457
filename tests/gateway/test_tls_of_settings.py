"""Wrong files for TLS are one line that names the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from gateway.tls_of_settings import tls_of_settings


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cant_be_used_is_refused_by_the_name_of_its_setting(content, settings, tmp_path):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    if content is not None:
        chain.write_text(content)
        key.write_text(content)
    settings.EMOBI_DATA_DIR = tmp_path
    settings.EMOBI_TLS_CERTIFICATES = [(chain, key)]
    with pytest.raises(ImproperlyConfigured) as refusal:
        tls_of_settings()
    assert str(refusal.value).startswith("EMOBI_TLS_CERTIFICATES: ")
    assert str(refusal.value).isprintable()
