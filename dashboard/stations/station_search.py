"""Which stations a search finds: what each token means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Abs

from dashboard import search_words
from dashboard.search_words import Search, Token
from dashboard.stations import station_incidents
from emobi.core import clock
from emobi.core import selectors as core
from emobi.core.events import StationConnected
from emobi.core.models import Event, Network
from sessions.models import ChargingSession, SessionState
from stations import capable, drift_reading
from stations.commands import catalogue
from stations.models import (
    Availability,
    Connectivity,
    Connector,
    InstalledCertificate,
    Severity,
    SigningRequest,
    SigningState,
    Station,
    Watch,
)

FLAPS_WITHIN = timedelta(days=1)
TEXT_FIELDS = ("identity", "name", "vendor", "model", "serial_number", "site")

_STATUSES = {each.value.lower(): each for each in Availability}
_CONNECTIVITY = {each.value: each for each in Connectivity}
_DETAILS = {
    "preparing": ("Preparing", "EVConnected"),
    "suspended": ("SuspendedEV", "SuspendedEVSE"),
    "finishing": ("Finishing", "Idle"),
}


@dataclass(slots=True)
class Found:
    """What a search comes to: a condition, and in words what of it wasn't understood."""

    condition: Q = field(default_factory=Q)
    problems: list[str] = field(default_factory=list)


class Misread(Exception):
    """A token's value can't be read; says in words what it should be."""


def read(network: Network, written: str) -> tuple[Search, Found]:
    """Read a search; what can't be read narrows nothing, and is told."""
    search = search_words.parse(written, KEYS)
    found = Found()
    if search.text:
        found.condition &= Q(*[(f"{name}__icontains", search.text) for name in TEXT_FIELDS], _connector=Q.OR)
    for key in dict.fromkeys(token.key for token in search.tokens):
        same = list(search.of(key))
        of_key = Q()
        try:
            for token in same:
                # Of the same key any will do; limits from both sides hold together.
                met = KEYS[key](network, token)
                of_key = of_key & met if token.sign else of_key | met
        except Misread as error:
            found.problems.append(str(error))
        else:
            found.condition &= of_key
    return search, found


def charges() -> Q:
    """Stations that say so, and those where a session says so."""
    says_so = Connector.objects.filter(station=OuterRef("pk"), evse_id__gt=0, detail="Charging")
    flows = ChargingSession.objects.filter(
        station=OuterRef("pk"), state=SessionState.ACTIVE, charging_state="Charging"
    )
    return Q(Exists(says_so)) | Q(Exists(flows))


def has_connector(condition: Q) -> Q:
    """Stations one of whose connectors is like that."""
    return Q(Exists(Connector.objects.filter(condition, station=OuterRef("pk"), evse_id__gt=0)))


def _status(network: Network, token: Token) -> Q:
    wanted = token.value.lower()
    if wanted == "charging":
        return charges()
    if wanted in _CONNECTIVITY:
        return Q(connectivity=_CONNECTIVITY[wanted])
    if wanted in _DETAILS:
        running = ChargingSession.objects.filter(
            station=OuterRef("pk"), state=SessionState.ACTIVE, charging_state__in=_DETAILS[wanted]
        )
        return has_connector(Q(detail__in=_DETAILS[wanted])) | Q(Exists(running))
    if wanted == "faulted":
        # A fault of the station itself is one, too.
        return Q(Exists(Connector.objects.filter(station=OuterRef("pk"), status=Availability.FAULTED)))
    if wanted in _STATUSES:
        return has_connector(Q(status=_STATUSES[wanted]))
    raise Misread(f"status:{token.value} is no status; try faulted, charging, available or offline")


def _connection(network: Network, token: Token) -> Q:
    wanted = _CONNECTIVITY.get(token.value.lower())
    if wanted is None:
        raise Misread(f"connection:{token.value} isn't one of {', '.join(_CONNECTIVITY)}")
    return Q(connectivity=wanted)


def _text(name: str) -> Callable[[Network, Token], Q]:
    def condition(network: Network, token: Token) -> Q:
        if token.value.endswith("*"):
            return Q(**{f"{name}__istartswith": token.value[:-1]})
        return Q(**{f"{name}__iexact": "" if token.value == "none" else token.value})

    return condition


def _firmware(network: Network, token: Token) -> Q:
    """A network has few versions: they are compared here, as people read them."""
    if token.value == "behind":
        return _behind(network)
    if not token.sign:
        return _text("firmware_version")(network, token)
    wanted = search_words.version_key(token.value)
    known = Station.objects.filter(network=network).exclude(firmware_version="")
    fitting = [
        version
        for version in known.order_by().values_list("firmware_version", flat=True).distinct()
        if (key := search_words.version_key(version)) != wanted and (key < wanted) == (token.sign == "<")
    ]
    return Q(firmware_version__in=fitting)


def _behind(network: Network) -> Q:
    """Older than the newest that another station of the same model runs."""
    known = Station.objects.filter(network=network).exclude(firmware_version="").order_by()
    of_model: dict[tuple[str, str], set[str]] = {}
    for vendor, model, version in known.values_list("vendor", "model", "firmware_version").distinct():
        of_model.setdefault((vendor, model), set()).add(version)
    behind = Q(pk__in=[])
    for (vendor, model), versions in of_model.items():
        newest = max(map(search_words.version_key, versions))
        older = [version for version in versions if search_words.version_key(version) != newest]
        if older:
            behind |= Q(vendor=vendor, model=model, firmware_version__in=older)
    return behind


def _protocol(network: Network, token: Token) -> Q:
    return Q(ocpp_version__startswith=token.value.lower().removeprefix("ocpp").removesuffix("j"))


