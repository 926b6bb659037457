"""Lists as somebody narrowed them, kept by name."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from emobi.core.models.membership import Role
from emobi.core.models.network import Network


class SavedView(models.Model):
    """A list and the query of its URL. It is its owner's, or shared with all of the network."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=64, help_text="The name of the list's URL without its namespace.")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text='Without "?".')
    shared = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False, help_text="Shown first.")
    default_for = models.CharField(
        max_length=16,
        choices=Role,
        blank=True,
        default="",
        db_default="",
        help_text="With this role the list opens so, where nothing else was asked for; empty: with none.",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "owner", "page", "name"], name="saved_view_once"),
            models.UniqueConstraint(
                fields=["network", "page", "default_for"],
                condition=~models.Q(default_for=""),
                name="saved_view_default_once",
            ),
            models.CheckConstraint(
                condition=models.Q(default_for="") | models.Q(shared=True), name="saved_view_default_shared"
            ),
        ]

    def __str__(self) -> str:
        return self.name
