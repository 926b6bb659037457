"""Playbooks, and what they did."""

from django.urls import path

from dashboard.playbooks import run_views, views

urlpatterns = [
    path("playbooks/", views.playbook_list, name="playbooks"),
    path("playbooks/switch/", views.switch, name="playbooks-switch"),
    path("playbooks/runs/<slug:run_id>/", run_views.run, name="playbook-run"),
    path("playbooks/runs/<slug:run_id>/progress/", run_views.progress, name="playbook-run-progress"),
    path("playbooks/runs/<slug:run_id>/<slug:what>/", run_views.intervene, name="playbook-run-intervene"),
    path("playbooks/<slug:slug>/", views.playbook, name="playbook"),
    path("playbooks/<slug:slug>/change/", views.change, name="playbook-change"),
    path("playbooks/<slug:slug>/delete/", views.delete, name="playbook-delete"),
    path("playbooks/<slug:slug>/archive/", views.archive, name="playbook-archive"),
    path("playbooks/<slug:slug>/restore/", views.restore, name="playbook-restore"),
    path("playbooks/<slug:slug>/edit/", views.edit, name="playbook-edit"),
    path("playbooks/<slug:slug>/json/", views.edit_json, name="playbook-json"),
    path("playbooks/<slug:slug>/simulate/", views.simulate, name="playbook-simulate"),
]
