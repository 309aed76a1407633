"""Names, characters and references as the productions of XML 1.0 (fifth edition) have them; loaded for
what is not plain ASCII."""

# NameStartChar [4] and what else NameChar [4a] has: the ASCII ones, then first and last of each range
_NAME_START_ASCII = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:"
_NAME_ASCII = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789-."
_NAME_START = (0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2FF, 0x370, 0x37D, 0x37F, 0x1FFF, 0x200C, 0x200D, 0x2070, 0x218F)
_NAME_START += (0x2C00, 0x2FEF, 0x3001, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0xEFFFF)
_NAME_MORE = (0xB7, 0xB7, 0x300, 0x36F, 0x203F, 0x2040)
_HEXADECIMAL = "0123456789abcdefABCDEF"


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


def reference(name, entity):
    """The text of the reference `&name;`, none of the five entities: of a character, or what
    `entity(name)` gives, and as written for None. Raises ValueError."""
    if name[:1] == "#":
        return _character(name)
    if not is_name(name):
        raise ValueError("a & that begins no reference: as text it is written &amp;")
    if not entity:
        raise ValueError("&%s; is not one of XML's five entities, and a DTD is not read" % name)
    value = entity(name)
    return "&%s;" % name if value is None else value


def _character(name):
    digits, base = (name[2:], 16) if name[1:2] == "x" else (name[1:], 10)
    allowed = _HEXADECIMAL if base == 16 else _HEXADECIMAL[:10]
    if digits and all([digit in allowed for digit in digits]):
        digits = digits.lstrip("0")
        code = int(digits, base) if 0 < len(digits) < 8 else 0
        if is_character(code):
            return chr(code)
    raise ValueError("&%s; names no character that XML allows" % name[:20])
