"""OCPP 1.6J, edition 2: what we handle, and what we send.

With it the extension of the security whitepaper, edition 3.
"""

from gateway import connection
from gateway.adapter import Adapter, Sender
from gateway.ocpp16 import (
    authorize,
    boot_notification,
    change_availability,
    change_configuration,
    clear_cache,
    data_transfer,
    diagnostics_status_notification,
    firmware_status_notification,
    get_configuration,
    heartbeat,
    log_status_notification,
    meter_values,
    remote_start_transaction,
    remote_stop_transaction,
    reset,
    security_event_notification,
    sign_certificate,
    signed_firmware_status_notification,
    start_transaction,
    status_notification,
    stop_transaction,
    trigger_message,
    unlock_connector,
)

ADAPTER = Adapter(
    version="1.6",
    subprotocol="ocpp1.6",
    dialect=connection.OCPP16,
    handlers={
        "Authorize": authorize.handle,
        "BootNotification": boot_notification.handle,
        "DataTransfer": data_transfer.handle,
        "DiagnosticsStatusNotification": diagnostics_status_notification.handle,
        "FirmwareStatusNotification": firmware_status_notification.handle,
        "Heartbeat": heartbeat.handle,
        "LogStatusNotification": log_status_notification.handle,
        "MeterValues": meter_values.handle,
        "SecurityEventNotification": security_event_notification.handle,
        "SignCertificate": sign_certificate.handle,
        "SignedFirmwareStatusNotification": signed_firmware_status_notification.handle,
        "StartTransaction": start_transaction.handle,
        "StatusNotification": status_notification.handle,
        "StopTransaction": stop_transaction.handle,
    },
    read_boot=boot_notification.parse,
    senders={
        "clear_cache": Sender(action="ClearCache", encode=clear_cache.encode, decode=clear_cache.decode),
        "get_config": Sender(
            action="GetConfiguration", encode=get_configuration.encode, decode=get_configuration.decode
        ),
        "remote_start": Sender(
            action="RemoteStartTransaction",
            encode=remote_start_transaction.encode,
            decode=remote_start_transaction.decode,
        ),
        "remote_stop": Sender(
            action="RemoteStopTransaction",
            encode=remote_stop_transaction.encode,
            decode=remote_stop_transaction.decode,
        ),
        "reset": Sender(action="Reset", encode=reset.encode, decode=reset.decode),
        "set_availability": Sender(
            action="ChangeAvailability", encode=change_availability.encode, decode=change_availability.decode
        ),
        "set_config": Sender(
            action="ChangeConfiguration",
            encode=change_configuration.encode,
            decode=change_configuration.decode,
        ),
        "trigger_message": Sender(
            action=trigger_message.action, encode=trigger_message.encode, decode=trigger_message.decode
        ),
        "unlock": Sender(
            action="UnlockConnector", encode=unlock_connector.encode, decode=unlock_connector.decode
        ),
    },
    expects={
        "Authorize": authorize.expect,
        "MeterValues": meter_values.expect,
        "StartTransaction": start_transaction.expect,
        "StatusNotification": status_notification.expect,
        "StopTransaction": stop_transaction.expect,
    },
    before_accepted=frozenset({"BootNotification"}),
    transaction_actions=frozenset({"MeterValues", "StartTransaction", "StopTransaction"}),
)
