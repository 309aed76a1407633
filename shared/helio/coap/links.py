"""What `/.well-known/core` says: the CoRE link format and its filters (RFC 6690)."""

from helio import utf8


def links(table, queries):
    """The links of `{path: Resource}` that every query lets through, as bytes.

    A query is `name=value` (bytes), the name `href` or an attribute's; a value that ends in `*`
    is the beginning of one. Section 4.1. Raises ValueError for one that is not UTF-8.
    """
    queries = [utf8.decode(query) for query in queries]
    found = []
    for path in sorted(table):
        if path == b".well-known/core" or not table[path].exists:
            continue
        attributes = table[path].attributes
        if all([_matches(path.decode(), attributes, query) for query in queries]):
            link = "</%s>" % path.decode()
            found.append(link + ";" + attributes if attributes else link)
    return ",".join(found).encode()


def _matches(path, attributes, query):
    name, equals, wanted = query.partition("=")
    if name == "href":
        words = ["/" + path]
    else:
        value = _value(attributes, name)
        if value is None or not equals:
            return value is not None
        words = value.split(" ") + [value] if name in ("rt", "if", "rel") else [value]
    if wanted[-1:] == "*":
        wanted = wanted[:-1]
        return any([word.startswith(wanted) for word in words])
    return wanted in words


def _value(attributes, name):
    """The value of a link's attribute, "" for one without, None where there is none."""
    i = 0
    while i < len(attributes):
        end = i
        quoted = False
        while end < len(attributes) and (quoted or attributes[end] != ";"):
            if attributes[end] == '"':
                quoted = not quoted
            end += 1
        found, _, value = attributes[i:end].partition("=")
        if found == name:
            return value.strip('"')
        i = end + 1
    return None
