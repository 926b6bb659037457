from emobi.core.models.api_key import ApiKey
from emobi.core.models.audit import AuditEntry
from emobi.core.models.event import Event, EventCounter
from emobi.core.models.membership import Membership, Role
from emobi.core.models.network import Network
from emobi.core.models.preferences import Preferences
from emobi.core.models.saved_view import SavedView
from emobi.core.models.wall_token import WallToken

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Event",
    "EventCounter",
    "Membership",
    "Network",
    "Preferences",
    "Role",
    "SavedView",
    "WallToken",
]
