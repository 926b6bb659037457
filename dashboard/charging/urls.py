"""Charging sessions of the network."""

from django.urls import path

from dashboard.charging import views

urlpatterns = [
    path("sessions/", views.session_list, name="charging-sessions"),
    path("sessions/export.<str:kind>", views.export, name="charging-sessions-export"),
    path("sessions/<slug:session_id>/", views.session_page, name="charging-session"),
    path("sessions/<slug:session_id>/readings.<str:kind>", views.readings, name="charging-session-readings"),
    path("sessions/<slug:session_id>/signed.json", views.signed, name="charging-session-signed"),
    path("fragments/sessions/", views.session_rows_fragment, name="charging-session-rows"),
    path("fragments/sessions/<slug:session_id>/", views.session_fragment, name="charging-session-part"),
]
