"""The questions of `helio.xml.characters`, answered by `bytes.translate`, which only CPython has."""

_CONTROLS = bytes([byte for byte in range(32) if byte not in b"\t\n\r"])
_MARKED = _CONTROLS + b"\r&]" + bytes(range(0x80, 0x100))
_MARKED_VALUE = bytes(range(32)) + b"&<" + bytes(range(0x80, 0x100))


def is_plain(data):
    return len(data.translate(None, _MARKED)) == len(data)


def is_plain_value(data):
    return len(data.translate(None, _MARKED_VALUE)) == len(data)
