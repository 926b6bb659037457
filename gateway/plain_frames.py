"""Text frames as nearly all messages come and go: whole, and not compressed. No I/O.

Source: RFC 6455, section 5.2.
"""

_WHOLE_TEXT = 0x81  # FIN, no RSV bit, text
_MASKED = 0x80
_16_BITS, _64_BITS = 126, 127


def read_text(octets: bytes, most: int) -> tuple[str, int] | None:
    """The text of a client's frame at the beginning of ``octets``, and where the frame ends.

    None if it isn't a whole and masked text frame of at most ``most`` octets, or damaged: that is for others
    to judge. A frame of 64 KiB or more is, too.
    """
    if len(octets) < 6 or octets[0] != _WHOLE_TEXT or octets[1] < _MASKED:
        return None
    length, start = octets[1] - _MASKED, 6
    if length == _64_BITS:
        return None
    if length == _16_BITS:
        length, start = int.from_bytes(octets[2:4]), 8
        if length < _16_BITS:  # not the shortest way to say it
            return None
    end = start + length
    if len(octets) < end or length > most:
        return None
    mask = octets[start - 4 : start] * (length // 4 + 1)
    plain = int.from_bytes(octets[start:end]) ^ int.from_bytes(mask[:length])
    try:
        return plain.to_bytes(length).decode(), end
    except UnicodeDecodeError:
        return None


def text_frame(text: str) -> bytes:
    """A server's frame."""
    octets = text.encode()
    length = len(octets)
    if length < _16_BITS:
        return b"\x81%c%b" % (length, octets)
    if length < 1 << 16:
        return b"\x81\x7e%b%b" % (length.to_bytes(2), octets)
    return b"\x81\x7f%b%b" % (length.to_bytes(8), octets)
