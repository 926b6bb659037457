"""One's own profile; people, keys and the system."""

from django.urls import path

from dashboard.settings import about, keys, profile, system, users, view_as

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("preferences/", profile.keep, name="keep-preferences"),
    path("profile/sessions/<int:pk>/end/", profile.end_session, name="end-session"),
    path("users/", users.users, name="users"),
    path("users/<int:pk>/", users.change, name="user"),
    path("view-as/", view_as.begin, name="view-as"),
    path("view-as/end/", view_as.end, name="end-view-as"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:pk>/revoke/", keys.revoke, name="revoke-key"),
    path("keys/<int:pk>/rotate/", keys.rotate, name="rotate-key"),
    path("keys/walls/", keys.create_wall, name="create-wall"),
    path("keys/walls/<int:pk>/revoke/", keys.revoke_wall, name="revoke-wall"),
    path("about/", about.about, name="about"),
    path("system/", system.system, name="system"),
]
