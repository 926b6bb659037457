"""OCPP 1.6's configuration keys as variables of 2.0.1's device model, both ways. Pure.

Sources: OCPP 1.6 edition 2, section 9; security whitepaper edition 3, section 7; signed meter values 1.0,
section 3.3; for the other side OCPP 2.0.1 part 2, referenced components and variables.

Only keys that mean the same as a variable are mapped to it. A key that tells the most of what 2.0.1 reports
the current number of (LocalAuthListMaxLength, MaxChargingProfilesInstalled), or a limit that 2.0.1 keeps in
a variable's characteristics (…MaxLength), has no variable of its own there. Such keys, and those of vendors,
are variables of the component `OWN`, which no version of OCPP knows, by their own names.
`docs/ocpp/mapping.md` has the table for people; a test holds it to this one.
"""

import zlib
from typing import NamedTuple

OWN = "OCPP16"

# Longest name of a variable (identifierString[50]); keys of 1.6 have the same limit, but not every station
# keeps to it.
_LONGEST = 50


class Place(NamedTuple):
    """Where a value stands in the device model."""

    component: str
    variable: str
    instance: str | None = None


VARIABLES: dict[str, Place] = {
    # core profile
    "AllowOfflineTxForUnknownId": Place("AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
    "AuthorizationCacheEnabled": Place("AuthCacheCtrlr", "Enabled"),
    "AuthorizeRemoteTxRequests": Place("AuthCtrlr", "AuthorizeRemoteStart"),
    "BlinkRepeat": Place(OWN, "BlinkRepeat"),
    "ClockAlignedDataInterval": Place("AlignedDataCtrlr", "Interval"),
    "ConnectionTimeOut": Place("TxCtrlr", "EVConnectionTimeOut"),
    "ConnectorPhaseRotation": Place(OWN, "ConnectorPhaseRotation"),
    "ConnectorPhaseRotationMaxLength": Place(OWN, "ConnectorPhaseRotationMaxLength"),
    "GetConfigurationMaxKeys": Place("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"),
    "HeartbeatInterval": Place("OCPPCommCtrlr", "HeartbeatInterval"),
    "LightIntensity": Place(OWN, "LightIntensity"),
    "LocalAuthorizeOffline": Place("AuthCtrlr", "LocalAuthorizeOffline"),
    "LocalPreAuthorize": Place("AuthCtrlr", "LocalPreAuthorize"),
    "MaxEnergyOnInvalidId": Place("TxCtrlr", "MaxEnergyOnInvalidId"),
    "MeterValuesAlignedData": Place("AlignedDataCtrlr", "Measurands"),
    "MeterValuesAlignedDataMaxLength": Place(OWN, "MeterValuesAlignedDataMaxLength"),
    "MeterValuesSampledData": Place("SampledDataCtrlr", "TxUpdatedMeasurands"),
    "MeterValuesSampledDataMaxLength": Place(OWN, "MeterValuesSampledDataMaxLength"),
    "MeterValueSampleInterval": Place("SampledDataCtrlr", "TxUpdatedInterval"),
    "MinimumStatusDuration": Place("ChargingStation", "MinimumStatusDuration"),
    "NumberOfConnectors": Place(OWN, "NumberOfConnectors"),
    "ResetRetries": Place("OCPPCommCtrlr", "ResetRetries"),
    "StopTransactionOnEVSideDisconnect": Place("TxCtrlr", "StopTxOnEVSideDisconnect"),
    "StopTransactionOnInvalidId": Place("TxCtrlr", "StopTxOnInvalidId"),
    "StopTxnAlignedData": Place("AlignedDataCtrlr", "TxEndedMeasurands"),
    "StopTxnAlignedDataMaxLength": Place(OWN, "StopTxnAlignedDataMaxLength"),
    "StopTxnSampledData": Place("SampledDataCtrlr", "TxEndedMeasurands"),
    "StopTxnSampledDataMaxLength": Place(OWN, "StopTxnSampledDataMaxLength"),
    "SupportedFeatureProfiles": Place(OWN, "SupportedFeatureProfiles"),
    "SupportedFeatureProfilesMaxLength": Place(OWN, "SupportedFeatureProfilesMaxLength"),
    "TransactionMessageAttempts": Place("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"),
    "TransactionMessageRetryInterval": Place("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"),
    "UnlockConnectorOnEVSideDisconnect": Place("OCPPCommCtrlr", "UnlockOnEVSideDisconnect"),
    "WebSocketPingInterval": Place("OCPPCommCtrlr", "WebSocketPingInterval"),
    # local authorization list
    "LocalAuthListEnabled": Place("LocalAuthListCtrlr", "Enabled"),
    "LocalAuthListMaxLength": Place(OWN, "LocalAuthListMaxLength"),
    "SendLocalListMaxLength": Place("LocalAuthListCtrlr", "ItemsPerMessage"),
    # reservation
    "ReserveConnectorZeroSupported": Place("ReservationCtrlr", "NonEvseSpecific"),
    # smart charging
    "ChargeProfileMaxStackLevel": Place("SmartChargingCtrlr", "ProfileStackLevel"),
    "ChargingScheduleAllowedChargingRateUnit": Place("SmartChargingCtrlr", "RateUnit"),
    "ChargingScheduleMaxPeriods": Place("SmartChargingCtrlr", "PeriodsPerSchedule"),
    "ConnectorSwitch3to1PhaseSupported": Place("SmartChargingCtrlr", "Phases3to1"),
    "MaxChargingProfilesInstalled": Place(OWN, "MaxChargingProfilesInstalled"),
    # security extension
    "AdditionalRootCertificateCheck": Place("SecurityCtrlr", "AdditionalRootCertificateCheck"),
    "AuthorizationKey": Place("SecurityCtrlr", "BasicAuthPassword"),
    "CertificateSignedMaxChainSize": Place("SecurityCtrlr", "MaxCertificateChainSize"),
    "CertificateStoreMaxLength": Place(OWN, "CertificateStoreMaxLength"),
    "CpoName": Place("SecurityCtrlr", "OrganizationName"),
    "SecurityProfile": Place("SecurityCtrlr", "SecurityProfile"),
    "SupportedFileTransferProtocols": Place("OCPPCommCtrlr", "FileTransferProtocols"),
    # signed meter values
    "AlignedDataSignReadings": Place("AlignedDataCtrlr", "SignReadings"),
    "AlignedDataSignUpdatedReadings": Place("AlignedDataCtrlr", "SignUpdatedReadings"),
    "PublicKeyWithSignedMeterValue": Place("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue"),
    "SampledDataSignReadings": Place("SampledDataCtrlr", "SignReadings"),
    "SampledDataSignStartedReadings": Place("SampledDataCtrlr", "SignStartedReadings"),
    "SampledDataSignUpdatedReadings": Place("SampledDataCtrlr", "SignUpdatedReadings"),
    "StartTxnSampledData": Place("SampledDataCtrlr", "TxStartedMeasurands"),
    # plug and charge (application note "Using ISO 15118 Plug & Charge with OCPP 1.6")
    "CentralContractValidationAllowed": Place("ISO15118Ctrlr", "CentralContractValidationAllowed"),
    "CertSigningRepeatTimes": Place("SecurityCtrlr", "CertSigningRepeatTimes"),
    "CertSigningWaitMinimum": Place("SecurityCtrlr", "CertSigningWaitMinimum"),
    "ContractValidationOffline": Place("ISO15118Ctrlr", "ContractValidationOffline"),
    "ISO15118PnCEnabled": Place("ISO15118Ctrlr", "PnCEnabled"),
}

_BY_KEY = {key.casefold(): place for key, place in VARIABLES.items()}
_BY_PLACE = {tuple(part and part.casefold() for part in place): key for key, place in VARIABLES.items()}


def place(key: str) -> Place:
    """Where the configuration key ``key`` stands in the device model. Keys have no case (CiString50Type)."""
    known = _BY_KEY.get(key.casefold())
    if known is not None:
        return known
    if len(key) <= _LONGEST:
        return Place(OWN, key)
    # Two long keys that begin alike are still two variables.
    return Place(OWN, f"{key[: _LONGEST - 9]}~{zlib.crc32(key.encode()):08x}")


def key(component: str, variable: str, instance: str | None = None) -> str | None:
    """The configuration key that holds a variable; None if 1.6 has none."""
    if component.casefold() == OWN.casefold() and instance is None:
        return _BY_PLACE.get((component.casefold(), variable.casefold(), None), variable)
    return _BY_PLACE.get((component.casefold(), variable.casefold(), instance and instance.casefold()))
