"""The declarations of a document type: XML 1.0 (fifth edition) chapters 3 and 4.

Each function takes the position where a production begins, in bytes that hold the whole declaration,
and returns the position behind it. What is not as it should be raises ValueError(what was expected,
position).
"""

from helio.xml.productions import is_character, is_name, is_nmtoken

MODEL_MAX_DEPTH = 128  # of the groups of a content model, one in the other; libxml2 has the same

_SPACE = b" \t\n\r"
_QUOTES = b"\"'"
# what of ASCII is in a name; beyond it, `is_name` decides
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"
_PUBID = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \r\n-'()+,./:=?;!*#@$_%"  # [13]
_TYPES = (b"CDATA", b"ID", b"IDREF", b"IDREFS", b"ENTITY", b"ENTITIES", b"NMTOKEN", b"NMTOKENS")  # [55], [56]


def space(data, at):
    end = len(data)
    while at < end and data[at] in _SPACE:
        at += 1
    return at


def gap(data, at):
    """[3] S."""
    if data[at] not in _SPACE:
        raise ValueError("white space", at)
    return space(data, at)


def mark(data, at, mark):
    if not data.startswith(mark, at):
        raise ValueError("`%s`" % str(mark, "utf-8"), at)
    return at + len(mark)


def run(data, at):
    """The position behind the bytes that may be a name's."""
    end = len(data)
    while at < end and (data[at] in _NAME or data[at] > 0x7F):
        at += 1
    return at


def _text(data):
    try:
        return str(data, "utf-8")
    except ValueError:  # it is not UTF-8, and no name either
        return ""


def name(data, at):
    """[5] Name."""
    end = run(data, at)
    if not is_name(_text(data[at:end])):
        raise ValueError("a name", at)
    return end


def nc_name(data, at):
    """[5] Name without a colon, as entities, notations and targets have: Namespaces in XML section 7."""
    end = name(data, at)
    if data.find(b":", at, end) >= 0:
        raise ValueError("a name without a colon", at)
    return end


def _nmtoken(data, at):
    """[7] Nmtoken."""
    end = run(data, at)
    if not is_nmtoken(_text(data[at:end])):
        raise ValueError("a name token", at)
    return end


def _literal(data, at):
    """[11] SystemLiteral."""
    if data[at] not in _QUOTES:
        raise ValueError("a quote", at)
    return data.find(data[at : at + 1], at + 1) + 1


def _public_literal(data, at):
    """[12] PubidLiteral."""
    end = _literal(data, at)
    if data[at + 1 : end - 1].strip(_PUBID):
        raise ValueError("a public identifier", at)
    return end


def _value(data, at, forbidden):
    """[9] EntityValue, [10] AttValue: a literal with references, without the byte `forbidden`."""
    end = _literal(data, at)
    wrong = data.find(forbidden, at, end)
    if wrong >= 0:
        raise ValueError("no `%s` in this literal" % str(forbidden, "utf-8"), wrong)
    at = data.find(b"&", at, end)
    while at >= 0:
        at = data.find(b"&", _reference(data, at + 1), end)
    return end


def _reference(data, at):
    """[67] Reference, behind its `&`."""
    if data[at] not in b"#":
        return mark(data, nc_name(data, at), b";")
    begin = at + 1
    base, of_base = 10, b"0123456789"
    if data[begin] in b"x":
        begin += 1
        base, of_base = 16, b"0123456789abcdefABCDEF"
    end = begin
    while data[end] in of_base:
        end += 1
    digits = data[begin:end].lstrip(b"0")
    # the well-formedness constraint "Legal Character"
    if not 0 < len(digits) < 8 or not is_character(int(str(digits, "utf-8"), base)):
        raise ValueError("a character's number", begin)
    return mark(data, end, b";")


def external_id(data, at, maybe_public=False):
    """[75] ExternalID, or [83] PublicID where `maybe_public`."""
    end = run(data, at)
    word = data[at:end]
    if word == b"PUBLIC":
        end = _public_literal(data, gap(data, end))
        if maybe_public and data[space(data, end)] not in _QUOTES:
            return end
    elif word != b"SYSTEM":
        raise ValueError("SYSTEM or PUBLIC", at)
    return _literal(data, gap(data, end))


