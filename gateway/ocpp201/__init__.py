"""OCPP 2.0.1, edition 3: what we handle, and what we send."""

from gateway import connection, list_parts
from gateway.adapter import Adapter, Sender
from gateway.ocpp201 import (
    authorize,
    boot_notification,
    cancel_reservation,
    certificate_signed,
    change_availability,
    clear_cache,
    clear_charging_profile,
    clear_display_message,
    clear_variable_monitoring,
    cleared_charging_limit,
    cost_updated,
    customer_information,
    data_transfer,
    delete_certificate,
    firmware_status_notification,
    get15118_ev_certificate,
    get_base_report,
    get_certificate_status,
    get_charging_profiles,
    get_composite_schedule,
    get_display_messages,
    get_installed_certificate_ids,
    get_local_list_version,
    get_log,
    get_monitoring_report,
    get_report,
    get_transaction_status,
    get_variables,
    heartbeat,
    install_certificate,
    log_status_notification,
    meter_values,
    notify_charging_limit,
    notify_customer_information,
    notify_display_messages,
    notify_ev_charging_needs,
    notify_ev_charging_schedule,
    notify_event,
    notify_monitoring_report,
    notify_report,
    publish_firmware,
    publish_firmware_status_notification,
    report_charging_profiles,
    request_start_transaction,
    request_stop_transaction,
    reservation_status_update,
    reserve_now,
    reset,
    security_event_notification,
    send_local_list,
    set_charging_profile,
    set_display_message,
    set_monitoring_base,
    set_monitoring_level,
    set_network_profile,
    set_variable_monitoring,
    set_variables,
    sign_certificate,
    status_notification,
    transaction_event,
    trigger_message,
    unlock_connector,
    unpublish_firmware,
    update_firmware,
)

