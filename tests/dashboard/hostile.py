"""A network in which all that chargers, drivers and receivers say is an attack, and who finds it out."""

import json
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db.models import CharField, JSONField, Model

from emobi.core import unit_of_work
from emobi.core.models import Network
from emobi.core.services import audit
from stations.models import Station
from tests.dashboard.state import asked, charge, exchange, report, suffer

# What each column begins with, as far as it is long enough: a way out of an attribute, handlers, elements.
LONG = (
    "javascript:alert(1)//\"'><b onclick=alert(1) hx-get=/sign-out/ hx-trigger=load>"
    "{{ 7|add:7 }}{% now 'U' %}<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m=1+1"
)
SHORT = "\"'><b onclick=1>"
# By model, what others than our people write.
SAID: Mapping[str, Sequence[str]] = {
    "stations.Station": (
        "vendor", "model", "firmware_version", "serial_number", "iccid", "imsi", "boot_reason",
        "firmware_status", "log_status", "site",
    ),
    "stations.Connector": ("detail", "error_code", "vendor_error_code", "info", "type", "problems"),
    "stations.Frame": ("error_code", "note"),
    "stations.Variable": ("component", "component_instance", "variable", "value", "characteristics"),
    "stations.Monitor": ("component", "variable", "type"),
    "stations.MonitoredEvent": ("trigger", "component", "variable", "actual_value", "detail"),
    "stations.SecurityEventEntry": ("type", "tech_info"),
    "stations.Deviation": ("action", "path", "rule", "detail"),
    "stations.DisplayMessage": ("priority", "state", "format", "language", "content", "transaction_id"),
    "stations.InstalledCertificate": ("serial_number", "subject", "hash_algorithm", "issuer_name_hash"),
    "stations.SigningRequest": ("common_name", "organization", "key_type", "reason", "serial_number"),
    "stations.StationLog": ("type", "filename", "status"),
    "stations.FirmwareStep": ("status",),
    "stations.FirmwareImage": ("version", "vendor", "model", "note"),
    "stations.NetworkProfile": ("ocpp_csms_url", "ocpp_interface", "ocpp_transport", "apn", "vpn"),
    "stations.Connection": ("close_reason", "remote_address", "tls_version"),
    "stations.RefusedHandshake": ("identity", "reason", "detail", "remote_address"),
    "stations.Reservation": ("id_token", "id_token_type", "group_id_token", "connector_type"),
    "stations.Incident": ("title", "summary", "group", "evidence"),
    "stations.IncidentEntry": ("detail",),
    "stations.BulkTarget": ("refusal",),
    "stations.Command": ("params",),
    "stations.PlaybookRun": ("reason",),
    "stations.RunStep": ("message", "outputs"),
    "stations.Notification": ("subject", "text"),
    "stations.Letter": ("subject", "error"),
    "charging.ChargingSession": ("id_token", "transaction_id", "reason", "charging_state", "suspect"),
    "webhooks.Attempt": ("error", "response_body", "response_headers"),
}  # fmt: skip


def furnish(network: Network) -> None:
    """Have everything say it that is there; and a station of that name with all that one has."""
    for label, columns in SAID.items():
        model = apps.get_model(label)
        for number, row in enumerate(model._default_manager.all()):
            model._default_manager.filter(pk=row.pk).update(
                **{name: _said(model, name, getattr(row, name), number) for name in columns}
            )
    Station.objects.update(tags=[LONG])
    called = Station.objects.create(network=network, identity=SHORT, connectivity="online", vendor=LONG)
    report(called, "Faulted", error_code=LONG[:50], vendor_error_code=LONG, info=LONG)
    charge(called, id_token=LONG, transaction_id=LONG[:64], reason=LONG[:40], suspect=[LONG])
    boots = {"state": "pending", "detail": {"other_boots": [{"reason": LONG}]}}
    answered = {"status": LONG, "reason": LONG, "detail": {LONG: LONG}, "verification": boots}
    asked(called, state="rejected", params={LONG: LONG}, outcome=answered, requested_by=LONG[:200])
    suffer(called, title=LONG[:200], summary=LONG, evidence={"reason": LONG})
    exchange(called, LONG, {LONG: LONG}, error=LONG)
    with unit_of_work.begin():
        audit.record(
            network.pk, "user:ada", "station.changed", LONG[:255], {"reason": LONG, "before": {LONG: LONG}}
        )


def _said(model: type[Model], name: str, now: Any, number: int) -> Any:
    column = model._meta.get_field(name)
    if isinstance(column, JSONField):
        return _in_json(now)
    most = column.max_length if isinstance(column, CharField) and column.max_length else 5000
    suffix = str(number)  # for what has to be unique
    return (LONG if most > 40 else SHORT)[: most - len(suffix)] + suffix


def _in_json(now: Any) -> Any:
    """The same, with every text in it replaced, and one more where there is none."""
    if isinstance(now, dict):
        return {name: _in_json(each) for name, each in now.items()} | {LONG: LONG}
    if isinstance(now, list):
        return [_in_json(each) for each in now] or [LONG]
    return now if isinstance(now, int | float | bool) else LONG


class Reader(HTMLParser):
    """Reads a page as a browser would; ``harm`` is what would run, load or be asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.harm: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at its attributes."""
        self._in = tag
        for name, value in attrs:
            leads = (value or "").strip().lower()
            runs = leads.startswith("javascript:") and name in ("href", "src", "action")
            asks = leads.startswith("/sign-out") and name.startswith("hx-")
            loads = leads == "x" and tag == "img"
            if name.startswith("on") or runs or asks or loads:
                self.harm.append(self.get_starttag_text() or tag)

    def handle_data(self, data: str) -> None:
        """Look at scripts."""
        if self._in == "script" and "alert(1)" in data and not _is_json(data):
            self.harm.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Outside again."""
        self._in = ""


def _is_json(data: str) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def harm(html: str) -> list[str]:
    """What of a page would do something."""
    reader = Reader()
    reader.feed(html)
    return reader.harm
