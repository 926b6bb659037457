"""The overview, its panels, and the wall."""

from django.urls import path

from dashboard.overview import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("fragments/overview/attention/", views.attention_fragment, name="attention"),
    path("fragments/overview/measures/", views.measures_fragment, name="measures"),
    path("fragments/overview/fleet/", views.fleet_fragment, name="overview-fleet"),
    path("fragments/overview/panels/<slug:name>/", views.panel, name="overview-panel"),
    path("fragments/wall/", views.wall_places, name="wall-places"),
]
