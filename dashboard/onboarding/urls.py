"""Connecting a station."""

from django.urls import path

from dashboard.onboarding import views

urlpatterns = [
    path("connect/", views.connect, name="connect"),
]