def element(data, at):
    """[45] elementdecl, behind its keyword."""
    at = gap(data, name(data, gap(data, at)))
    end = run(data, at)
    if data[at:end] in (b"EMPTY", b"ANY"):
        return end
    behind = space(data, mark(data, at, b"("))
    return _mixed(data, behind) if data[behind] in b"#" else _children(data, at)


def _mixed(data, at):
    """[51] Mixed, from `#PCDATA` on."""
    at = mark(data, at, b"#PCDATA")
    end = _alternatives(data, at, name)
    with_names = end > space(data, at)
    end = mark(data, end, b")")
    return mark(data, end, b"*") if with_names or data[end] in b"*" else end


def _alternatives(data, at, production):
    """`(S? '|' S? production)* S?`."""
    at = space(data, at)
    while data[at] in b"|":
        at = space(data, production(data, space(data, at + 1)))
    return at


def _children(data, at):
    """[47] children, with [48] cp, [49] choice and [50] seq."""
    separators = []  # one for each open group, 0 while it has had none
    while True:
        if data[at] in b"(":
            if len(separators) == MODEL_MAX_DEPTH:
                raise ValueError("at most %d groups in each other" % MODEL_MAX_DEPTH, at)
            separators.append(0)
            at = space(data, at + 1)
            continue
        at = _cardinality(data, name(data, at))
        at = space(data, at)
        while data[at] in b")":
            separators.pop()
            at = _cardinality(data, at + 1)
            if not separators:
                return at
            at = space(data, at)
        separator = data[at]
        if separator not in b"|,":
            raise ValueError("`|`, `,` or `)`", at)
        if separators[-1] not in (0, separator):
            raise ValueError("`%s` again, or `)`" % chr(separators[-1]), at)
        separators[-1] = separator
        at = space(data, at + 1)


def _cardinality(data, at):
    return at + 1 if data[at] in b"?*+" else at


def attributes(data, at):
    """[52] AttlistDecl, behind its keyword."""
    at = name(data, gap(data, at))
    while data[space(data, at)] not in b">":
        at = gap(data, name(data, gap(data, at)))  # [53] AttDef
        at = _default(data, gap(data, _attribute_type(data, at)))
    return at


def _attribute_type(data, at):
    """[54] AttType."""
    production = _nmtoken
    end = run(data, at)
    word = data[at:end]
    if word == b"NOTATION":  # [58] NotationType
        production = name
        at = gap(data, end)
    elif word in _TYPES:
        return end
    elif data[at] not in b"(":  # [59] Enumeration
        raise ValueError("an attribute's type", at)
    at = space(data, mark(data, at, b"("))
    return mark(data, _alternatives(data, production(data, at), production), b")")


def _default(data, at):
    """[60] DefaultDecl."""
    if data[at] in b"#":
        end = run(data, at + 1)
        word = data[at:end]
        if word in (b"#REQUIRED", b"#IMPLIED"):
            return end
        if word != b"#FIXED":
            raise ValueError("#REQUIRED, #IMPLIED or #FIXED", at)
        at = gap(data, end)
    return _value(data, at, b"<")


def entity(data, at):
    """[70] EntityDecl, behind its keyword."""
    at = gap(data, at)
    is_parameter = data[at] in b"%"
    if is_parameter:
        at = gap(data, at + 1)
    at = gap(data, nc_name(data, at))
    if data[at] in _QUOTES:
        # "PEs in Internal Subset": no parameter entity reference within a declaration
        return _value(data, at, b"%")
    at = external_id(data, at)
    if is_parameter or data[space(data, at)] in b">":
        return at
    return nc_name(data, gap(data, mark(data, gap(data, at), b"NDATA")))  # [76] NDataDecl


def notation(data, at):
    """[82] NotationDecl, behind its keyword."""
    return external_id(data, gap(data, nc_name(data, gap(data, at))), True)
