"""Text that is not plain: beyond ASCII, with references, with ends of lines as others write them, or
wrong (XML 1.0 sections 2.2, 2.11 and 4.1). The functions are a Scanner's, loaded at the first of these."""

from helio import utf8
from helio.xml.stepping import SPACE

_FIVE = " lt < gt > amp & quot \" apos ' "


def text(scanner, data, at, end):
    """The str that is written between `at` and `end`."""
    if not scanner.depth:
        rest = data[at:end].lstrip(SPACE)
        if rest:
            scanner._fail(data, end - len(rest), "text outside the root element")
        return ""
    bad = data.find(b"]]>", at, end)
    if bad >= 0:
        scanner._fail(data, bad, "]]> in text: it is written ]]&gt;")
    found = section(scanner, data, at, end)
    if "&" not in found:
        return found
    try:
        return resolved(found, scanner._entity)
    except ValueError as error:
        scanner._fail(data, data.find(b"&", at), error.args[0])


def section(scanner, data, at, end):
    """The same, where `&` and `]]>` mean nothing."""
    if end - at > scanner._text_max:
        scanner._fail(data, at, "a text of more than %d bytes" % scanner._text_max)
    raw = data[at:end]
    bad = -1 if scanner._strict else forbidden(raw)
    if bad >= 0:
        scanner._fail(data, at + bad, "a character that XML forbids")
    try:
        found = utf8.decode(raw)
    except ValueError:
        scanner._fail(data, at + invalid(raw), "bytes that are not UTF-8")
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
        at = _FIVE.find(" " + name + " ") if name.isalpha() else -1
        if at < 0:
            from helio.xml.productions import reference

            out.append(reference(name, entity))
        else:
            out.append(_FIVE[at + len(name) + 2])
        out.append(rest)
    return "".join(out)


def forbidden(data):
    """Where in UTF-8 the first character is that XML forbids (production 2), or -1."""
    first = len(data)
    for code in range(34):
        bad = bytes((code,)) if code < 32 else b"\xef\xbf\xbe" if code == 32 else b"\xef\xbf\xbf"
        at = data.find(bad) if code not in b"\t\n\r" else -1
        if 0 <= at < first:
            first = at
    return first if first < len(data) else -1


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


if hasattr(bytes, "translate"):  # in C, on CPython
    from helio.xml.translated import forbidden
