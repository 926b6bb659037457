"""What can break, in both versions' words.

Source: ChargePointErrorCode, OCPP 1.6 section 7.6; OCPP 2.0.1 has no such list: a fault is a
component's variable Problem, reported by NotifyEvent (N07), and the connector's state Faulted.
"""

from dataclasses import dataclass

from emobi.simulator.moments import StopReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A fault or, where ``severe`` is False, a warning that charging goes on with.

    Attributes:
        code: errorCode of 1.6.
        vendor_code: The maker's own number; techCode in 2.0.1.
        info: One line for people, at most 50 characters.
        component: Component of 2.0.1 that has the problem.
        stop_reason: Why a transaction on the EVSE ends.
        cured_by_reset: It is gone after a reset.
    """

    code: str
    vendor_code: str
    info: str
    component: str
    stop_reason: StopReason = StopReason.OTHER
    severe: bool = True
    cured_by_reset: bool = False


FAULTS = {
    fault.code: fault
    for fault in (
        Fault(
            code="GroundFailure",
            vendor_code="F-0102",
            info="Residual current device tripped",
            component="RCD",
            stop_reason=StopReason.GROUND_FAULT,
        ),
        Fault(
            code="OverCurrentFailure",
            vendor_code="F-0117",
            info="Current above the rating of the outlet",
            component="OverCurrentProtection",
            stop_reason=StopReason.OVERCURRENT_FAULT,
        ),
        Fault(
            code="OverVoltage",
            vendor_code="F-0121",
            info="Supply above 253 V",
            component="PowerContactor",
            stop_reason=StopReason.POWER_QUALITY,
        ),
        Fault(
            code="UnderVoltage",
            vendor_code="F-0122",
            info="Supply below 207 V",
            component="PowerContactor",
            stop_reason=StopReason.POWER_QUALITY,
        ),
        Fault(
            code="ConnectorLockFailure",
            vendor_code="F-0201",
            info="Lock didn't reach its end position",
            component="ConnectorPlugRetentionLock",
        ),
        Fault(
            code="EVCommunicationError",
            vendor_code="F-0203",
            info="Control pilot lost",
            component="CPPWMController",
            cured_by_reset=True,
        ),
        Fault(
            code="HighTemperature",
            vendor_code="F-0310",
            info="Inside above 85 degrees",
            component="TemperatureSensor",
        ),
        Fault(
            code="InternalError",
            vendor_code="F-0900",
            info="Watchdog of the power board",
            component="Controller",
            cured_by_reset=True,
        ),
        Fault(
            code="PowerMeterFailure",
            vendor_code="F-0401",
            info="Meter doesn't answer",
            component="FiscalMetering",
        ),
        Fault(
            code="PowerSwitchFailure",
            vendor_code="F-0402",
            info="Contactor welded",
            component="PowerContactor",
            stop_reason=StopReason.EMERGENCY_STOP,
        ),
        Fault(
            code="ReaderFailure",
            vendor_code="W-0501",
            info="Card reader doesn't answer",
            component="TokenReader",
            cured_by_reset=True,
            severe=False,
        ),
        Fault(
            code="WeakSignal",
            vendor_code="W-0601",
            info="Modem at -112 dBm",
            component="DataLink",
            severe=False,
        ),
        Fault(
            code="OtherError",
            vendor_code="F-0999",
            info="Door of the cabinet open",
            component="CaseAccessSensor",
        ),
    )
}
