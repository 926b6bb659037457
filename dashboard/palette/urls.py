"""The command palette."""

from django.urls import path

from dashboard.palette import views

urlpatterns = [path("fragments/palette/", views.palette, name="palette")]
