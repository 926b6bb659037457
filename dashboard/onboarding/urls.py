"""Connecting a station."""

from django.urls import path

from dashboard.onboarding import views

urlpatterns = [
    path("connect/", views.connect, name="connect"),
    path("connect/register/", views.register, name="connect-register"),
    path("connect/many/", views.register_many, name="connect-many"),
    path("connect/simulated/", views.simulate, name="connect-simulated"),
    path("connect/stations/<station:identity>/off/", views.stop_simulating, name="connect-simulated-off"),
    path("connect/ca.pem", views.authority, name="connect-ca"),
    path("connect/stations/<station:identity>/", views.one, name="connect-station"),
    path("connect/stations/<station:identity>/reach/", views.reach, name="connect-reach"),
    path("connect/stations/<station:identity>/password/", views.renew_password, name="connect-password"),
    path("connect/stations/<station:identity>/finish/", views.finish, name="connect-finish"),
    path("fragments/connect/<station:identity>/", views.checklist_fragment, name="connect-checklist"),
    path("fragments/connect/<station:identity>/done/", views.done_fragment, name="connect-done"),
]
