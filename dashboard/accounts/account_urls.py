"""Pages of django-allauth, by the names that it calls them: password, codes, passkeys. In no namespace."""

from allauth.account import views
from django.urls import include, path

from dashboard.accounts import sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
    path("password/first/", views.password_set, name="account_set_password"),
    path("second-factor/", include("allauth.mfa.urls")),
]