def _tag(network: Network, token: Token) -> Q:
    return Q(tags=[]) if token.value == "none" else Q(tags__contains=[token.value])


def _profile(network: Network, token: Token) -> Q:
    if not (token.value.isascii() and token.value.isdigit() and len(token.value) == 1):
        raise Misread(f"profile:{token.value} isn't a security profile, 0 to 3")
    wanted = Q(security_profile=int(token.value))
    return wanted | Q(security_profile=None) if network.security_profile == int(token.value) else wanted


def _offline(network: Network, token: Token) -> Q:
    return Q(connectivity=Connectivity.OFFLINE) & _aged("connectivity_since", token)


def _seen(network: Network, token: Token) -> Q:
    return _aged("connection__last_heard_at", token)


def _aged(name: str, token: Token) -> Q:
    length = _duration(token)
    return Q(**{f"{name}__{'gt' if token.sign == '<' else 'lte'}": clock.wall() - length})


def _drift(network: Network, token: Token) -> Q:
    """Of the configuration against templates, or of the clock."""
    if token.value.lower() in ("yes", "no"):
        drifted = Q(pk__in=list(drift_reading.counts(network)))
        return drifted if token.value.lower() == "yes" else ~drifted
    seconds = _duration(token).total_seconds()
    return Q(pk__in=_skewed(network, seconds, less=token.sign == "<"))


def _skewed(network: Network, seconds: float, *, less: bool) -> QuerySet[Station]:
    skew = Station.objects.filter(network=network).annotate(skew=Abs(F("clock_skew_s")))
    found = skew.filter(skew__lt=seconds) if less else skew.filter(skew__gte=seconds)
    return found.only("pk")


def _certificate(network: Network, token: Token) -> Q:
    """One that ends within that time, or has ended: the station listed it, or had it signed by us."""
    until = clock.wall() + _duration(token)
    listed = InstalledCertificate.objects.filter(station=OuterRef("pk"))
    signed = SigningRequest.objects.filter(station=OuterRef("pk"), state=SigningState.INSTALLED)
    compare = "gt" if token.sign == ">" else "lte"
    return Q(Exists(listed.filter(**{f"not_after__{compare}": until}))) | Q(
        Exists(signed.filter(**{f"not_after__{compare}": until}))
    )


def _is(network: Network, token: Token) -> Q:
    match token.value.lower():
        case "maintenance":
            return Q(maintenance=True)
        case "pending" | "rejected" | "accepted" as registration:
            return Q(registration=registration)
        case other:
            raise Misread(f"is:{other} isn't maintenance, pending, rejected or accepted")


def _incidents(network: Network, token: Token) -> Q:
    """How many are unresolved, or one of that severity."""
    unresolved = station_incidents.unresolved().filter(station=OuterRef("pk"))
    if token.value.lower() in Severity.values:
        return Q(Exists(unresolved.filter(incident__severity=token.value.lower())))
    if not (token.value.isascii() and token.value.isdigit() and len(token.value) < 4):
        severities = ", ".join(Severity.values)
        raise Misread(f"incidents:{token.value} is neither a number nor a severity: {severities}")
    number, compare = int(token.value), {"<": "lt", ">": "gt", "": "exact"}[token.sign]
    counted = unresolved.values("station").annotate(incidents=Count("incident", distinct=True))
    fitting = Q(Exists(counted.filter(**{f"incidents__{compare}": number})))
    has_none_and_fits = (token.sign == "<" and number > 0) or (token.sign == "" and number == 0)
    return fitting | ~Q(Exists(unresolved)) if has_none_and_fits else fitting


def _can(network: Network, token: Token) -> Q:
    """What a command asks for: seen to work, or claimed."""
    wanted = token.value.lower()
    if wanted not in catalogue.ENTRIES:
        near = ", ".join(name for name in catalogue.ENTRIES if wanted[:4] in name) or "reserve, set_config"
        raise Misread(f"can:{token.value} is no command's name; try {near}")
    return capable.condition(network, catalogue.entry(wanted))


def _watched(network: Network, token: Token) -> Q:
    """By somebody, by their login."""
    stars = Watch.objects.filter(station=OuterRef("pk"), user__username__iexact=token.value)
    return Q(Exists(stars))


def _flaps(network: Network, token: Token) -> Q:
    """Connections opened in the last day."""
    if not (token.value.isascii() and token.value.isdigit() and len(token.value) < 6):
        raise Misread(f"flaps:{token.value} isn't a number of connections in a day")
    since = core.sequence_at(network, clock.wall() - FLAPS_WITHIN)
    opened = Event.objects.filter(network=network, type=StationConnected.type, sequence__gt=since)
    counted = opened.order_by().values("station").annotate(times=Count("*"))
    compare = {"<": "lt", ">": "gt", "": "gte"}[token.sign]
    return Q(identity__in=counted.filter(**{f"times__{compare}": int(token.value)}).values("station"))


def _duration(token: Token) -> timedelta:
    found = search_words.duration(token.value)
    if found is None:
        raise Misread(f"{token.key}:{token.sign}{token.value} isn't a time such as 15m, 2h or 30d")
    return found


KEYS: Mapping[str, Callable[[Network, Token], Q]] = {
    "status": _status,
    "connection": _connection,
    "site": _text("site"),
    "vendor": _text("vendor"),
    "model": _text("model"),
    "fw": _firmware,
    "proto": _protocol,
    "tag": _tag,
    "profile": _profile,
    "offline": _offline,
    "seen": _seen,
    "drift": _drift,
    "cert": _certificate,
    "is": _is,
    "flaps": _flaps,
    "incidents": _incidents,
    "watched": _watched,
    "can": _can,
}
