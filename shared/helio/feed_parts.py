"""What an item may have beside its title, its link and its dates; the functions are a Feed's, loaded
when the first of these comes."""

from helio.errors import ParseError
from helio.feed_links import HTML_TYPES, enclose
from helio.xml import limits
from helio.xml.scanner import ELEMENT, END, START, TEXT


def take(feed, field, name, attributes, text, depth):
    """Take the element `name`, which is a `field` of the item and has `text` in it."""
    if field == "id":
        _identify(feed, attributes, text, depth)
    elif field == "summary" or field == "content":
        _body(feed, field, attributes, text, depth)
    elif field == "enclosures":
        enclose(feed, attributes)
    elif field == "categories":
        term = attributes.get("term") or attributes.get("text")
        _categorise(feed, term, attributes.get("scheme", attributes.get("domain")))
        if name.endswith("keywords") and name != "keywords":
            for word in text.split(","):
                _categorise(feed, word.strip(), None)
        else:
            _categorise(feed, text, attributes.get("domain"))
    elif field == "author" and text:
        feed._set("author", text, depth)


def _identify(feed, attributes, text, depth):
    if "id" in feed._fields:
        feed._set("id", text, depth)
    is_link = {key.lower(): value for key, value in attributes.items()}.get("ispermalink", "true") == "true"
    if is_link and feed._item.link is None and "link" in feed._fields:
        feed._item.link = text


def _body(feed, field, attributes, text, depth):
    item = feed._item
    if field == "content" or item.summary is not None and "content" not in feed._depths:
        feed._depths["content"] = depth
        if item.content is None and "content" in feed._fields:
            item.content = text
        kind = attributes.get("type", "text/html")
        if item.summary is None and "summary" in feed._fields and kind in ("text", "text/plain") + HTML_TYPES:
            item.summary = text
    elif "summary" in feed._fields:
        feed._set("summary", text, depth)


def _categorise(feed, term, scheme):
    found = feed._depths.setdefault("categories", [])
    if term and (term, scheme) not in found:
        found.append((term, scheme))
        feed._item.categories.append(term)


def collect(feed, event, field):
    """Take an event inside an element whose text is collected: markup where it may have some."""
    scanner = feed._scanner
    local = scanner.name.rpartition("}")[2]
    if event == TEXT:
        _add(feed, escaped(scanner.text))
    elif field == "author":
        _author(feed, event, local)
    elif field in ("title", "summary", "content", "description"):
        if local == "div" and not feed._is_markup:  # as some wrap their escaped HTML
            if event == ELEMENT:
                _add(feed, scanner.text)
            return
        feed._is_markup = True
        if event != END:
            _add(feed, "<" + local + _attributes(scanner.attributes) + ">")
        if event == ELEMENT:
            _add(feed, escaped(scanner.text))
        if event != START:
            _add(feed, "</" + local + ">")
    elif event == ELEMENT:
        _add(feed, scanner.text)


def _author(feed, event, local):
    if event == START:
        feed._text.append("")  # what follows is this element's
        return
    if event == ELEMENT:
        text = feed._scanner.text
    else:
        start = len(feed._text) - 1
        while feed._text[start]:
            start -= 1
        text = "".join(feed._text[start:])
        del feed._text[start:]
    text = text.strip()
    item = feed._item
    if text and item is not None:
        if local == "name":
            item.author = text
        elif local == "email":
            item.author = "%s (%s)" % (item.author, text) if item.author else text


def _add(feed, text):
    feed._text.append(text)
    feed._size += len(text)
    if feed._size > limits.XML_TEXT_MAX:
        refuse_size()


def refuse_size():
    """More text came than a field may have. Raises ParseError."""
    raise ParseError("a field of more than %d bytes" % limits.XML_TEXT_MAX, 0, 0)


def escaped(text):
    """Text as it is written in markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _written(key):
    uri, _, local = key.rpartition("}")
    prefix = "xml:" if uri.endswith("/XML/1998/namespace") else "xlink:" if uri.endswith("/xlink") else ""
    return prefix + local


def _attributes(attributes):
    pairs = [(_written(key), escaped(value)) for key, value in attributes.items()]
    return "".join([' %s="%s"' % (key, value.replace('"', "&quot;")) for key, value in pairs])


def without_div(feed, text):
    """Take away, in Atom, the one <div> around XHTML (RFC 4287 section 3.1.1.3)."""
    if feed.version != "atom10":
        return
    while len(text) > 1 and not text[-1].strip():
        del text[-1]
    while len(text) > 1 and not text[0].strip():
        del text[0]
    if text and (text[0] == "<div>" or text[0].startswith("<div ")) and text[-1] == "</div>":
        depth = 0
        for piece in text[:-1]:
            if piece.startswith("</"):
                depth -= 1
                if depth == 0:
                    return
            elif piece.startswith("<"):
                depth += 1
        del text[-1]
        del text[0]
