"""The attributes that are not plain: in single quotes, with a reference or beyond ASCII, or wrong
(XML 1.0 sections 3.1 and 3.3.3). Loaded at the first of these."""

from helio import utf8
from helio.xml.texts import forbidden, resolved

_SPACE = b" \t\r\n"
_FAULTS = {
    "no value": "an attribute without a value",
    "no space": "white space was expected before an attribute",
    "long": "a name of more than %d bytes",
    "twice": "the attribute %s twice",
    "prefix": "the prefix %s was not declared",
    "xmlns": "the prefix %s cannot be declared so",
}


def quote(data, at):
    """Where the quote is that begins the value behind a `=`, and which. Raises ValueError."""
    found = data[at : at + 1]
    while found and found in _SPACE:
        at += 1
        found = data[at : at + 1]
    if found != b"'" and found != b'"':
        raise ValueError("an attribute's value in quotes was expected", at)
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


def refuse(name, found, size, size_max, count_max):
    """What is wrong with an attribute of `size` bytes, negative without an end, behind those `found`."""
    if size < 0:
        return "an attribute's value in quotes was expected"
    if name in found:
        return "the attribute %s twice" % name
    if size > size_max:
        return "an attribute of more than %d bytes" % size_max
    return "more than %d attributes" % count_max


def refuse_name(data):
    """What is wrong with the bytes of a name."""
    try:
        return "a name was expected, not %s" % (utf8.decode(data)[:40] or "nothing")
    except ValueError:
        return "bytes that are not UTF-8"


def fail(fault, at, *shown):
    """Raise ValueError of one of the faults above, or of one in words, and of where it is."""
    text = _FAULTS[fault] % shown if fault in _FAULTS else fault
    raise ValueError(text) if at is None else ValueError(text, at)
