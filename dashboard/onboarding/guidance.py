"""What people who connect a station are told: security profiles, kinds of chargers, refusals. Words only."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something to choose: what it is called, and what it means."""

    value: str
    title: str
    text: str


PROTOCOLS = (
    Choice(
        value="",
        title="Whichever it offers",
        text="The station says what it speaks; we take the first that we can.",
    ),
    Choice(
        value="1.6",
        title="OCPP 1.6J",
        text="What most chargers speak. SOAP is not 1.6J: choose JSON in its menu.",
    ),
    Choice(value="2.0.1", title="OCPP 2.0.1", text="Newer chargers; more to read and to set."),
)
PROFILES = (
    Choice(
        value="2",
        title="2: password over TLS",
        text="The usual choice: encrypted, and it has to know a password.",
    ),
    Choice(
        value="1",
        title="1: password, not encrypted",
        text="Only within a private network, such as an APN or a VPN.",
    ),
    Choice(
        value="3",
        title="3: a certificate of its own",
        text="No password; it needs a certificate that we trust.",
    ),
    Choice(
        value="0",
        title="0: nothing",
        text="Anybody who knows the URL can pretend to be it: for a bench only.",
    ),
)
KINDS = (
    Choice(
        value="web",
        title="A page in its own web server",
        text="Join its Wi-Fi or its network port and open its address in a browser. Look for OCPP, Backend,"
        " Central system or CSMS. Save, and let it restart.",
    ),
    Choice(
        value="app",
        title="An installer's app",
        text="Connect by Bluetooth or its Wi-Fi with the installer's code. The setting is usually below"
        " Network or Backend. Some apps take the URL and the identity in two fields.",
    ),
    Choice(
        value="portal",
        title="The maker's cloud portal",
        text="The maker sends the setting to the charger, which has to be online there. It takes effect"
        " after a restart.",
    ),
    Choice(
        value="file",
        title="A configuration file or service tool",
        text="The URL stands in a file on a USB stick, or in the service program. Load it, and restart.",
    ),
)

# By the reason of a refusal, as gateways keep it: what to change.
ADVICE: Mapping[str, str] = {
    "unknown station": "Register it under exactly this identity, or correct the end of its URL.",
    "not listed": "Register it here: unknown stations aren't listed at the moment.",
    "wrong password": "Paste the password again, without spaces around it, or make a new one here.",
    "no credentials": "Set the password in the charger: AuthorizationKey in 1.6, BasicAuthPassword in 2.0.1.",
    "no password here": "Make a password here and paste it into the charger.",
    "user name is not the identity": "Where a user name is asked for, it is the identity, as in the URL.",
    "profile too low": "Use the URL that begins with wss.",
    "no client certificate": "Load its certificate and key into the charger, or choose security profile 2.",
    "certificate of another station": "It has to name the serial number that is registered here.",
    "certificate of another operator": "The certificate's organisation has to be that of this network.",
    "certificate revoked": "It was revoked, so that it counts no more: have the station ask for another one.",
    "revocation not known": "The responder that its certificate names must answer; see EMOBI_OCSP_STRICT.",
    "no subprotocol": "Choose OCPP 1.6J (JSON) or 2.0.1 in its menu; with SOAP it names none.",
    "no usable subprotocol": "Choose another version of OCPP in its menu, or allow this one for the station.",
    "bad identity": "An identity has at most 48 characters, none of them a colon or a slash.",
    "no such path": "The URL has to end in /ocpp/, the network, a slash, and the identity.",
    "no TLS": "It has to trust our certificate and have the right time; a certificate of its own has to be of"
    " an authority that is trusted here. A URL that begins with ws belongs to the other port.",
    "no WebSocket handshake": "Its URL has to begin with ws or wss, as the port asks: wss doesn't belong to"
    " the port for ws. A browser, or whoever looks for open ports, is refused like this, too.",
    "no request in time": "It connected, then stopped half-way: look for a firewall or a proxy between, for a"
    " link that loses large packets, and whether wss is spoken to the port for ws.",
    "from a web page": "A page in somebody's browser tried it. A charger sends no Origin, or its URL's host.",
    "too many connections": "See whether a second charger has its identity, or its network comes and goes.",
    "too many failures": "Correct its settings, then wait a minute: it tried ten times with wrong ones.",
}


def advice(reason: str) -> str:
    """What to change after a refusal; "" where nobody knows."""
    return ADVICE.get(reason, "")
