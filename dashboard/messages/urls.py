"""The message log."""

from django.urls import path

from dashboard.messages import views

urlpatterns = [
    path("messages/", views.message_log, name="messages"),
    path("messages/<int:frame_id>/", views.message, name="message"),
    path("fragments/messages/", views.message_rows_fragment, name="message-rows"),
]
