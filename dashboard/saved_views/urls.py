"""Lists kept by name."""

from django.urls import path

from dashboard.saved_views import views

urlpatterns = [
    path("fragments/views/<slug:page>/", views.views, name="saved-views"),
    path("fragments/views/<slug:page>/<slug:of>/", views.views, name="saved-views"),
    path("views/save/", views.save, name="save-view"),
    path("views/<int:pk>/delete/", views.delete, name="delete-view"),
    path("views/<int:pk>/default/", views.make_default, name="default-view"),
]
