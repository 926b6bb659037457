"""The firmware store, and campaigns."""

from django.urls import path

from dashboard.firmware import views

urlpatterns = [
    path("firmware/", views.store, name="firmware-store"),
    path("firmware/upload/", views.upload, name="upload-firmware"),
    path("firmware/<slug:image_id>/delete/", views.delete, name="delete-firmware"),
    path("firmware/campaigns/prepare/", views.prepare, name="prepare-campaign"),
    path("firmware/campaigns/begin/", views.begin, name="begin-campaign"),
    path("firmware/campaigns/<slug:campaign_id>/", views.campaign, name="campaign"),
    path("firmware/campaigns/<slug:campaign_id>/change/", views.change, name="change-campaign"),
    path(
        "fragments/firmware/campaigns/<slug:campaign_id>/", views.campaign_fragment, name="campaign-progress"
    ),
]
