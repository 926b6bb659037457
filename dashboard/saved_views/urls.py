"""Lists kept by name."""

from django.urls import path

from dashboard.saved_views import views

urlpatterns = [
    path("views/save/", views.save, name="save-view"),
    path("views/<int:pk>/delete/", views.delete, name="delete-view"),
]
