"""The questions of `helio.xml.characters` and `helio.xml.texts`, answered by `bytes.translate`, which only
CPython has."""

import re

_CONTROLS = bytes([byte for byte in range(32) if byte not in b"\t\n\r"])
_MARKED = _CONTROLS + b"\r&]" + bytes(range(0x80, 0x100))
_MARKED_VALUE = bytes(range(32)) + b"&<" + bytes(range(0x80, 0x100))


def is_plain(data):
    return len(data.translate(None, _MARKED)) == len(data)


def is_plain_value(data):
    return len(data.translate(None, _MARKED_VALUE)) == len(data)


_search = re.compile(b"[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]").search


def forbidden(data):
    if len(data.translate(None, _CONTROLS)) == len(data) and b"\xef\xbf" not in data:
        return -1
    match = _search(data)
    return match.start() if match else -1
