"""Which characters XML 1.0 (fifth edition) has where: the quick answers, for what documents are full of."""

import re

_NAME_START = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:"
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789-."

# What production 2 leaves out of UTF-8. MicroPython's `re` ends a pattern at NUL: that one apart.
_FORBIDDEN = re.compile(b"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_OTHERS = (b"\0", b"\xef\xbf\xbe", b"\xef\xbf\xbf")


def forbidden(data):
    """Where in UTF-8 the first character is that XML forbids, or -1."""
    match = _FORBIDDEN.search(data)
    found = [data.find(match.group(0))] if match else []
    for bad in _OTHERS:
        at = data.find(bad)
        if at >= 0:
            found.append(at)
    return min(found) if found else -1


# ASCII that needs no looking at in text and in values, the most frequent first: for MicroPython
# `strip` looks for each character from the front.
_PLAIN_VALUE = b" etaoinsrhldcumfpgwybvkxjqz/.-:0123456789ETAOINSRHLDCUMFPGWYBVKXJQZ!#$%'()*+,;=?@[\\^_`{|}~\x7f"
_PLAIN = _PLAIN_VALUE + b'\n"\t>'


def is_plain(data):
    """Whether `data` is text with nothing to look at in it: ASCII without references, ends of lines
    but \\n, and what XML forbids."""
    return not data.strip(_PLAIN)


def is_plain_value(data):
    """The same of an attribute's value."""
    return not data.strip(_PLAIN_VALUE)


if hasattr(bytes, "translate"):  # CPython's runs in C, and its `re` does not keep up
    _CONTROLS = bytes([byte for byte in range(32) if byte not in b"\t\n\r"])
    _search = forbidden
    _MARKED = _CONTROLS + b"\r&]" + bytes(range(0x80, 0x100))
    _MARKED_VALUE = bytes(range(32)) + b"&<" + bytes(range(0x80, 0x100))

    def is_plain(data):
        return len(data.translate(None, _MARKED)) == len(data)

    def is_plain_value(data):
        return len(data.translate(None, _MARKED_VALUE)) == len(data)

    def forbidden(data):
        if len(data.translate(None, _CONTROLS)) == len(data) and b"\xef\xbf" not in data:
            return -1
        return _search(data)


def is_name(text):
    """Whether the str `text` is a Name, production [5]."""
    if text[:1] in _NAME_START and text and not text.strip(_NAME):
        return True
    from helio.xml import productions

    return productions.is_name(text)
