"""OCPP 2.0.1, edition 3: what we handle, and what we send."""

from gateway import connection
from gateway.adapter import Adapter, Sender
from gateway.ocpp201 import (
    authorize,
    boot_notification,
    change_availability,
    clear_cache,
    cleared_charging_limit,
    data_transfer,
    firmware_status_notification,
    get15118_ev_certificate,
    get_base_report,
    get_certificate_status,
    get_variables,
    heartbeat,
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
    publish_firmware_status_notification,
    report_charging_profiles,
    request_start_transaction,
    request_stop_transaction,
    reservation_status_update,
    reset,
    security_event_notification,
    set_variables,
    sign_certificate,
    status_notification,
    transaction_event,
    trigger_message,
    unlock_connector,
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
        "clear_cache": Sender(action="ClearCache", encode=clear_cache.encode, decode=clear_cache.decode),
        "get_base_report": Sender(
            action="GetBaseReport", encode=get_base_report.encode, decode=get_base_report.decode
        ),
        "get_config": Sender(action="GetVariables", encode=get_variables.encode, decode=get_variables.decode),
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
        "reset": Sender(action="Reset", encode=reset.encode, decode=reset.decode),
        "set_availability": Sender(
            action="ChangeAvailability", encode=change_availability.encode, decode=change_availability.decode
        ),
        "set_config": Sender(action="SetVariables", encode=set_variables.encode, decode=set_variables.decode),
        "trigger_message": Sender(
            action="TriggerMessage", encode=trigger_message.encode, decode=trigger_message.decode
        ),
        "unlock": Sender(
            action="UnlockConnector", encode=unlock_connector.encode, decode=unlock_connector.decode
        ),
    },
    expects={
        "Authorize": authorize.expect,
        "MeterValues": meter_values.expect,
        "StatusNotification": status_notification.expect,
        "TransactionEvent": transaction_event.expect,
    },
    before_accepted=frozenset({"BootNotification"}),
    transaction_actions=frozenset({"MeterValues", "TransactionEvent"}),
)
