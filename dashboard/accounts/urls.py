"""Who is looking."""

from django.urls import path

from dashboard.accounts import again, sign_in, wall

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("signed-in/", again.signed_in, name="signed-in"),
    path("kept-form/", again.kept_form, name="kept-form"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("wall/<str:token>/", wall.enter, name="wall"),
    path("network/", sign_in.choose_network, name="choose-network"),
]
