"""Text that is not plain: beyond ASCII, with references, with ends of lines as others write them, or
wrong (XML 1.0 sections 2.2, 2.11 and 4.1). Loaded at the first of these; a fault is a ValueError of what
it is, and where."""

import re

from helio import utf8

_FIVE = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}

# What production 2 leaves out of UTF-8. MicroPython's `re` ends a pattern at NUL: that one apart.
_FORBIDDEN = re.compile(b"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_OTHERS = (b"\0", b"\xef\xbf\xbe", b"\xef\xbf\xbf")


def text(data, at, end, is_checked, entity):
    """The str that is written between `at` and `end`; whether its characters are known to be XML's."""
    bad = data.find(b"]]>", at, end)
    if bad >= 0:
        raise ValueError("]]> in text: it is written ]]&gt;", bad)
    found = characters(data, at, end, is_checked)
    if "&" not in found:
        return found
    try:
        return resolved(found, entity)
    except ValueError as error:
        raise ValueError(error.args[0], data.find(b"&", at))


def characters(data, at, end, is_checked):
    """The same, where `&` means nothing."""
    raw = data[at:end]
    bad = -1 if is_checked else forbidden(raw)
    if bad >= 0:
        raise ValueError("a character that XML forbids", at + bad)
    try:
        found = utf8.decode(raw)
    except ValueError:
        raise ValueError("bytes that are not UTF-8", at + invalid(raw))
    return found.replace("\r\n", "\n").replace("\r", "\n") if "\r" in found else found


def resolved(text, entity):
    """`text` with its references resolved. `entity(name)` gives the text of an entity that is not
    one of the five, or None to leave it as written; without it one raises ValueError, as does a
    reference that is not well-formed."""
    parts = text.split("&")
    out = [parts[0]]
    for part in parts[1:]:
        name, semicolon, rest = part.partition(";")
        if not semicolon:
            raise ValueError("a & that begins no reference: as text it is written &amp;")
        value = _FIVE.get(name)
        if value is None:
            from helio.xml.productions import reference

            value = reference(name, entity)
        out.append(value)
        out.append(rest)
    return "".join(out)


def forbidden(data):
    """Where in UTF-8 the first character is that XML forbids, or -1."""
    match = _FORBIDDEN.search(data)
    found = [data.find(match.group(0))] if match else []
    for bad in _OTHERS:
        at = data.find(bad)
        if at >= 0:
            found.append(at)
    return min(found) if found else -1


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


if hasattr(bytes, "translate"):  # CPython's runs in C, and its `re` does not keep up
    _CONTROLS = bytes([byte for byte in range(32) if byte not in b"\t\n\r"])
    _search = forbidden

    def forbidden(data):
        if len(data.translate(None, _CONTROLS)) == len(data) and b"\xef\xbf" not in data:
            return -1
        return _search(data)
