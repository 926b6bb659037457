"""What the words of OCPP mean, where they don't say it themselves.

Source: OCPP 1.6, section 7; OCPP 2.0.1 part 2, section 3.
"""

from collections.abc import Mapping

_REASONS = {
    "DeAuthorized": "the token isn't accepted any more",
    "EmergencyStop": "the emergency stop was pressed",
    "EVDisconnected": "the cable was pulled at the EV's side",
    "EnergyLimitReached": "the energy asked for has flowed",
    "GroundFault": "residual current: the protection tripped",
    "HardReset": "the station was reset at once",
    "ImmediateReset": "the station was reset at once",
    "Local": "stopped at the station",
    "LocalOutOfCredit": "no credit is left",
    "MasterPass": "stopped with the token of the staff",
    "OvercurrentFault": "too much current: the protection tripped",
    "PowerLoss": "the station lost its power",
    "PowerQuality": "the grid's quality was too bad",
    "Reboot": "the station restarted",
    "Remote": "stopped from here",
    "SoftReset": "the station was reset in order",
    "StoppedByEV": "the EV asked to stop",
    "TimeLimitReached": "the time asked for is over",
    "Timeout": "nobody plugged in, in time",
    "UnlockCommand": "the connector was unlocked from here",
}
_STATUSES = {
    "SuspendedEV": "the EV takes no energy though it could",
    "SuspendedEVSE": "the station gives no energy: a limit, or no authorisation",
    "Finishing": "over, the cable is still in",
    "Preparing": "an EV or a driver is there, nothing flows yet",
    "Unavailable": "out of service, by order or by itself",
    "RebootRequired": "taken, in force after a restart",
    "NotSupported": "this station can't do it",
    "Scheduled": "will be done when nothing runs any more",
    "UnlockFailed": "the connector holds the plug",
    "UnknownMessageId": "no such message there",
    "UnknownVendorId": "it doesn't know this vendor",
    "ConcurrentTx": "the token is charging elsewhere",
    "Pending": "waits for an operator",
    "Occupied": "in use, or a cable is in",
    "NotImplemented": "this station doesn't know the request",
}
_ERRORS = {
    "ConnectorLockFailure": "the plug can't be locked or unlocked",
    "EVCommunicationError": "EV and station don't understand each other",
    "GroundFailure": "residual current: the protection tripped",
    "HighTemperature": "too hot inside",
    "InternalError": "something in the station's software or hardware",
    "OverCurrentFailure": "too much current: the protection tripped",
    "OverVoltage": "the grid's voltage is too high",
    "PowerMeterFailure": "the meter can't be read",
    "PowerSwitchFailure": "the contactor doesn't switch",
    "ReaderFailure": "the reader of tokens doesn't work",
    "ResetFailure": "it couldn't be reset",
    "UnderVoltage": "the grid's voltage is too low",
    "WeakSignal": "its radio hardly hears anything",
}
_TRIGGERS = {
    "CablePluggedIn": "a cable was plugged in",
    "ChargingRateChanged": "the limit changed",
    "ChargingStateChanged": "what flows changed",
    "Deauthorized": "the token isn't accepted any more",
    "EVCommunicationLost": "the EV doesn't answer any more",
    "EVDeparted": "the EV left the bay",
    "EVDetected": "an EV is in the bay",
    "MeterValueClock": "readings at every full interval of the clock",
    "MeterValuePeriodic": "readings at an interval",
    "RemoteStart": "asked for from here",
    "RemoteStop": "asked for from here",
    "SignedDataReceived": "the meter signed its reading",
    "StopAuthorized": "a driver stopped with a token",
}

_BY_NAME: Mapping[str, Mapping[str, str]] = {
    "reason": _REASONS,
    "stoppedReason": _REASONS,
    "status": _STATUSES,
    "connectorStatus": _STATUSES,
    "chargingState": _STATUSES,
    "errorCode": _ERRORS,
    "triggerReason": _TRIGGERS,
}


def meaning(name: str, value: object) -> str:
    """What a value of a field means; "" where its word is plain, or unknown."""
    return _BY_NAME.get(name, {}).get(value, "") if isinstance(value, str) else ""


def stop_reason(word: str) -> str:
    """Why a charging session ended, in words; "" where the word is plain, or unknown."""
    return _REASONS.get(word, "")
