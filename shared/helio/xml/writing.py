"""Elements as XML, as `xml.etree.ElementTree.tostring` writes them."""

from helio.errors import UsageError
from helio.xml.encodings import ASCII, LATIN

_PREFIXES = {
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://www.w3.org/1999/xhtml": "html",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://schemas.xmlsoap.org/wsdl/": "wsdl",
    "http://www.w3.org/2001/XMLSchema": "xs",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "http://purl.org/dc/elements/1.1/": "dc",
}


def register(prefix, uri):
    """Have a namespace written under `prefix`."""
    if prefix[:2] == "ns" and prefix[2:].isdigit():
        raise UsageError("the prefix %s is one that tostring gives itself" % prefix)
    for key, value in list(_PREFIXES.items()):
        if key == uri or value == prefix:
            del _PREFIXES[key]
    _PREFIXES[uri] = prefix


def serialized(element, encoding, method, xml_declaration, short_empty_elements):
    """See `tostring`."""
    if method not in ("xml", "text"):
        raise UsageError('tostring has the methods "xml" and "text", not %r' % method)
    if method == "text":
        text = "".join(element.itertext()) + (element.tail or "")
    else:
        text = "".join(_parts(element, short_empty_elements))
    encoding = encoding or "us-ascii"
    name = encoding.lower()
    if name == "unicode":
        return text if not xml_declaration else _declaration("utf-8") + text
    if xml_declaration or xml_declaration is None and method == "xml" and name not in ("utf-8", "us-ascii"):
        text = _declaration(encoding) + text
    name = name.replace("_", "-")
    if name in ("utf-8", "utf8"):
        return text.encode()
    last = 0x7F if name in ASCII else 0xFF if name in LATIN else None
    if last is None:
        raise UsageError("tostring writes utf-8, us-ascii, iso-8859-1 and unicode, not %s" % encoding)
    return _narrow(text, last)


def _declaration(encoding):
    return "<?xml version='1.0' encoding='%s'?>\n" % encoding


def _narrow(text, last):
    """Bytes of characters up to `last`, the others as references."""
    data = text.encode()
    if len(data) == len(text):
        return data
    out = bytearray()
    for char in text:
        code = ord(char)
        if code <= last:
            out.append(code)
        else:
            out.extend(("&#%d;" % code).encode())
    return bytes(out)


def _parts(root, short_empty_elements):
    names, namespaces = _names(root)
    declared = "".join([
        ' xmlns%s="%s"' % (prefix and ":" + prefix, _value(uri))
        for prefix, uri in sorted([(p, u) for u, p in namespaces.items()])
    ])  # fmt: skip
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            yield element
            continue
        tag = names[element.tag]
        yield "<" + tag
        if declared:
            yield declared
            declared = ""
        for key, value in element.items():
            yield ' %s="%s"' % (names[key], _value(value))
        tail = _text(element.tail) if element.tail else ""
        if element.text or len(element) or not short_empty_elements:
            yield ">"
            if element.text:
                yield _text(element.text)
            waiting.append("</%s>%s" % (tag, tail))
            for i in range(len(element) - 1, -1, -1):
                waiting.append(element[i])
        else:
            yield " />" + tail


def _names(root):
    """`{name: as it is written}` and `{uri: prefix}` of all that is in an element."""
    names = {}
    namespaces = {}
    for element in root.iter():
        for name in [element.tag] + list(element.attrib):
            if name not in names:
                names[name] = _written(name, namespaces)
    return names, namespaces


def _written(name, namespaces):
    if not isinstance(name, str):
        raise UsageError("the name of an element or attribute is a str, not %r" % (name,))
    if name[:1] != "{":
        return name
    uri, _, local = name[1:].rpartition("}")
    prefix = namespaces.get(uri)
    if prefix is None:
        prefix = _PREFIXES.get(uri, "ns%d" % len(namespaces))
        if prefix != "xml":
            namespaces[uri] = prefix
    return "%s:%s" % (prefix, local) if prefix else local


def _text(text):
    if not isinstance(text, str):
        raise UsageError("text is a str, not %r" % (text,))
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text


def _value(text):
    text = _text(text)
    for char, reference in (('"', "&quot;"), ("\r", "&#13;"), ("\n", "&#10;"), ("\t", "&#09;")):
        if char in text:
            text = text.replace(char, reference)
    return text
