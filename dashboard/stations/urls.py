"""The fleet, and the list of stations."""

from django.urls import path, re_path

from dashboard.stations import views

urlpatterns = [
    path("stations/", views.station_list_page, name="stations"),
    re_path(r"^stations/export\.(?P<kind>csv|ndjson)$", views.export, name="station-export"),
    path("fragments/stations/", views.station_rows_fragment, name="station-rows"),
    path("fragments/station-healths/", views.healths_fragment, name="station-healths"),
    path("fragments/station-facets/", views.facets_fragment, name="station-facets"),
    path("fragments/station-columns/", views.columns_fragment, name="station-columns"),
    path("fragments/stations/<station:identity>/preview/", views.preview_fragment, name="station-preview"),
    path("fragments/fleet/", views.fleet_fragment, name="fleet"),
]
