"""The attributes that are not plain: in single quotes, with a reference or beyond ASCII, or wrong
(XML 1.0 sections 3.1 and 3.3.3). Loaded at the first of these."""

from helio import utf8
from helio.xml.stepping import SPACE
from helio.xml.texts import forbidden, resolved


def quote(data, at):
    """Where the quote is that begins the value behind a `=`, and which. Raises ValueError."""
    found = data[at : at + 1]
    while found and found in SPACE:
        at += 1
        found = data[at : at + 1]
    if found != b"'" and found != b'"':
        fail("quotes", at)
    return at, found


def value(data, at, is_checked, entity):
    """The str that the bytes of a value at `at` mean; whether XML's characters `is_checked`
    already. Raises ValueError."""
    if b"<" in data:
        raise ValueError("a < in an attribute: it is written &lt;", at)
    if not is_checked and forbidden(data) >= 0:
        raise ValueError("a character that XML forbids", at)
    try:
        text = utf8.decode(data)
    except ValueError:
        raise ValueError("bytes that are not UTF-8", at)
    for space in ("\r\n", "\r", "\n", "\t"):
        if space in text:
            text = text.replace(space, " ")
    try:
        return resolved(text, entity) if "&" in text else text
    except ValueError as error:
        raise ValueError(error.args[0], at)


def refuse(name, found, start, size, size_max, count_max):
    """Raise ValueError of what is wrong with the value at `start`, of `size` bytes, negative without an
    end, of an attribute behind those `found`."""
    if size < 0:
        fail("quotes", start)
    if name in found:
        fail("twice", start, name)
    if size > size_max:
        fail("large", start, size_max)
    fail("many", start, count_max)


def refuse_name(data):
    """What is wrong with the bytes of a name."""
    try:
        return "a name was expected, not %s" % (utf8.decode(data)[:40] or "nothing")
    except ValueError:
        return "bytes that are not UTF-8"


def fail(fault, at, *shown):
    """Raise ValueError of one of `helio.xml.faults`, or of one in words, and of where it is."""
    from helio.xml.faults import FAULTS

    text = FAULTS[fault] % shown if fault in FAULTS else fault
    raise ValueError(text) if at is None else ValueError(text, at)
