"""Stars: which stations somebody keeps an eye on. They are a person's own: the audit log has none of it."""

from django.contrib.auth.models import User

from stations.models import Station, Watch


def watch(station: Station, user: User, *, wanted: bool) -> None:
    """Begin or end it; twice is once."""
    if wanted:
        Watch.objects.get_or_create(station=station, user=user)
    else:
        Watch.objects.filter(station=station, user=user).delete()
