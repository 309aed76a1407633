"""The characters and names of XML 1.0 (fifth edition), productions 2 and 4."""

import re

from helio import utf8

# NameStartChar [4] and what else NameChar [4a] has: the ASCII ones, then first and last of each range
_NAME_START_ASCII = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:"
_NAME_ASCII = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789-."
_NAME_START = (0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2FF, 0x370, 0x37D, 0x37F, 0x1FFF, 0x200C, 0x200D, 0x2070, 0x218F)
_NAME_START += (0x2C00, 0x2FEF, 0x3001, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0xEFFFF)
_NAME_MORE = (0xB7, 0xB7, 0x300, 0x36F, 0x203F, 0x2040)

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


def is_character(code):
    """Whether there is a Char of this number, production [2]."""
    if code < 32:
        return code in (9, 10, 13)
    return code < 0xD800 or 0xE000 <= code < 0xFFFE or 0xFFFF < code < 0x110000


def is_name(text):
    """Whether the str `text` is a Name, production [5]."""
    first = text[:1]
    if not first or first not in _NAME_START_ASCII and not _within(ord(first), _NAME_START):
        return False
    return is_nmtoken(text)


def is_nmtoken(text):
    """Whether the str `text` is an Nmtoken, production [7]."""
    for character in text.strip(_NAME_ASCII):  # of ASCII alone it leaves nothing
        if character not in _NAME_ASCII:
            code = ord(character)
            if not _within(code, _NAME_START) and not _within(code, _NAME_MORE):
                return False
    return text != ""


def _within(code, ranges):
    for i in range(0, len(ranges), 2):
        if code <= ranges[i + 1]:
            return code >= ranges[i]
    return False


def whole(data):
    """How many bytes of UTF-8 at the front of `data` are whole characters, if it is UTF-8."""
    size = len(data)
    for back in (1, 2, 3):
        if back > size or data[-back] < 0x80:
            break
        if data[-back] >= 0xC0:  # begins a character
            needs = 4 if data[-back] >= 0xF0 else 3 if data[-back] >= 0xE0 else 2
            return size - back if needs > back else size
    return size


def invalid(data):
    """Where in `data` the first byte is that is not UTF-8."""
    at = 0
    while at < len(data):
        first = data[at]
        size = 1 if first < 0x80 else 4 if first >= 0xF0 else 3 if first >= 0xE0 else 2
        try:
            utf8.decode(data[at : at + size])
        except ValueError:
            return at
        at += size
    return at
