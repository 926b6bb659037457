"""The web process: dashboard, API and live pages. Chargers connect to gateway processes."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobi.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from emobi import routing
from emobi.view_threads import ViewThreads

application = ProtocolTypeRouter(
    {
        "http": ViewThreads(django_application),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(routing.websocket_urlpatterns))
        ),
    }
)
