"""Reports: uptime, use, sessions, commands, incidents of a month."""

from django.urls import path

from dashboard.reports import letters, views

urlpatterns = [
    path("", views.reports, name="reports"),
    path("parts/<slug:part>/", views.part_fragment, name="reports-part"),
    path("letters/", letters.subscribe, name="report-subscribe"),
    path("letters/<int:subscription_id>/end/", letters.unsubscribe, name="report-unsubscribe"),
    path("uptime.<str:kind>", views.uptime_file, name="reports-uptime"),
    path("outages.<str:kind>", views.outages_file, name="reports-outages"),
    path("sessions.<str:kind>", views.sessions_file, name="reports-sessions"),
    path("stations/<station:identity>/", views.station, name="report-station"),
    path("stations/<station:identity>/exclude/", views.exclude, name="report-exclude"),
    path(
        "stations/<station:identity>/exclusions/<int:exclusion_id>/withdraw/",
        views.withdraw,
        name="report-withdraw",
    ),
]
