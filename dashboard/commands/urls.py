"""What a station is asked, and what all of them were."""

from django.urls import path

from dashboard.commands import list_views, views

OF_STATION = "stations/<station:identity>/commands/"

urlpatterns = [
    path("commands/", list_views.command_list, name="all-commands"),
    path("commands/export.<str:kind>", list_views.export, name="all-commands-export"),
    path("fragments/commands/", list_views.command_rows_fragment, name="all-command-rows"),
    path(f"{OF_STATION}<slug:name>/", views.command_form, name="command"),
    path(f"{OF_STATION}<slug:name>/send/", views.send_command, name="send-command"),
    path(f"{OF_STATION}<slug:command_id>/cancel/", views.cancel_command, name="cancel-command"),
    path(f"fragments/{OF_STATION}<slug:name>/", views.command_form_fragment, name="command-form"),
]
