"""Who may do what in a network."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from emobi.core.models.network import Network


class Role(models.TextChoices):
    """What a person or key may do: see `includes`."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ENGINEER = "engineer"
    ADMIN = "admin"
    AUDITOR = "auditor"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what ``other`` may.

        Viewer, operator, engineer and admin each include the ones before. An auditor stands beside them: sees
        what a viewer sees and the audit log, which of the others only an admin sees, and changes nothing.
        """
        return other in _INCLUDED[self]


_INCLUDED = {
    Role.VIEWER: {Role.VIEWER},
    Role.OPERATOR: {Role.VIEWER, Role.OPERATOR},
    Role.ENGINEER: {Role.VIEWER, Role.OPERATOR, Role.ENGINEER},
    Role.ADMIN: set(Role),
    Role.AUDITOR: {Role.VIEWER, Role.AUDITOR},
}


class Membership(models.Model):
    """A person's role in a network."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(db_default=Now())
    deactivated_at = models.DateTimeField(null=True, help_text="May do nothing here since then.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.network}"
