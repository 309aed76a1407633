"""What an item may have beside its title, its link and its dates; the functions are a Feed's, loaded
when the first of these comes."""

import binascii

from helio import utf8
from helio.errors import ParseError
from helio.feed_links import HTML_TYPES, enclose
from helio.feed_words import meaning
from helio.xml import limits
from helio.xml.scanner import ELEMENT, END, START, TEXT

_TEXTS = ("title", "summary", "content", "description")  # the fields that may have markup
_LISTS = ("itunes:keywords", "media:keywords", "tags")  # of words, with commas between


def take(feed, field, name, attributes, text, depth):
    """Take the element `name`, which is a `field` of the item and has `text` in it."""
    if field == "id":
        _identify(feed, attributes, text, depth)
    elif field == "summary" or field == "content":
        if name.endswith("body") and not feed._is_markup and "type" not in attributes:
            text = escaped(text)
        _body(feed, field, name, attributes, text, depth)
    elif field == "enclosures":
        enclose(feed, attributes)
    elif field == "categories":
        term = attributes.get("term") or attributes.get("text")
        _categorise(feed, term, attributes.get("scheme", attributes.get("domain")))
        for term in feed._depths.pop("inner", ()):
            _categorise(feed, term, None)
        if name in _LISTS:
            for word in text.split(","):
                _categorise(feed, word.strip(), None)
        else:
            _categorise(feed, text, attributes.get("domain"))
    elif field == "author":
        person = feed._depths.pop("person", None)
        if person:
            name, email = person.get("name"), person.get("email")
            text = "%s (%s)" % (name, email) if name and email else name or email
        if text:
            feed._set("author", text, depth)


def _identify(feed, attributes, text, depth):
    if "id" in feed._fields:
        feed._set("id", text, depth)
    is_link = {key.lower(): value for key, value in attributes.items()}.get("ispermalink", "true") == "true"
    if is_link and feed._item.link is None and "link" in feed._fields:
        feed._item.link = text


def _body(feed, field, name, attributes, text, depth):
    item = feed._item
    if field == "content" or item.summary is not None and "content" not in feed._depths:
        if not name.endswith("body"):  # as feedparser has it
            feed._depths["content"] = depth
        if item.content is None and "content" in feed._fields:
            item.content = text
        kind = attributes.get("type", "text/html").lower()
        if item.summary is None and "summary" in feed._fields and kind in ("text", "text/plain") + HTML_TYPES:
            item.summary = text
    elif "summary" in feed._fields:
        feed._set("summary", text, depth)


def _categorise(feed, term, scheme):
    found = feed._depths.setdefault("categories", {})
    if term and (term, scheme) not in found and len(found) < limits.FEED_CATEGORIES_MAX:
        found[term, scheme] = True
        feed._item.categories.append(term)


# --- elements in an element


def collect(feed, event, field):
    """Take an event inside an element whose text is collected: markup where it may have some."""
    scanner = feed._scanner
    local = scanner.name.rpartition("}")[2]
    if field not in _TEXTS:
        _step_into(feed, event, field, local)
    elif event == TEXT:
        _add(feed, escaped(scanner.text))
    elif local == "div" and not feed._is_markup:  # as some wrap their escaped HTML
        if event == ELEMENT:
            _add(feed, scanner.text)
    else:
        feed._is_markup = True
        if event != END:
            _add(feed, "<" + local + _attributes(scanner.attributes) + ">")
        if event == ELEMENT:
            _add(feed, escaped(scanner.text))
        if event != START:
            _add(feed, "</" + local + ">")


def _step_into(feed, event, field, local):
    """What is in an element in another is not the text of that; but it may say something."""
    if event == START:
        feed._text.append(None)  # what follows is this element's
    if event == ELEMENT:
        text = feed._scanner.text
    elif event == END:
        start = len(feed._text) - 1
        while feed._text[start] is not None:
            start -= 1
        text = "".join(feed._text[start + 1 :])
        del feed._text[start:]
    if feed._item is None:
        return
    if field == "author" and event != START:
        if text.strip() and local in ("name", "email"):
            feed._depths.setdefault("person", {})[local] = text.strip()
    elif field == "categories" and event != END and local == "category":
        feed._depths.setdefault("inner", []).append(feed._scanner.attributes.get("text"))


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


# --- what is not just text


def is_markup(name, attributes):
    """Whether elements in the text of the element `name` are part of it, and the text is as XML has it."""
    kind = attributes.get("type", "xml" if name.endswith("body") else "").lower()
    return meaning(name) in _TEXTS and (kind == "xhtml" or kind.endswith("xml"))


def whole(name, attributes, text):
    """The text of an element with nothing but `text` in it, in the place of what is written."""
    return escaped(text) if is_markup(name, attributes) else _decoded(name, attributes, text)


def finished(feed, name, attributes, text):
    """The text of an element that was collected as a list."""
    if feed._is_markup:
        return "".join(_without_div(text) if feed.version == "atom10" else text)
    return _decoded(name, attributes, "".join(text))


def _decoded(name, attributes, text):
    """The text that is in Base64: Atom 0.3 says so, Atom 1.0 (RFC 4287 section 4.1.3.3) by a media
    type that is neither text nor XML."""
    kind = attributes.get("type", "").lower()
    if meaning(name) in _TEXTS and (attributes.get("mode") == "base64" or "/" in kind and kind[:5] != "text/"):
        data = "".join(text.split()).encode()
        try:
            decoded = binascii.a2b_base64(data)
            if binascii.b2a_base64(decoded).strip() == data:  # else it is none; what is no Base64 is ignored
                return utf8.decode(decoded)
        except ValueError:
            pass
    return text


def _without_div(text):
    """Without, in Atom, the one <div> around XHTML (RFC 4287 section 3.1.1.3)."""
    start = 0
    end = len(text)
    while end - start > 1 and not text[end - 1].strip():
        end -= 1
    while end - start > 1 and not text[start].strip():
        start += 1
    first = text[start] if text else ""
    if (first == "<div>" or first.startswith("<div ")) and text[end - 1] == "</div>":
        depth = 0
        for i in range(start, end - 1):
            if text[i].startswith("</"):
                depth -= 1
                if depth == 0:
                    break
            elif text[i].startswith("<"):
                depth += 1
        else:
            return text[start + 1 : end - 1]
    return text[start:end]
