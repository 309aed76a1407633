"""References in text and attribute values (XML 1.0 section 4.1)."""

_FIVE = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


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
