"""The tabs of a station's page, and what each is called."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from emobi.core.models import Role
from stations.models import Station


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab.

    Attributes:
        slug: In its URL; "" for the first.
        role: Below it nobody sees the tab.
        versions: Those of OCPP that have what it shows; it is there for all, with the reason.
    """

    slug: str
    title: str
    role: Role = Role.VIEWER
    versions: tuple[str, ...] = ("1.6", "2.0.1")


OVERVIEW = Tab(slug="", title="Overview")
CAPABILITIES = Tab(slug="capabilities", title="Capabilities")
COMMANDS = Tab(slug="commands", title="Commands", role=Role.OPERATOR)
CONFIGURATION = Tab(slug="configuration", title="Configuration")
PROFILES = Tab(slug="charging-profiles", title="Charging profiles")
SESSIONS = Tab(slug="sessions", title="Sessions")
RESERVATIONS = Tab(slug="reservations", title="Reservations")
FIRMWARE = Tab(slug="firmware", title="Firmware")
LOGS = Tab(slug="logs", title="Logs")
CERTIFICATES = Tab(slug="certificates", title="Certificates")
DISPLAY = Tab(slug="display-messages", title="Display", versions=("2.0.1",))
LOCAL_LIST = Tab(slug="local-list", title="Local list")
MONITORING = Tab(slug="monitoring", title="Monitoring", versions=("2.0.1",))
SECURITY = Tab(slug="security-events", title="Security events")
MESSAGES = Tab(slug="messages", title="Messages")
HISTORY = Tab(slug="history", title="History")
SETTINGS = Tab(slug="settings", title="Settings")

TABS = (
    OVERVIEW,
    CAPABILITIES,
    COMMANDS,
    CONFIGURATION,
    PROFILES,
    SESSIONS,
    RESERVATIONS,
    FIRMWARE,
    LOGS,
    CERTIFICATES,
    DISPLAY,
    LOCAL_LIST,
    MONITORING,
    SECURITY,
    MESSAGES,
    HISTORY,
    SETTINGS,
)
BY_SLUG = {tab.slug: tab for tab in TABS}


@dataclass(frozen=True, kw_only=True)
class Link:
    """A tab as the page's navigation has it."""

    title: str
    href: str
    current: bool


def links(station: Station, role: Role, current: Tab) -> Sequence[Link]:
    """The tabs that somebody of this role sees."""
    return [
        Link(title=tab.title, href=address(station, tab), current=tab is current)
        for tab in TABS
        if role.includes(tab.role)
    ]


def address(station: Station, tab: Tab) -> str:
    """The URL of a tab."""
    overview = reverse("dashboard:station", args=[station.identity])
    return f"{overview}{tab.slug}/" if tab.slug else overview