ADAPTER = Adapter(
    version="2.0.1",
    subprotocol="ocpp2.0.1",
    dialect=connection.OCPP201,
    handlers={
        "Authorize": authorize.handle,
        "BootNotification": boot_notification.handle,
        "ClearedChargingLimit": cleared_charging_limit.handle,
        "DataTransfer": data_transfer.handle,
        "FirmwareStatusNotification": firmware_status_notification.handle,
        "Get15118EVCertificate": get15118_ev_certificate.handle,
        "GetCertificateStatus": get_certificate_status.handle,
        "Heartbeat": heartbeat.handle,
        "LogStatusNotification": log_status_notification.handle,
        "MeterValues": meter_values.handle,
        "NotifyChargingLimit": notify_charging_limit.handle,
        "NotifyCustomerInformation": notify_customer_information.handle,
        "NotifyDisplayMessages": notify_display_messages.handle,
        "NotifyEVChargingNeeds": notify_ev_charging_needs.handle,
        "NotifyEVChargingSchedule": notify_ev_charging_schedule.handle,
        "NotifyEvent": notify_event.handle,
        "NotifyMonitoringReport": notify_monitoring_report.handle,
        "NotifyReport": notify_report.handle,
        "PublishFirmwareStatusNotification": publish_firmware_status_notification.handle,
        "ReportChargingProfiles": report_charging_profiles.handle,
        "ReservationStatusUpdate": reservation_status_update.handle,
        "SecurityEventNotification": security_event_notification.handle,
        "SignCertificate": sign_certificate.handle,
        "StatusNotification": status_notification.handle,
        "TransactionEvent": transaction_event.handle,
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
        "clear_display_message": Sender(
            action="ClearDisplayMessage",
            encode=clear_display_message.encode,
            decode=clear_display_message.decode,
        ),
        "clear_monitors": Sender(
            action="ClearVariableMonitoring",
            encode=clear_variable_monitoring.encode,
            decode=clear_variable_monitoring.decode,
            split=clear_variable_monitoring.split,
            join=clear_variable_monitoring.join,
        ),
        "customer_information": Sender(
            action="CustomerInformation",
            encode=customer_information.encode,
            decode=customer_information.decode,
        ),
        "data_transfer": Sender(
            action="DataTransfer", encode=data_transfer.encode, decode=data_transfer.decode
        ),
        "delete_certificate": Sender(
            action="DeleteCertificate",
            encode=delete_certificate.encode,
            decode=delete_certificate.decode,
        ),
        "get_base_report": Sender(
            action="GetBaseReport", encode=get_base_report.encode, decode=get_base_report.decode
        ),
        "get_charging_profiles": Sender(
            action="GetChargingProfiles",
            encode=get_charging_profiles.encode,
            decode=get_charging_profiles.decode,
        ),
        "get_composite_schedule": Sender(
            action="GetCompositeSchedule",
            encode=get_composite_schedule.encode,
            decode=get_composite_schedule.decode,
        ),
        "get_config": Sender(
            action="GetVariables",
            encode=get_variables.encode,
            decode=get_variables.decode,
            split=get_variables.split,
            join=get_variables.join,
        ),
        "get_display_messages": Sender(
            action="GetDisplayMessages",
            encode=get_display_messages.encode,
            decode=get_display_messages.decode,
        ),
        "get_local_list_version": Sender(
            action="GetLocalListVersion",
            encode=get_local_list_version.encode,
            decode=get_local_list_version.decode,
        ),
        "get_log": Sender(action="GetLog", encode=get_log.encode, decode=get_log.decode),
        "get_monitoring_report": Sender(
            action="GetMonitoringReport",
            encode=get_monitoring_report.encode,
            decode=get_monitoring_report.decode,
            split=get_monitoring_report.split,
        ),
        "get_report": Sender(
            action="GetReport", encode=get_report.encode, decode=get_report.decode, split=get_report.split
        ),
        "get_session_status": Sender(
            action="GetTransactionStatus",
            encode=get_transaction_status.encode,
            decode=get_transaction_status.decode,
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
        ),
        "publish_firmware": Sender(
            action="PublishFirmware", encode=publish_firmware.encode, decode=publish_firmware.decode
        ),
        "remote_start": Sender(
            action="RequestStartTransaction",
            encode=request_start_transaction.encode,
            decode=request_start_transaction.decode,
        ),
        "remote_stop": Sender(
            action="RequestStopTransaction",
            encode=request_stop_transaction.encode,
            decode=request_stop_transaction.decode,
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
            action="SetVariables",
            encode=set_variables.encode,
            decode=set_variables.decode,
            split=set_variables.split,
            join=set_variables.join,
        ),
        "set_display_message": Sender(
            action="SetDisplayMessage", encode=set_display_message.encode, decode=set_display_message.decode
        ),
        "set_monitoring_base": Sender(
            action="SetMonitoringBase", encode=set_monitoring_base.encode, decode=set_monitoring_base.decode
        ),
        "set_monitoring_level": Sender(
            action="SetMonitoringLevel",
            encode=set_monitoring_level.encode,
            decode=set_monitoring_level.decode,
        ),
        "set_monitors": Sender(
            action="SetVariableMonitoring",
            encode=set_variable_monitoring.encode,
            decode=set_variable_monitoring.decode,
            split=set_variable_monitoring.split,
            join=set_variable_monitoring.join,
        ),
        "set_network_profile": Sender(
            action="SetNetworkProfile",
            encode=set_network_profile.encode,
            decode=set_network_profile.decode,
        ),
        "trigger_message": Sender(
            action="TriggerMessage", encode=trigger_message.encode, decode=trigger_message.decode
        ),
        "unlock": Sender(
            action="UnlockConnector", encode=unlock_connector.encode, decode=unlock_connector.decode
        ),
        "unpublish_firmware": Sender(
            action="UnpublishFirmware", encode=unpublish_firmware.encode, decode=unpublish_firmware.decode
        ),
        "update_cost": Sender(action="CostUpdated", encode=cost_updated.encode, decode=cost_updated.decode),
        "update_firmware": Sender(
            action="UpdateFirmware", encode=update_firmware.encode, decode=update_firmware.decode
        ),
    },
    expects={
        "Authorize": authorize.expect,
        "BootNotification": boot_notification.expect,
        "MeterValues": meter_values.expect,
        "StatusNotification": status_notification.expect,
        "TransactionEvent": transaction_event.expect,
    },
    before_accepted=frozenset({"BootNotification"}),
    transaction_actions=frozenset({"MeterValues", "TransactionEvent"}),
    lookups={
        "Authorize": (authorize.CONTRACT, authorize.OPERATOR),
        "Get15118EVCertificate": (get15118_ev_certificate.LOOKUP,),
        "GetCertificateStatus": (get_certificate_status.LOOKUP,),
        "TransactionEvent": (transaction_event.OPERATOR,),
    },
)
