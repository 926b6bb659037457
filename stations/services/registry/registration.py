"""Stations come into a network, boot, and are accepted, kept waiting or rejected."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Network
from emobi.core.services import audit
from stations.models import Connection, Registration, Station
from stations.reports import BootReport, VariableReport
from stations.services.commanding import following
from stations.services.commanding.awaited import Effect
from stations.services.device_model import boots, changeable, evse_resets, inventories, monitors, variables
from stations.services.device_model.boots import Boot
from stations.services.incidents import departures
from stations.services.ledger import outages
from stations.services.presence import connections
from stations.services.registry import deviations, model_quirks
from stations.services.trust import credentials, security_events

LONGEST_IDENTITY = 48

# A station that boots again and again and says nothing new is told of once in this time (quirk 35).
TOLD_EVERY = timedelta(minutes=5)

# BootReasonEnumType of a BootNotification that follows no boot, but a TriggerMessage.
TRIGGERED = "Triggered"

# Strangers that a network lists while they wait for an operator: whoever finds the port can make them up.
MOST_STRANGERS = 1000


def register(
    network: Network,
    identity: str,
    *,
    password: str | None = None,
    security_profile: int | None = None,
    by: str = "system:setup",
    address: str | None = None,
    **changes: object,
) -> tuple[Station, str | None]:
    """Register a station, accepted; also return its password, once, where it has one.

    A password is made where none is given, for both versions of OCPP, unless security profile 0 is asked for:
    where it is only what the network asks for, a station may have more. Security profile 3 uses none.

    Args:
        network: Its network.
        identity: What its URL will end in.
        password: 16 to 40 characters; None: make one.
        security_profile: The lowest it may connect with; None: as the network says.
        by: Who does it, as in the audit log.
        address: Where the request came from.
        changes: Anything else that `change` takes.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If the network has a station of that identity; identities differ in more than case.
    """
    check_identity(identity)
    columns = changeable.columns({"security_profile": security_profile} | changes)
    station = Station(network=network, identity=identity, **columns)
    if password is None and security_profile != 0 and station.profile != 3:
        password = credentials.generate()
    if password is not None:
        station.password_hash = changeable.columns({"password": password})["password_hash"]
    with unit_of_work.begin():
        _insert(station)
        audit.record(network.pk, by, "station.created", identity, {"profile": station.profile}, address)
    return station, password


def adopt_unknown(network: Network, identity: str, password: bytes | None) -> Station:
    """List a station that nobody registered as pending; the password that it presented first is kept.

    For networks with ``auto_register``: an operator decides later whether it is one of theirs.

    Raises:
        Invalid: If the identity can't be one.
        Conflict: If it has been listed meanwhile, or too many wait already.
    """
    check_identity(identity)
    if Station.objects.filter(network=network, registration=Registration.PENDING).count() >= MOST_STRANGERS:
        raise Conflict("Too many unknown stations wait for an operator.")
    station = Station(network=network, identity=identity, registration=Registration.PENDING)
    if password:
        station.password_hash = credentials.hashed(password)
    with unit_of_work.begin():
        _insert(station)
        audit.record(network.pk, "system:gateway", "station.adopted", identity)
    return station


def boot(station: Station, report: BootReport) -> Registration:
    """Take note of a BootNotification; return what it is to be answered.

    Idempotent: a boot that says nothing new and comes within `TOLD_EVERY` of the one that was told last is
    not told again, unless we asked for a reset in between. What the station left out keeps its last known
    value.
    """
    found = boots.of(station)
    locked = found.station
    registration = Registration(locked.registration)
    now = clock.now()
    columns: dict[str, object] = dict(_facts(locked, report))
    is_new = any(getattr(locked, name) != value for name, value in columns.items())
    is_unread = locked.booted_at is None or inventories.is_another(locked, columns)
    if is_new:
        columns["model_quirks"] = _model_quirks(locked, columns)
    if is_new or locked.booted_at is None or now - locked.booted_at > TOLD_EVERY or _was_reset(found):
        columns["booted_at"] = now
        _tell(station, registration, report)
    if report.reason != TRIGGERED:
        _tell_followers(station, report)
    has_booted = _is_boot(found, report)
    if has_booted:
        if found.waits:
            variables.booted(station)
        variables.store(station, _meter(report))
    if registration == Registration.ACCEPTED:
        columns["negotiated_heartbeat_s"] = locked.heartbeat_s
    columns["told_registration"] = registration
    if any(getattr(locked, name) != value for name, value in columns.items()):
        boots.change(locked)
    for name, value in columns.items():
        setattr(locked, name, value)
        setattr(station, name, value)
    station.registration, station.heartbeat_interval_s = locked.registration, locked.heartbeat_interval_s
    # What it is asked now depends on what it is told with this.
    if has_booted and found.is_monitored:
        monitors.booted(locked)
    if registration == Registration.ACCEPTED and is_unread and locked.network.reads_device_model:
        inventories.ask(locked)
    return registration


def set_registration(station: Station, registration: str, *, by: str, address: str | None = None) -> None:
    """Decide what the station's next BootNotification is answered."""
    change(station, {"registration": registration}, by=by, address=address)


