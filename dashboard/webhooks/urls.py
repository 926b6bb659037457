"""Webhooks: endpoints, their deliveries, and how fast they are."""

from django.urls import path

from dashboard.webhooks import deliveries, endpoints

urlpatterns = [
    path("", endpoints.endpoint_list, name="webhooks"),
    path("new/", endpoints.create, name="webhook-new"),
    path("new/sample/", endpoints.sample, name="webhook-sample"),
    path("deliveries/<int:delivery_id>/", deliveries.delivery, name="webhook-delivery"),
    path("deliveries/<int:delivery_id>/redeliver/", deliveries.redeliver, name="webhook-redeliver"),
    path("<slug:webhook_id>/", endpoints.endpoint, name="webhook"),
    path("<slug:webhook_id>/edit/", endpoints.edit, name="webhook-edit"),
    path("<slug:webhook_id>/change/", endpoints.change, name="webhook-change"),
    path("<slug:webhook_id>/rotate/", endpoints.rotate, name="webhook-rotate"),
    path("<slug:webhook_id>/delete/", endpoints.delete, name="webhook-delete"),
    path("<slug:webhook_id>/test/", endpoints.test, name="webhook-test"),
    path("<slug:webhook_id>/replay/", deliveries.replay, name="webhook-replay"),
]
