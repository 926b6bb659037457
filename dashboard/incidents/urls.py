"""Incidents, and the rules that open them."""

from django.urls import path

from dashboard.incidents import rule_views, views

urlpatterns = [
    path("incidents/", views.incident_list, name="incidents"),
    path("fragments/incidents/", views.incident_rows_fragment, name="incident-rows"),
    path("incidents/act/", views.act_on_many, name="incidents-act"),
    path("incidents/rules/", rule_views.rule_list, name="incident-rules"),
    path("incidents/rules/<int:rule_id>/", rule_views.rule, name="incident-rule"),
    path("incidents/rules/<int:rule_id>/delete/", rule_views.delete, name="delete-incident-rule"),
    path("incidents/rules/<int:rule_id>/back-test/", rule_views.back_test, name="incident-back-test"),
    path("incidents/<slug:incident_id>/", views.incident, name="incident"),
    path("incidents/<slug:incident_id>/act/", views.act, name="incident-act"),
    path(
        "fragments/incidents/<slug:incident_id>/lanes/", views.incident_lanes_fragment, name="incident-lanes"
    ),
    path("fragments/incidents/<slug:incident_id>/", views.incident_fragment, name="incident-body"),
    path("fragments/incidents/<slug:incident_id>/<slug:part>/", views.incident_part, name="incident-part"),
]
