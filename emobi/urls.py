"""All URLs of the web process."""

from django.contrib import admin
from django.urls import include, path

from emobi.api.api import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("", include("dashboard.urls")),
]

handler500 = "dashboard.request_ids.server_error"
