"""Maintenance that is planned."""

from django.urls import path

from dashboard.maintenance import views

urlpatterns = [
    path("", views.windows, name="maintenance-windows"),
    path("prepare/", views.prepare, name="prepare-maintenance"),
    path("<slug:window_id>/end/", views.end, name="end-maintenance"),
]
