"""Doing something with many stations at once."""

from django.urls import path, re_path

from dashboard.bulk import views

urlpatterns = [
    path("bulk/", views.bulk_list, name="bulk-commands"),
    path("bulk/new/", views.choose, name="bulk"),
    path("bulk/start/", views.start, name="start-bulk"),
    re_path(r"^bulk/export\.(?P<kind>csv|ndjson)$", views.export, name="export-chosen"),
    path("bulk/<slug:bulk_id>/", views.bulk, name="bulk-command"),
    path("bulk/<slug:bulk_id>/results.csv", views.results, name="bulk-results"),
    path("bulk/<slug:bulk_id>/<str:what>/", views.steer, name="steer-bulk"),
    path("fragments/bulk/<slug:bulk_id>/", views.bulk_fragment, name="bulk-progress"),
]
