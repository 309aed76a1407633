"""References in text and attribute values (XML 1.0 section 4.1), and the ends of lines (2.11)."""

from helio.xml.characters import is_character, is_name

_FIVE = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_HEXADECIMAL = "0123456789abcdefABCDEF"


def with_line_feeds(text):
    """`text` with each end of a line as one `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


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
            value = _character(name) if name[:1] == "#" else _entity(name, entity)
        out.append(value)
        out.append(rest)
    return "".join(out)


def _character(name):
    digits, base = (name[2:], 16) if name[1:2] == "x" else (name[1:], 10)
    allowed = _HEXADECIMAL if base == 16 else _HEXADECIMAL[:10]
    if digits and all([digit in allowed for digit in digits]):
        digits = digits.lstrip("0")
        code = int(digits, base) if 0 < len(digits) < 8 else 0
        if is_character(code):
            return chr(code)
    raise ValueError("&%s; names no character that XML allows" % name[:20])


def _entity(name, entity):
    if not is_name(name):
        raise ValueError("a & that begins no reference: as text it is written &amp;")
    if not entity:
        raise ValueError("&%s; is not one of XML's five entities, and a DTD is not read" % name)
    value = entity(name)
    return "&%s;" % name if value is None else value
