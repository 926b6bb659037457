"""TLS on the charger port as the settings have it."""

import functools
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from OpenSSL import SSL

from gateway.development_certificates import ensure_development_certificates
from gateway.tls import Tls


def tls_of_settings() -> Tls:
    """TLS as the settings say; a development CA where they say nothing.

    Raises:
        ImproperlyConfigured: If a file that they name can't be read, or isn't what it should be.
    """
    development = functools.cache(
        lambda: ensure_development_certificates(
            settings.EMOBI_DATA_DIR / "tls", [settings.EMOBI_OCPP_TLS_BIND.host]
        )
    )
    named = [
        name for name in ("EMOBI_TLS_CERTIFICATES", "EMOBI_TLS_CLIENT_CA") if getattr(settings, name, None)
    ]
    certificates = settings.EMOBI_TLS_CERTIFICATES or [
        (pair.certificate, pair.key) for pair in development().certificates
    ]
    client_ca = Path(settings.EMOBI_TLS_CLIENT_CA) if settings.EMOBI_TLS_CLIENT_CA else development().ca
    try:
        return Tls(certificates, client_ca, allow_tls_1_2=settings.EMOBI_TLS_ALLOW_12)
    except (OSError, SSL.Error) as error:
        if not named:
            raise
        said = " ".join(str(error).split())
        raise ImproperlyConfigured(f"{' or '.join(named)}: a file can't be used: {said}") from error
