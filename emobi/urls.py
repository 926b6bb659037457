"""All URLs of the web process."""

from django.contrib import admin
from django.urls import include, path

from emobi import metrics, station_files
from emobi.api.api import api
from stations import file_addresses

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("metrics", metrics.show),
    path(f"{file_addresses.PREFIX}/", include(station_files)),
    path("", include("dashboard.urls")),
]

handler500 = "dashboard.request_ids.server_error"
