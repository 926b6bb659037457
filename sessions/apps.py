from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    # django.contrib.sessions has "sessions".
    label = "charging"
    default_auto_field = "django.db.models.BigAutoField"