def change(station: Station, changes: Mapping[str, object], *, by: str, address: str | None = None) -> None:
    """Change what an operator may change of a station (`changeable.FIELDS`), all or nothing.

    Raises:
        Invalid: If a value can't be taken, or there is no such field to change.
    """
    columns = changeable.columns(changes)
    with unit_of_work.begin() as work:
        station.refresh_from_db(from_queryset=Station.objects.select_for_update(no_key=True))
        if columns.get("registration", station.registration) != station.registration:
            # So that the next boot is told, whatever it says.
            columns["booted_at"] = None
        before = {name: getattr(station, name) for name in columns}
        for name, value in columns.items():
            setattr(station, name, value)
        station.save(update_fields=columns)
        detail = {
            name: "changed" if name == "password" else {"from": before[name], "to": columns[name]}
            for name in changes
        }
        audit.record(station.network_id, by, "station.changed", station.identity, detail, address)
        work.nudge(f"live.{station.network_id}", station.identity)


def unregister(station: Station, *, by: str, address: str | None = None) -> None:
    """Delete the station and all that hangs on it; whether that may be is for the caller to know.

    Its security events are kept for ever: they go into the audit log.
    """
    with unit_of_work.begin() as work:
        connection = Connection.objects.filter(station=station, closed_at=None).first()
        if connection is not None:
            connections.let_go(connection)
        audit.record(station.network_id, by, "station.deleted", station.identity, address=address)
        security_events.keep(station, by=by)
        work.nudge(f"live.{station.network_id}", station.identity)
        outages.end_all(station)
        departures.station_leaves(station)
        Station.objects.filter(pk=station.pk).delete()


def _insert(station: Station) -> None:
    try:
        with transaction.atomic():
            station.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            f"There is a station {station.identity} already; identities differ in more than case."
        ) from error


def check_identity(identity: str) -> None:
    """Whether it can stand in a URL and in front of a password (OCPP 2.0.1 part 4, section 3.1.1).

    Raises:
        Invalid: If not.
    """
    if not 1 <= len(identity) <= LONGEST_IDENTITY:
        raise Invalid(f"An identity has 1 to {LONGEST_IDENTITY} characters.", "identity")
    if ":" in identity or "/" in identity:
        raise Invalid('An identity holds no ":" and no "/".', "identity")
    if not identity.isprintable() or identity != identity.strip():
        raise Invalid("An identity holds no control characters, and no space at its ends.", "identity")
    if identity in (".", ".."):
        raise Invalid('"." and ".." mean something else in a URL.', "identity")


def _facts(station: Station, report: BootReport) -> dict[str, str]:
    """What the station said, by column, as long as the columns are."""
    said = {
        "vendor": report.vendor,
        "model": report.model,
        "serial_number": report.serial_number,
        "firmware_version": report.firmware_version,
        "iccid": report.iccid,
        "imsi": report.imsi,
        # A boot that we asked to be told of is none; why the station last booted still holds.
        "boot_reason": report.reason if report.reason != TRIGGERED else None,
    }
    if station.profile == 3 and station.serial_number:
        # With profile 3 the serial number is what its certificate has to name: an operator's to change.
        del said["serial_number"]
    limits = {"boot_reason": 50}
    return {name: value[: limits.get(name, 255)] for name, value in said.items() if value is not None}


def _model_quirks(station: Station, said: Mapping[str, object]) -> dict[str, object]:
    """Those of what the station says by now that it is."""
    names = ("vendor", "model", "firmware_version")
    vendor, model, firmware_version = (str(said.get(name, getattr(station, name))) for name in names)
    return model_quirks.of(station.network_id, vendor, model, firmware_version)


def _is_boot(found: Boot, report: BootReport) -> bool:
    """Whether the station has booted, and didn't just tell what it was asked for. 1.6 doesn't say."""
    return not found.was_triggered if report.reason is None else report.reason != TRIGGERED


def _tell_followers(station: Station, report: BootReport) -> None:
    """A boot within minutes of a reset and for another reason may be that reset all the same: some say so."""
    said = {"reason": report.reason, "firmware_version": report.firmware_version}
    if following.seen(station, Effect.BOOT, **said):
        odd = deviations.Found("reason", "boot reason", f"{report.reason} within minutes of a Reset")
        deviations.note(station, "BootNotification", [odd])
    evse_resets.booted(station, report.reason)


def _meter(report: BootReport) -> list[VariableReport]:
    """What a station of 1.6 says of its main meter, where 2.0.1 has it: in the device model."""
    said = (("SerialNumber", report.meter_serial_number), ("Model", report.meter_type))
    return [
        VariableReport(component="FiscalMetering", variable=name, value=value, mutability="ReadOnly")
        for name, value in said
        if value is not None
    ]


def _was_reset(found: Boot) -> bool:
    """Whether it was told to reset since the boot that was told last, and didn't refuse.

    2.0.1 says so itself, by its reason; 1.6 boots after a reset as it always does.
    """
    booted_at = found.station.booted_at
    return found.reset_at is not None and booted_at is not None and found.reset_at > booted_at


def _tell(station: Station, registration: Registration, report: BootReport) -> None:
    if registration == Registration.REJECTED:
        return
    kind = events.StationBooted if registration == Registration.ACCEPTED else events.StationPending
    told = kind(
        vendor=report.vendor,
        model=report.model,
        serial_number=report.serial_number,
        firmware_version=report.firmware_version,
        reason=report.reason,
        iccid=report.iccid,
        imsi=report.imsi,
        received_at=clock.now(),
    )
    events.record(station.subject, told)
