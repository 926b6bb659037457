"""All URLs of the web process."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from emobi import metrics, station_files
from emobi.api.api import api
from stations import file_addresses

# One door for all: Django's admin is entered by the dashboard's sign-in, second factor and all.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("metrics", metrics.show),
    path(f"{file_addresses.PREFIX}/", include(station_files)),
    path("account/", include("dashboard.accounts.account_urls")),
    path("", include("dashboard.urls")),
]

handler500 = "dashboard.request_ids.server_error"
