"""How stations are to be set up, and which differ from that."""

from django.urls import path

from dashboard.config_templates import views

urlpatterns = [
    path("", views.template_list, name="config-templates"),
    path("new/", views.edit, name="new-config-template"),
    path("<slug:template_id>/", views.template, name="config-template"),
    path("<slug:template_id>/edit/", views.edit, name="edit-config-template"),
    path("<slug:template_id>/delete/", views.delete, name="delete-config-template"),
]
