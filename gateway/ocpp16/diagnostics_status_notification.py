"""DiagnosticsStatusNotification (OCPP 1.6, section 4.4): an upload of diagnostics moves on."""

from collections.abc import Mapping

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import ProgressReport
from stations.services.commanding import progress

# DiagnosticsStatus → UploadLogStatusEnumType, where they differ.
STATUSES: Mapping[str, str] = {"UploadFailed": "UploadFailure"}


def parse(payload: Payload) -> ProgressReport:
    """Translate DiagnosticsStatusNotification.req; it belongs to the last GetDiagnostics."""
    status = payload["status"]
    return ProgressReport(status=STATUSES.get(status, status), unnumbered=True)


def handle(station: Station, payload: Payload) -> Payload:
    """Note how far the upload has come, and tell of it."""
    progress.log(station, parse(payload))
    return {}
