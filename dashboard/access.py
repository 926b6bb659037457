"""Who looks at which network, and what they may do there.

Each request has one network: the one that was chosen last in this session, or the person's first. Everything
that a view reads is read within it, so another network's objects don't exist: 404.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from dashboard import zones
from dashboard.accounts import form_keeping
from dashboard.file_exports import Taker
from emobi.core.models import Membership, Network, Preferences, Role
from emobi.core.services import wall_tokens

# Where a session keeps the slug of the network that was chosen.
SESSION_KEY = "network"
# Where a session keeps in which network, and as which role, an admin looks at the pages.
VIEW_AS_KEY = "view_as"
# Where the session of a screen on a wall keeps its token's number.
WALL_KEY = "wall"


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a request may see and do."""

    user: User
    network: Network
    role: Role
    networks: tuple[Network, ...]
    preferences: Preferences = field(default_factory=Preferences)
    wall: bool = False
    """A screen on a wall, at which nobody signed in; ``user`` is nobody's account."""
    own_role: Role | None = None
    """What they are, where they look as somebody of a lower ``role`` does; else None."""

    @property
    def actor(self) -> str:
        """As in the audit log."""
        return f"user:{self.user.username}"

    @property
    def taker(self) -> Taker:
        """Of lists that are taken along as files."""
        return Taker(network=self.network, actor=self.actor, holds=self._holds)

    def _holds(self) -> bool:
        """Whether they still are what they were when it was asked for, or more."""
        memberships = Membership.objects.filter(user=self.user, network=self.network, deactivated_at=None)
        now = memberships.filter(user__is_active=True).first()
        return now is not None and Role(now.role).includes(self.role)

    @property
    def may_operate(self) -> bool:
        """Whether stations may be asked to do something."""
        return self.role.includes(Role.OPERATOR)

    @property
    def may_engineer(self) -> bool:
        """Whether rules and settings of stations may be changed: playbooks, profiles, firmware, templates."""
        return self.role.includes(Role.ENGINEER)

    @property
    def may_administer(self) -> bool:
        """Whether people, keys and the network itself may be changed."""
        return self.role.includes(Role.ADMIN)

    @property
    def may_audit(self) -> bool:
        """Whether the audit log may be read."""
        return self.role.includes(Role.AUDITOR)


def of(user: User | AnonymousUser, wanted: str | None) -> Access | None:
    """The access of a person to the network of slug ``wanted``, or to their first; None: to no network."""
    if not isinstance(user, User) or not user.is_active:
        return None
    memberships = list(
        Membership.objects.filter(user=user, deactivated_at=None)
        .select_related("network", "user__preferences")
        .order_by("network__name", "network_id")
    )
    if not memberships:
        return None
    chosen = next((each for each in memberships if each.network.slug == wanted), memberships[0])
    return Access(
        user=user,
        network=chosen.network,
        role=Role(chosen.role),
        networks=tuple(each.network for each in memberships),
        preferences=getattr(chosen.user, "preferences", None) or Preferences(),
    )


def of_wall(token_id: int | None) -> Access | None:
    """The access of a screen on a wall; None if its token was revoked, or it is none."""
    token = wall_tokens.holding(token_id) if token_id is not None else None
    if token is None:
        return None
    nobody = User(username=token.name, is_active=False)
    return Access(user=nobody, network=token.network, role=Role.VIEWER, networks=(token.network,), wall=True)


def strictly(user: User | AnonymousUser, slug: str) -> Access | None:
    """The access of a person to exactly this network; None if there is none."""
    access = of(user, slug)
    return access if access is not None and access.network.slug == slug else None


type View[**P] = Callable[Concatenate[HttpRequest, Access, P], HttpResponseBase]
type Guarded[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def requires[**P](role: Role, *, wall: bool = False) -> Callable[[View[P]], Guarded[P]]:
    """A view for those who have at least ``role`` in their network; it is given their `Access`.

    With ``wall`` it is also for screens on a wall.
    """

    def decorate(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            access = _of_request(request, wall)
            if access is None and not request.user.is_authenticated:
                return _sign_in(request)
            if access is None:
                return render(request, "dashboard/no_network.html", status=403)
            if _elsewhere(request, access):
                return render(request, "dashboard/other_network.html", {"access": access}, status=409)
            if not access.role.includes(role):
                raise PermissionDenied(f"This needs the role {role.value}; you are {access.role.value}.")
            with timezone.override(zones.of(request, access.preferences)):
                response = view(request, access, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-cache")
            return response

        return guarded

    return decorate


viewer = requires(Role.VIEWER)
viewer_or_wall = requires(Role.VIEWER, wall=True)
operator = requires(Role.OPERATOR)
engineer = requires(Role.ENGINEER)
admin = requires(Role.ADMIN)
auditor = requires(Role.AUDITOR)


def _of_request(request: HttpRequest, wall: bool) -> Access | None:
    if request.user.is_authenticated:
        found = of(request.user, request.session.get(SESSION_KEY))
        return found and _lowered(found, request.session.get(VIEW_AS_KEY))
    return of_wall(request.session.get(WALL_KEY)) if wall else None


def _lowered(access: Access, looks_as: object) -> Access:
    """The same for an admin who chose to look as a lower role; nobody gets more by it than they have."""
    if access.role != Role.ADMIN or not isinstance(looks_as, list) or looks_as[:1] != [access.network.slug]:
        return access
    role = looks_as[-1]
    if role not in Role.values or role == Role.ADMIN:
        return access
    return replace(access, role=Role(role), own_role=access.role)


def _sign_in(request: HttpRequest) -> HttpResponse:
    """Pages lead to the sign-in page, with the form that was sent; a fragment must not be replaced by one."""
    if request.headers.get("HX-Request") == "true" or _by_script(request):
        return HttpResponse("Your session has ended.", status=401, content_type="text/plain")
    if request.method == "POST" and form_keeping.keep(request):
        return redirect_to_login(reverse("dashboard:kept-form"))
    return redirect_to_login(request.get_full_path())


def _by_script(request: HttpRequest) -> bool:
    """Whether a script of the page asks; browsers that don't say so are taken for people's."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def _elsewhere(request: HttpRequest, access: Access) -> bool:
    """Whether what asks shows another network than the one that another tab has chosen since.

    A page's scripts name its network in a header, some forms in a field.
    """
    shown = {request.headers.get("X-Network")}
    if request.method == "POST":
        shown.add(request.POST.get("network"))
    return not shown <= {None, access.network.slug}


def part(
    request: HttpRequest, access: Access, template: str, context: Mapping[str, Any], title: str
) -> HttpResponse:
    """Render a fragment; to whoever follows a link to it, without a script that asked for it, as a page."""
    if request.headers.get("HX-Request") == "true":
        return page(request, access, template, context)
    alone = {"section": "", **context, "framed": template, "title": title}
    return page(request, access, "dashboard/part.html", alone)


def page(
    request: HttpRequest, access: Access, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page or fragment; templates find who is looking in ``access``."""
    return render(request, template, {"access": access, **context}, status=status)
