"""How somebody wants to see the dashboard."""

from django.conf import settings
from django.db import models

UTC = "UTC"
BROWSER = "browser"
STATION = "station"


class Theme(models.TextChoices):
    SYSTEM = "", "As the system has it"
    DARK = "dark"
    LIGHT = "light"


class Density(models.TextChoices):
    COSY = "", "Cosy"
    COMPACT = "compact"


class Palette(models.TextChoices):
    USUAL = "", "Usual"
    CONTRAST = "contrast", "High contrast"


class Preferences(models.Model):
    """One person's, in all networks. Who has no row has the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preferences"
    )
    zone = models.CharField(
        max_length=64, default=UTC, help_text='"UTC", "browser", "station" or a name such as "Europe/Berlin".'
    )
    theme = models.CharField(max_length=8, choices=Theme, blank=True, default=Theme.SYSTEM)
    density = models.CharField(max_length=8, choices=Density, blank=True, default=Density.COSY)
    palette = models.CharField(max_length=8, choices=Palette, blank=True, default=Palette.USUAL)
    single_keys = models.BooleanField(default=True, help_text="Shortcuts of one key (WCAG 2.1.4).")
    sound = models.BooleanField(default=False, db_default=False, help_text="At a new critical incident.")
    desktop_notices = models.BooleanField(
        default=False, db_default=False, help_text="The same, where the browser lets us."
    )
    title_count = models.BooleanField(
        default=True,
        db_default=True,
        help_text="How many critical incidents nobody has acknowledged, in the tab's title.",
    )

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"of {self.user_id}"
