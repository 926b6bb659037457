"""The message log."""

from django.urls import path

from dashboard.messages import views

urlpatterns = [
    path("messages/", views.message_log, name="messages"),
    path("messages/live/", views.live, name="messages-live"),
    path("messages/export.<str:kind>", views.export, name="messages-export"),
    path("messages/<int:frame_id>/", views.message, name="message"),
    path("messages/<int:frame_id>/reveal/", views.reveal, name="message-reveal"),
    path("fragments/messages/", views.message_rows_fragment, name="message-rows"),
    path("fragments/messages/volume/", views.volume_fragment, name="message-volume"),
]
