"""Reports: uptime, use, sessions, commands, incidents of a period."""

from django.urls import path

from dashboard.reports import letters, views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("fragments/reports/<slug:part>/", views.part_fragment, name="reports-part"),
    path("fragments/reports/stations/<station:identity>/use/", views.station_use, name="report-station-use"),
    path("reports/letters/", letters.subscribe, name="report-subscribe"),
    path("reports/letters/<int:subscription_id>/end/", letters.unsubscribe, name="report-unsubscribe"),
    path("reports/uptime.<str:kind>", views.uptime_file, name="reports-uptime"),
    path("reports/outages.<str:kind>", views.outages_file, name="reports-outages"),
    path("reports/sessions.<str:kind>", views.sessions_file, name="reports-sessions"),
    path("reports/stations/<station:identity>/", views.station, name="report-station"),
    path("reports/stations/<station:identity>/exclude/", views.exclude, name="report-exclude"),
    path(
        "reports/stations/<station:identity>/exclusions/<int:exclusion_id>/withdraw/",
        views.withdraw,
        name="report-withdraw",
    ),
]
