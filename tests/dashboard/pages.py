"""Every page of the dashboard, for the tests that look at all of them.

A room adds a function that puts something to see there and says which pages show it.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import structlog
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.test import Client

from dashboard.station.tabs import TABS
from emobi.core import clock, ulid, unit_of_work
from emobi.core.models import Network, Role
from emobi.core.services import api_keys, audit, wall_tokens
from sessions.models import MeterValue
from stations import file_store
from stations.models import (
    FirmwareImage,
    Incident,
    IncidentKind,
    IncidentRule,
    RefusedHandshake,
    Severity,
    Station,
)
from stations.services.commanding import bulk_commands
from stations.services.files import firmware_campaigns
from stations.services.incidents import handling, opening, rules
from stations.services.incidents.opening import Affected, Finding
from stations.services.ledger import exclusions, outages
from stations.services.notifications import letters, routes, telling
from stations.services.playbooks import interventions, runs, seeding
from stations.services.playbooks import playbooks as playbook_services
from stations.services.registry import maintenance_windows, registration
from tests.dashboard import troubles
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import asked, charge, exchange, fill_tabs, report, want
from webhooks.models import Attempt, Delivery, Endpoint


@dataclass(frozen=True)
class Page:
    """One page, or what opens over it."""

    path: str
    # What is done, in this order, before one looks: "key:?" presses a key, "see:" and "path:" wait for what a
    # selector or an address names, "selector => text" chooses or fills in, any other selector is clicked.
    then: tuple[str, ...] = ()
    role: str = "admin"
    # In all themes and widths; or, where other pages have its parts, in both themes or once.
    seen: Literal["everywhere", "in both themes", "once"] = "everywhere"
    status: int = 200
    # Which network is looked at, by its slug.
    network: str = "grid"
    # Whether whoever looks has just said their password once more, and what else their session knows.
    confirmed: bool = False
    session: Mapping[str, Any] = field(default_factory=dict)
    # What is answered at the path, where no address alone leads to it.
    answer: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Cast:
    """Who is there: `alpha` speaks 1.6, `bravo` 2.0.1, both are online."""

    network: Network
    alpha: Station
    bravo: Station


type Room = Callable[[Cast], Iterable[Page]]


def looker(pages: Sequence[Page]) -> Client:
    """Somebody of the role, in the network, who looks at these pages; they are the same for all of them."""
    role, network = pages[0].role, Network.objects.get(slug=pages[0].network)
    name = f"{role}-person"
    there = User.objects.filter(username=name, memberships__network=network).first()
    user = there or enlist(network, name, role)
    client = signed_in(user)
    session = client.session
    for page in pages:
        session.update(dict(page.session) | (_confirmation(user) if page.confirmed else {}))
    session.save()
    return client


def _confirmation(user: User) -> dict[str, Any]:
    """As django-allauth notes it."""
    said = {"method": "password", "at": time.time(), "reauthenticated": True}
    return {"account_authentication_methods": [said], "account_authentication_methods_user": str(user.pk)}


def stations(cast: Cast) -> Iterable[Page]:
    report(cast.alpha, "Occupied", 1, detail="Charging")
    report(cast.alpha, "Faulted", 2, error_code="GroundFailure", vendor_error_code="E-0471", info="residual")
    report(cast.bravo, "Occupied", 1)
    report(cast.bravo, "Reserved", 2)
    charge(cast.alpha)
    charge(cast.bravo, charging_state="SuspendedEV")
    charge(cast.bravo, state="ended", suspect=["its meter went back"])
    Station.objects.create(network=cast.network, identity="charlie", registration="pending")
    Station.objects.create(network=cast.network, identity="delta", connectivity="offline", ocpp_version="1.6")
    yield Page("/stations/")
    yield Page("/stations/alpha/")
    yield Page("/stations/bravo/")
    yield Page("/stations/charlie/")


def station_lists(cast: Cast) -> Iterable[Page]:
    report(cast.alpha, "Faulted", 2, error_code="GroundFailure")
    yield Page(
        "/stations/?q=nobody+drift:often",
        then=("#filters details summary", "see:#facets section:last-of-type"),
    )
    yield Page("/stations/?columns=bars,tags,profile,serial,kw&sort=kw", then=("key:j", "key:o"))
    yield Page("/stations/", then=("[data-opens=columns]", "#columns[open]"))
    yield Page("/stations/", then=(".filters details summary",))


def overview(cast: Cast) -> Iterable[Page]:
    yield Page("/")
    yield Page("/?wall=1")


def commands(cast: Cast) -> Iterable[Page]:
    charge(cast.alpha)
    yield Page("/stations/bravo/commands/reset/")
    yield Page("/stations/alpha/commands/remote_stop/", seen="once")
    yield Page("/stations/alpha/commands/get_config/")
    yield Page("/stations/bravo/commands/set_charging_profile/")
    yield Page(
        "/stations/alpha/commands/", then=("#commands a:has-text('Reset')", "#command-form", "#dialog[open]")
    )
    yield Page("/stations/bravo/", then=("key:c", "#dialog[open]"))


def all_commands(cast: Cast) -> Iterable[Page]:
    """What was asked of any station, in every state, by everybody who asks."""
    asked(cast.alpha)
    asked(cast.bravo, "remote_start", state="sent", params={"id_token": "GOOD0001", "evse_id": 1})
    asked(cast.alpha, state="accepted", seen="verified", requested_by="key:ek_9f2c")
    asked(cast.bravo, "unlock", state="accepted", seen="not_seen", requested_by="system:liveness")
    asked(cast.bravo, state="scheduled", seen="pending")
    for state in ("rejected", "failed", "unknown", "unsupported", "expired", "cancelled"):
        why = {"status": None, "reason": f"It was {state}, for a reason that takes some room to be told."}
        asked(cast.alpha, "get_config", state=state, outcome=why)
    told: dict[str, Any] = {"requested_by": "user:ada", "role": Role.ADMIN, "asked": {}}
    bulk_commands.request(cast.network, [cast.alpha], "clear_cache", {}, **told)
    bulk_commands.advance()
    seeding.seed(cast.network)
    interventions.start(cast.network.playbooks.get(slug="clear-fault"), cast.alpha, by="user:ada", evse_id=1)
    runs.advance()
    yield Page("/commands/")
    yield Page("/commands/", role="viewer", seen="once")
    yield Page("/commands/?q=state:unsuccessful+effect:odd+from:then")
    yield Page("/commands/?q=nowhere", seen="once")
    first = cast.alpha.commands.earliest("pk").pk
    yield Page(f"/stations/alpha/commands/?at={first}#{first}", seen="once")


def station_tabs(cast: Cast) -> Iterable[Page]:
    fill_tabs(cast.bravo)
    for tab in TABS:
        if tab.slug:
            yield Page(f"/stations/bravo/{tab.slug}/")
    yield Page("/stations/alpha/display-messages/")
    yield Page("/stations/alpha/configuration/")
    yield Page("/stations/bravo/charging-profiles/editor/")
    quirks = ("a:has-text('Which would help it?')", "see:div#suggested")
    yield Page("/stations/bravo/settings/", then=quirks, seen="in both themes")
    log = cast.bravo.logs.latest("pk")
    path = file_store.path(file_store.LOGS, log.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    size = path.write_bytes(b"12:00 started\n" * 40)
    cast.bravo.logs.filter(pk=log.pk).update(stored_at=clock.now(), size=size)
    yield Page(f"/stations/bravo/logs/{log.pk}/view/", seen="in both themes")
    change = "select[aria-label^='Part1.Enabled'] => false"
    look = "button:text-is('Look over the changes')"
    reviewed = ("path:/stations/bravo/configuration/review/",)
    yield Page("/stations/bravo/configuration/", then=(change, look, *reviewed), seen="in both themes")


def firmware(cast: Cast) -> Iterable[Page]:
    image = FirmwareImage.objects.create(
        id=ulid.new(), network=cast.network, version="2.0", filename="two.bin", size=7, sha256="0" * 64,
        md5="0" * 32, token="t",
    )  # fmt: skip
    by_two = firmware_campaigns.Plan(wave_size=2)
    begun = firmware_campaigns.begin(cast.network, image, ["alpha", "bravo"], by_two, by="user:ada")
    yield Page("/firmware/")
    yield Page("/firmware/", role="viewer", seen="once")
    look = "button:text-is('Look it over')"
    yield Page("/firmware/", then=(look, "path:/firmware/campaigns/begin/"), seen="once")
    yield Page(f"/firmware/campaigns/{begun.pk}/")


def playbooks(cast: Cast) -> Iterable[Page]:
    seeding.seed(cast.network)
    found = cast.network.playbooks.get(slug="clear-fault")
    run = interventions.start(found, cast.alpha, by="user:ada", evse_id=1)
    runs.advance()
    yield Page("/playbooks/")
    yield Page("/playbooks/", role="viewer", seen="once")
    yield Page("/playbooks/clear-fault/")
    yield Page("/playbooks/clear-fault/edit/")
    yield Page("/playbooks/clear-fault/json/")
    yield Page("/playbooks/clear-fault/simulate/")
    playbook_services.archive(cast.network.playbooks.get(slug="end-zombie-session"), by="user:ada")
    yield Page("/playbooks/?archived=yes")
    yield Page("/playbooks/end-zombie-session/")
    yield Page("/stations/alpha/commands/", then=("see:#pb-here",), seen="once")
    yield Page(f"/playbooks/runs/{run.pk}/", then=(".playbook-steps details summary",))


def messages(cast: Cast) -> Iterable[Page]:
    exchange(cast.alpha, "StatusNotification", {"status": "Charging", "connectorId": 1}, {})
    exchange(cast.bravo, "NotifyEvent", {}, error="NotImplemented")
    shown = exchange(cast.bravo, "Reset", {"type": "Immediate"}, {"status": "Rejected"}, sent=True)
    known = {"idTagInfo": {"status": "Accepted"}}
    authorized = exchange(cast.alpha, "Authorize", {"idTag": "04A1B2C3D4"}, known)
    yield Page("/messages/")
    yield Page("/messages/?q=result:error+latency:soon", then=("summary#m-help",))
    yield Page("/messages/?q=nowhere", seen="once")
    yield Page("/messages/live/")
    yield Page("/messages/live/?q=station:alpha+dir:in+result:error", seen="once")
    yield Page(f"/messages/{shown}/", then=("details.raw summary",))
    yield Page(f"/messages/{shown}/?diff={authorized}")
    yield Page(f"/messages/{authorized}/", then=("details.reveal summary",))


def incidents(cast: Cast) -> Iterable[Page]:
    rules.seed(cast.network)
    seeding.seed(cast.network)
    both = [Affected.from_now(each) for each in (cast.alpha, cast.bravo)]

    def opened(key: str, title: str, severity: Severity, **said: Any) -> Incident:
        said = {"affected": both[:1]} | said
        found = Finding(kind=IncidentKind.OFFLINE, key=key, severity=severity, title=title, **said)
        return opening.open_or_join(cast.network, found)

    why = {"reason": "connection closed (1006)"}
    one = opened("a", "alpha is offline", Severity.MAJOR, evidence=why, affected=both)
    new = opened("b", "38 stations offline: site Depot A", Severity.CRITICAL, group="site Depot A")
    over = opened("c", "alpha, EVSE 2 reports GroundFailure", Severity.MINOR)
    asleep = opened("d", "alpha: its clock is 2 h slow", Severity.INFO)
    handling.acknowledge(one, by="user:admin-person")
    handling.note(one, "The site was called.", by="user:admin-person")
    handling.resolve(over, by="user:admin-person", note="Fuse replaced.")
    handling.snooze(asleep, clock.now() + timedelta(hours=1), by="user:admin-person")
    rule = IncidentRule.objects.get(network=cast.network, kind="offline").pk
    yield Page("/incidents/")
    yield Page(f"/incidents/{new.pk}/", seen="in both themes")
    yield Page("/incidents/?tab=mine", seen="once")
    yield Page("/incidents/?tab=snoozed", seen="once")
    yield Page("/incidents/?tab=resolved", seen="once")
    yield Page("/incidents/?q=nothing", seen="once")
    yield Page("/incidents/", role="viewer", seen="once")
    yield Page(f"/incidents/{one.pk}/")
    yield Page(f"/incidents/{over.pk}/")
    yield Page("/incidents/rules/")
    yield Page(f"/incidents/rules/{rule}/", then=("button:text-is('Try on the last 7 days')",))
    yield Page(f"/incidents/rules/{rule}/", role="viewer", seen="once")


def charging(cast: Cast) -> Iterable[Page]:
    now = clock.wall()
    runs = charge(cast.alpha, started_at=now - timedelta(minutes=30))
    phases = [
        {"measurand": "Current.Import", "phase": phase, "value": 31.0, "unit": "A"}
        for phase in ("L1", "L2", "L3")
    ]
    for minute in range(30):
        at = now - timedelta(minutes=30 - minute)
        MeterValue.objects.create(
            station=cast.alpha, session=runs.pk, evse_id=1, at=at, received_at=at, samples=phases,
            context="Sample.Periodic", power_w=148_000 - minute * 3000, soc_percent=20 + minute * 2,
        )  # fmt: skip
    over = charge(
        cast.bravo, state="ended", ended_at=now, reason="EVDisconnected", suspect=["its meter went back"]
    )
    yield Page("/sessions/")
    yield Page("/sessions/?q=flag:zero+state:odd")
    yield Page(f"/sessions/{runs.pk}/", then=("details.plot-table summary",))
    yield Page(f"/sessions/{over.pk}/")


def onboarding(cast: Cast) -> Iterable[Page]:
    registration.register(cast.network, "CP-7", security_profile=1)
    now = clock.wall()
    for identity, reason in (("CP-7", "wrong password"), ("CP_7", "unknown station")):
        RefusedHandshake.objects.create(
            network=cast.network, network_slug=cast.network.slug, identity=identity,
            remote_address="203.0.113.7", reason=reason, status=401,
            detail="Did somebody paste a space?", first_at=now, last_at=now,
        )  # fmt: skip
    Station.objects.create(network=cast.network, identity="stray", registration="pending")
    yield Page("/connect/")
    yield Page("/connect/", role="viewer", seen="once")
    yield Page("/connect/stations/CP-7/")
    yield Page("/connect/stations/alpha/")


def frame(cast: Cast) -> Iterable[Page]:
    yield Page("/stations/", then=("key:?",))
    # Where the open menu covers nothing: half a button behind it would be a small one.
    yield Page("/stations/alpha/", then=("details.menu summary",))
    yield Page("/stations/", then=("[data-palette]", "#palette[open]"))
    yield Page("/sign-in/", role="")
    yield Page("/nowhere/", status=404)
    yield Page("/stations/alpha/", role="viewer")


def reports(cast: Cast) -> Iterable[Page]:
    report(cast.bravo, "Available", 1)
    report(cast.bravo, "Faulted", 1, error_code="GroundFailure")
    charge(cast.bravo, state="ended", reason="Local", meter_stop_wh=9000)
    outages.advance_all()
    now = clock.now()
    exclusions.add(
        cast.bravo, evse_id=1, from_at=now - timedelta(hours=2), to_at=now, reason="Grid.", by="user:ada"
    )
    yield Page("/reports/")
    yield Page("/reports/stations/bravo/")
    yield Page("/reports/stations/bravo/", role="viewer", seen="once")
    yield Page("/reports/?from=2026-05-01&to=2026-04-30", status=422, seen="once")


def webhooks(cast: Cast) -> Iterable[Page]:
    endpoint = Endpoint.objects.create(
        id=ulid.new(), network=cast.network, url="https://tickets.example.org/", types=["*"], fanned_out_to=0
    )
    report(cast.alpha, "Faulted", 1, error_code="GroundFailure")
    now, event = clock.now(), cast.network.events.latest("sequence")
    dead = Delivery.objects.create(
        endpoint=endpoint, event=event, sequence=event.sequence, station="alpha", type=event.type,
        state="dead", next_attempt_at=now, created_at=now, ended_at=now,
    )  # fmt: skip
    Attempt.objects.create(delivery=dead, at=now, url=endpoint.url, status=503, duration_ms=12)
    yield Page("/webhooks/")
    yield Page(f"/webhooks/{endpoint.pk}/")
    yield Page(f"/webhooks/{endpoint.pk}/", role="viewer", seen="once")
    since = f"#r-since => {clock.now() - timedelta(days=1):%Y-%m-%dT%H:%M}"
    look, there = "button:text-is('Dead letters')", f"path:/webhooks/{endpoint.pk}/replay/"
    yield Page(f"/webhooks/{endpoint.pk}/", then=(since, look, there), seen="once")
    yield Page(f"/webhooks/{endpoint.pk}/edit/", seen="in both themes")
    yield Page("/webhooks/new/")
    yield Page(f"/webhooks/deliveries/{dead.pk}/")


def settings(cast: Cast) -> Iterable[Page]:
    api_keys.create(cast.network, "viewer", "Billing", by="user:ada")
    wall_tokens.create(cast.network, "Hall", by="user:ada")
    yield Page("/settings/profile/")
    yield Page("/settings/users/", then=("details.menu summary:has-text('Change')",))
    yield Page("/settings/keys/", then=("td details.menu summary",))
    yield Page("/settings/system/")
    yield Page("/settings/about/")
    want(cast.alpha)
    template = cast.network.configuration_templates.get()
    maintenance_windows.plan(
        cast.network, identities=["alpha", "bravo"], begins_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=1), reason="A new meter.", by="user:ada",
    )  # fmt: skip
    yield Page("/settings/maintenance/", seen="in both themes")
    yield Page("/settings/templates/")
    yield Page("/settings/templates/new/", seen="in both themes")
    yield Page(f"/settings/templates/{template.pk}/")
    yield Page(f"/settings/templates/{template.pk}/edit/", seen="in both themes")
    with structlog.contextvars.bound_contextvars(request_id=ulid.new()), unit_of_work.begin():
        where = "2001:db8:1234:5678:9abc:def0:1234:5678"
        audit.record(cast.network.pk, "user:ada", "station.changed", "alpha", {"reason": "Moved."}, where)
    yield Page("/audit/")
    yield Page("/audit/?actor=nobody", seen="once")
    yield Page("/account/second-factor/")
    yield Page("/account/password/")
    yield Page("/account/confirm/")


def notifications(cast: Cast) -> Iterable[Page]:
    fields = {"name": "On call", "recipients": ["noc@example.org"], "severities": ["critical"]}
    made = routes.create(cast.network, fields, by="user:ada")
    telling.try_out(made, by="user:ada")
    letters.compose_all()
    letters.send_all()
    yield Page("/settings/notifications/")
    yield Page(f"/settings/notifications/{made.pk}/")


def bulk(cast: Cast) -> Iterable[Page]:
    begun = bulk_commands.request(
        cast.network, [cast.alpha, cast.bravo], "clear_cache", {}, requested_by="user:ada", role=Role.ADMIN,
        asked={},
    )  # fmt: skip
    bulk_commands.advance()
    chosen = ("button[data-bulk]", "path:/bulk/new/")
    yield Page("/bulk/", seen="in both themes")
    yield Page(f"/bulk/{begun.pk}/", seen="in both themes")
    yield Page("/stations/", then=("key:j", "key:x", *chosen), seen="in both themes")
    # What was selected still is.
    formed = (*chosen, ".command-list button:text-is('Reset')", "see:.bulk-form")
    yield Page("/stations/", then=formed, seen="in both themes")


def accounts(cast: Cast) -> Iterable[Page]:
    """How one signs in: with a second factor (engineer), without (auditor), by a passkey alone (viewer)."""
    with_codes = enlist(cast.network, "engineer-person", "engineer")
    TOTP.activate(with_codes, generate_totp_secret())
    RecoveryCodes.activate(with_codes)
    key = Authenticator.objects.create(
        user=with_codes, type="webauthn", data={"name": "Key", "credential": {}}
    )
    by_passkey_alone = enlist(cast.network, "viewer-person", "viewer")
    by_passkey_alone.set_unusable_password()
    by_passkey_alone.save()
    kept = {"to": "/stations/alpha/settings/save/", "fields": [["site", "Depot A"]], "files": ["a.pem"]}
    late = {"kept_form": kept | {"at": clock.iso(clock.wall())}}
    for path in (
        "", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "webauthn/",
        f"webauthn/keys/{key.pk}/edit/", f"webauthn/keys/{key.pk}/remove/",
    ):  # fmt: skip
        yield Page(f"/account/second-factor/{path}", role="engineer", confirmed=True, seen="in both themes")
    yield Page("/account/second-factor/totp/activate/", role="auditor", confirmed=True, seen="in both themes")
    yield Page("/account/second-factor/webauthn/add/", role="auditor", confirmed=True, seen="in both themes")
    yield Page("/kept-form/", role="auditor", session=late, seen="in both themes")
    yield Page("/signed-in/", role="auditor", seen="in both themes")
    yield Page("/account/password/first/", role="viewer", confirmed=True, seen="in both themes")
    yield Page("/account/inactive/", role="", seen="in both themes")
    yield Page("/wall/none/", role="", status=404, seen="in both themes")
    enlist(cast.network, "tessa", "operator")
    yield Page(
        "/account/second-factor/authenticate/", role="", seen="in both themes", answer=troubles.second_step
    )


def trouble(cast: Cast) -> Iterable[Page]:
    for status, answer in troubles.ANSWERS:
        yield Page("/trouble/", role="", status=status, seen="in both themes", answer=answer)
    yield Page("/audit/", role="viewer", status=403, seen="in both themes")


def nothing_yet(cast: Cast) -> Iterable[Page]:
    """Every list of a network in which nothing has ever been."""
    Network.objects.create(slug="bare", name="Bare")
    for path in (
        "", "?wall=1", "stations/", "sessions/", "messages/", "messages/live/", "incidents/",
        "incidents/rules/", "commands/", "playbooks/", "firmware/", "webhooks/", "reports/", "bulk/",
        "audit/", "connect/", "settings/keys/", "settings/notifications/",
    ):  # fmt: skip
        yield Page(f"/{path}", network="bare", seen="once")


ROOMS: tuple[Room, ...] = (
    stations,
    station_lists,
    overview,
    commands,
    all_commands,
    station_tabs,
    firmware,
    playbooks,
    messages,
    incidents,
    reports,
    webhooks,
    charging,
    onboarding,
    notifications,
    frame,
    settings,
    bulk,
    accounts,
    trouble,
    nothing_yet,
)
