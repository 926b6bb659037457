from emobi.core.models.api_key import ApiKey
from emobi.core.models.audit import AuditEntry
from emobi.core.models.event import Event, EventCounter
from emobi.core.models.membership import Membership, Role
from emobi.core.models.network import Network

__all__ = ["ApiKey", "AuditEntry", "Event", "EventCounter", "Membership", "Network", "Role"]
