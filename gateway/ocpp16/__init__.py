"""OCPP 1.6J, edition 2: what we handle, and what we send.

With it the extension of the security whitepaper, edition 3.
"""

from gateway import connection, list_parts
from gateway.adapter import Adapter, Sender
from gateway.ocpp16 import (
    authorize,
    boot_notification,
    cancel_reservation,
    certificate_signed,
    change_availability,
    change_configuration,
    clear_cache,
    clear_charging_profile,
    data_transfer,
    delete_certificate,
    diagnostics_status_notification,
    firmware_status_notification,
    get_composite_schedule,
    get_configuration,
    get_diagnostics,
    get_installed_certificate_ids,
    get_local_list_version,
    heartbeat,
    install_certificate,
    log_status_notification,
    meter_values,
    remote_start_transaction,
    remote_stop_transaction,
    reserve_now,
    reset,
    security_event_notification,
    send_local_list,
    set_charging_profile,
    sign_certificate,
    signed_firmware_status_notification,
    start_transaction,
    status_notification,
    stop_transaction,
    trigger_message,
    unlock_connector,
    update_firmware,
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
        "cancel_reservation": Sender(
            action="CancelReservation", encode=cancel_reservation.encode, decode=cancel_reservation.decode
        ),
        "certificate_signed": Sender(
            action="CertificateSigned",
            encode=certificate_signed.encode,
            decode=certificate_signed.decode,
        ),
        "clear_cache": Sender(action="ClearCache", encode=clear_cache.encode, decode=clear_cache.decode),
        "clear_charging_profile": Sender(
            action="ClearChargingProfile",
            encode=clear_charging_profile.encode,
            decode=clear_charging_profile.decode,
        ),
        "data_transfer": Sender(
            action="DataTransfer", encode=data_transfer.encode, decode=data_transfer.decode
        ),
        "delete_certificate": Sender(
            action="DeleteCertificate",
            encode=delete_certificate.encode,
            decode=delete_certificate.decode,
        ),
        "get_composite_schedule": Sender(
            action="GetCompositeSchedule",
            encode=get_composite_schedule.encode,
            decode=get_composite_schedule.decode,
        ),
        "get_config": Sender(
            action="GetConfiguration",
            encode=get_configuration.encode,
            decode=get_configuration.decode,
            split=get_configuration.split,
            join=get_configuration.join,
        ),
        "get_local_list_version": Sender(
            action="GetLocalListVersion",
            encode=get_local_list_version.encode,
            decode=get_local_list_version.decode,
        ),
        "get_log": Sender(
            action=get_diagnostics.action, encode=get_diagnostics.encode, decode=get_diagnostics.decode
        ),
        "install_certificate": Sender(
            action="InstallCertificate",
            encode=install_certificate.encode,
            decode=install_certificate.decode,
        ),
        "list_certificates": Sender(
            action="GetInstalledCertificateIds",
            encode=get_installed_certificate_ids.encode,
            decode=get_installed_certificate_ids.decode,
            split=get_installed_certificate_ids.split,
            join=get_installed_certificate_ids.join,
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
        "reserve": Sender(action="ReserveNow", encode=reserve_now.encode, decode=reserve_now.decode),
        "reset": Sender(action="Reset", encode=reset.encode, decode=reset.decode),
        "send_local_list": Sender(
            action=list_parts.ACTION,
            encode=send_local_list.encode,
            decode=send_local_list.decode,
            split=send_local_list.split,
            join=list_parts.join,
            all_or_nothing=True,
        ),
        "set_availability": Sender(
            action="ChangeAvailability", encode=change_availability.encode, decode=change_availability.decode
        ),
        "set_charging_profile": Sender(
            action="SetChargingProfile",
            encode=set_charging_profile.encode,
            decode=set_charging_profile.decode,
        ),
        "set_config": Sender(
            action="ChangeConfiguration",
            encode=change_configuration.encode,
            decode=change_configuration.decode,
            split=change_configuration.split,
            join=change_configuration.join,
        ),
        "trigger_message": Sender(
            action=trigger_message.action, encode=trigger_message.encode, decode=trigger_message.decode
        ),
        "unlock": Sender(
            action="UnlockConnector", encode=unlock_connector.encode, decode=unlock_connector.decode
        ),
        "update_firmware": Sender(
            action=update_firmware.action, encode=update_firmware.encode, decode=update_firmware.decode
        ),
    },
    expects={
        "Authorize": authorize.expect,
        "BootNotification": boot_notification.expect,
        "MeterValues": meter_values.expect,
        "StartTransaction": start_transaction.expect,
        "StatusNotification": status_notification.expect,
        "StopTransaction": stop_transaction.expect,
    },
    before_accepted=frozenset({"BootNotification"}),
    transaction_actions=frozenset({"MeterValues", "StartTransaction", "StopTransaction"}),
    lookups={
        "Authorize": (authorize.OPERATOR,),
        "StartTransaction": (start_transaction.OPERATOR,),
        "StopTransaction": (stop_transaction.OPERATOR,),
    },
)
