"""Who is told of incidents, and what became of what they were told."""

from django.urls import path

from dashboard.notifications import views

urlpatterns = [
    path("", views.notifications, name="notifications"),
    path("<slug:route_id>/", views.route, name="notification-route"),
    path("<slug:route_id>/switch/", views.switch, name="notification-switch"),
    path("<slug:route_id>/test/", views.test, name="notification-test"),
    path("<slug:route_id>/delete/", views.delete, name="notification-delete"),
    path("letters/<slug:letter_id>/again/", views.again, name="notification-again"),
]
