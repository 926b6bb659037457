"""WebSockets of the web process."""

from django.urls import path

from dashboard.live.consumer import LiveConsumer

websocket_urlpatterns = [path("live/", LiveConsumer.as_asgi())]
