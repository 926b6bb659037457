"""The fleet, and the list of stations."""

from django.urls import path

from dashboard.stations import views

urlpatterns = [
    path("stations/", views.station_list, name="stations"),
    path("fragments/stations/", views.station_rows_fragment, name="station-rows"),
    path("fragments/fleet/", views.fleet_fragment, name="fleet"),
]
