"""The web process: dashboard, API and live pages. Chargers connect to gateway processes."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobi.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack

from emobi import routing
from emobi.view_threads import ViewThreads

application = ProtocolTypeRouter(
    {
        "http": ViewThreads(django_application),
        # Who looks is asked by the page's socket itself, which can say so when the database is away.
        "websocket": AllowedHostsOriginValidator(
            SessionMiddlewareStack(URLRouter(routing.websocket_urlpatterns))
        ),
    }
)
