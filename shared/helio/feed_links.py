"""Links and enclosures whose address is an attribute; the functions are a Feed's, loaded at the first."""

HTML_TYPES = ("text/html", "application/xhtml+xml", "html", "xhtml")


def _found(attributes):
    """The address that attributes have, or None, and the attributes, in small letters if need be."""
    for _ in range(2):
        url = attributes.get("href") or attributes.get("url") or attributes.get("uri")
        if url is not None:
            break
        attributes = {key.lower(): value for key, value in attributes.items()}
    return url, attributes


def refer(feed, attributes):
    """Take what attributes say of a link. False when its text does."""
    url, attributes = _found(attributes)
    if url is None:
        return False
    relation = attributes.get("rel", "alternate").lower()
    if relation == "enclosure":
        enclose(feed, attributes)
    elif relation == "alternate" and attributes.get("type", "text/html").lower() in HTML_TYPES:
        if feed._item is None:
            feed.link = url
        elif "link" in feed._fields:
            feed._item.link = url
    return True


def enclose(feed, attributes):
    """Take an enclosure of the item, if there is one."""
    url, attributes = _found(attributes)
    if url is not None and feed._item is not None and "enclosures" in feed._fields:
        found = {"url": url}
        for key in ("type", "length"):
            if key in attributes:
                found[key] = attributes[key]
        feed._item.enclosures.append(found)
