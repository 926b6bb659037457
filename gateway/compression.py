"""permessage-deflate for charger sockets: which offers are met, and with how much memory.

Source: RFC 7692; OCPP 2.0.1 part 4, section 3.3 (a CSMS supports it, a station may).
"""
# mypy: allow-untyped-calls
# (autobahn is annotated only in parts.)

from collections.abc import Iterable, Sequence

from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept

type Parameters = dict[str, list[str | bool]]
type Extension = tuple[str, Parameters]

# A window of 2**15 bytes costs every station that compresses 32 KiB each way, one of 2**12 costs 4 KiB, and
# OCPP's frames repeat themselves within that.
WINDOW_BITS = 12
MEMORY_LEVEL = 5


def acceptable(extensions: Iterable[Extension]) -> list[Extension]:
    """The offers of permessage-deflate that can be met.

    autobahn answers an offer that it can't read with 400; RFC 7692, section 5, only wants that offer
    declined, and the station served without.
    """
    return [
        (name, _without_tight_window(parameters))
        for name, parameters in extensions
        if name == PerMessageDeflateOffer.EXTENSION_NAME and _readable(parameters)
    ]


def accept(
    offers: Sequence[PerMessageDeflateOffer], *, max_message_bytes: int
) -> PerMessageDeflateOfferAccept | None:
    """Take the station's first offer; a message may inflate to ``max_message_bytes``, and no further."""
    if not offers:
        return None
    offer = offers[0]
    return PerMessageDeflateOfferAccept(
        offer,
        request_max_window_bits=WINDOW_BITS if offer.accept_max_window_bits else 0,
        window_bits=min(offer.request_max_window_bits or WINDOW_BITS, WINDOW_BITS),
        mem_level=MEMORY_LEVEL,
        max_message_size=max_message_bytes,
    )


def _readable(parameters: Parameters) -> bool:
    try:
        PerMessageDeflateOffer.parse(parameters)
    except Exception:  # noqa: BLE001 - autobahn raises nothing more precise
        return False
    return True


def _without_tight_window(parameters: Parameters) -> Parameters:
    """Forget a ``client_max_window_bits`` below ours: asked for ours, the station would have to break off."""
    bits = parameters.get("client_max_window_bits", [True])[0]
    if bits is True or int(bits) >= WINDOW_BITS:
        return parameters
    return {name: values for name, values in parameters.items() if name != "client_max_window_bits"}
