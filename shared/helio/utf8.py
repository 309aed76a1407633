"""UTF-8, strictly, on both interpreters (RFC 3629): MicroPython's own `decode` accepts
overlong forms, surrogates and code points past U+10FFFF."""

# A first byte, and the range its second byte must be in (RFC 3629 section 4), three bytes each.
_SECOND_BYTE = b"\xe0\xa0\xbf\xed\x80\x9f\xf0\x90\xbf\xf4\x80\x8f"
_NEVER = b"\xc0\xc1\xf5\xf6\xf7"
_ELLIPSIS = b"\xe2\x80\xa6"


def decode(data):
    """The str that `data` encodes. Raises ValueError when it is not UTF-8."""
    text = str(data, "utf-8")
    if len(text) != len(data):  # else it is ASCII
        _check(data)  # apart, for MicroPython keeps this many variables on the heap
    return text


def _check(data):
    for byte in _NEVER:
        if byte in data:
            raise ValueError("not UTF-8")
    for i in range(0, len(_SECOND_BYTE), 3):
        first = _SECOND_BYTE[i : i + 1]
        at = data.find(first)
        while at >= 0:
            if not _SECOND_BYTE[i + 1] <= data[at + 1] <= _SECOND_BYTE[i + 2]:
                raise ValueError("not UTF-8")
            at = data.find(first, at + 1)


def escape(data):
    """Bytes that are not UTF-8 as text for people: ASCII as it is, the rest as `\\xNN`."""
    return "".join([chr(byte) if 32 <= byte < 127 else "\\x%02x" % byte for byte in data])


def cut(data, size):
    """UTF-8 of at most `size` bytes: what is longer is cut at a character and ends in `…`,
    or is left out."""
    if len(data) <= size:
        return data
    end = size - len(_ELLIPSIS)
    while end > 0 and data[end] & 0xC0 == 0x80:  # inside a character
        end -= 1
    return data[:end] + _ELLIPSIS if end > 0 else b""
