"""Who asks: bearer keys, each bound to one network and role."""

from typing import override

from django.http import HttpRequest
from ninja.security import HttpBearer

from dashboard.addresses import client_address
from emobi.api import rate_limits
from emobi.core.errors import Forbidden
from emobi.core.models import ApiKey, Network, Role
from emobi.core.services import api_keys


class Key(HttpBearer):
    """`Authorization: Bearer KEY`."""

    openapi_description = "A key from `manage.py create_api_key`, bound to one network and role."

    @override
    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = api_keys.verify(token, client_address(request))
        if key is not None:
            rate_limits.count(key.prefix)
        return key


def demand(request: HttpRequest, role: Role) -> ApiKey:
    """The request's key.

    Raises:
        Forbidden: If its role doesn't include ``role``.
    """
    key: ApiKey = request.auth  # type: ignore[attr-defined]  # set by ninja once `Key` said who asks
    if not Role(key.role).includes(role):
        raise Forbidden(f"This needs a key with the role {role.value}; this key's role is {key.role}.")
    return key


def network_of(request: HttpRequest) -> Network:
    """The network that the request may see."""
    return demand(request, Role.VIEWER).network


def actor(key: ApiKey) -> str:
    """Whoever asks with this key, as in the audit log."""
    return f"key:{key.prefix}"
