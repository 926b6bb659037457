"""What stations' security events are called, and which of them somebody has to look at. Pure.

Source: OCPP 2.0.1 part 2, appendices, list of security events; security whitepaper of 1.6, edition 3.
"""

# As 1.6 spells two of them.
SPELLINGS = {
    "InvalidCentralSystemCertificate": "InvalidCsmsCertificate",
    "InvalidChargePointCertificate": "InvalidChargingStationCertificate",
}

# Those that the list calls critical and that are part of a normal day.
EVERYDAY = ("FirmwareUpdated", "SettingSystemTime", "StartupOfTheDevice", "ResetOrReboot")

# The others that it calls critical.
ALARMING = (
    "SecurityLogWasCleared",
    "MemoryExhaustion",
    "TamperDetectionActivated",
    "InvalidFirmwareSignature",
    "InvalidFirmwareSigningCertificate",
    "InvalidCsmsCertificate",
    "InvalidChargingStationCertificate",
    "InvalidTLSVersion",
    "InvalidTLSCipherSuite",
    "MaintenanceLoginAccepted",
    "MaintenanceLoginFailed",
)

# Neither critical nor made up by a vendor.
OTHERS = (
    "FailedToAuthenticateAtCsms",
    "CsmsFailedToAuthenticate",
    "ReconfigurationOfSecurityParameters",
    "InvalidMessages",
    "AttemptedReplayAttacks",
)
LISTED = frozenset((*EVERYDAY, *ALARMING, *OTHERS))


def canonical(event_type: str) -> str:
    """As OCPP 2.0.1 spells it."""
    return SPELLINGS.get(event_type, event_type)


def spelt(event_type: str) -> list[str]:
    """Every spelling of a canonical one."""
    return [event_type, *(ours for ours, theirs in SPELLINGS.items() if theirs == event_type)]
