"""Feeds as they arrive: RSS 0.90 to 2.0, Atom 0.3 and 1.0, with what Dublin Core, content, iTunes and
media extensions say where the feed's own words are missing.

`Feed` takes pieces of bytes and gives each `Item` when its end has come. What was not asked for is
stepped over without being held or decoded. Which element means what follows feedparser.
"""

from helio import limits
from helio.errors import NotAFeed, ParseError, UsageError
from helio.feed_words import (
    ATOM,
    FIELDS,
    HOLDERS,
    HTML_TYPES,
    MARKUP,
    MEANS,
    OF_FEED,
    PREFIXES,
    RDF,
    RSS_VERSIONS,
)
from helio.xml.scanner import ELEMENT, END, START, TEXT, Scanner

_HEAD_BYTES = 1024  # before the root element, where a document type says which RSS 0.91 it is


class Item:
    """One item or entry. `title`, `link`, `id`, `summary`, `content`, `author` are str, HTML where
    the feed has HTML, or None; `published` and `updated` seconds since 1970, UTC, or None where a
    date is missing or cannot be read, `published_text` and `updated_text` as they were written;
    `categories` a list of str; `enclosures` a list of dicts with `url`, `type` and `length` as far
    as they are known."""

    title = link = id = summary = content = author = published_text = updated_text = None

    def __init__(self):
        self.categories = []
        self.enclosures = []

    @property
    def published(self):
        return _seconds(self.published_text)

    @property
    def updated(self):
        return _seconds(self.updated_text)


class Feed:
    """Reads one feed. `fields`, names out of FIELDS, are those wanted of each item, all unless
    given; `items` is how many are. Of the feed itself: `version` as feedparser names it (`rss20`,
    `atom10`), `title`, `link`, `description`, `language`, `updated` in seconds since 1970 and
    `updated_text` as written; None until it has come."""

    def __init__(self, fields=None, items=None):
        for field in fields or ():
            if field not in FIELDS:
                raise UsageError("%s is no field of an item: %s" % (field, ", ".join(FIELDS)))
        self.version = self.title = self.link = self.description = self.language = self.updated_text = None
        self.is_done = False  # the last wanted item has come: nothing more needs to be fetched
        self._fields = fields or FIELDS
        self._left = items
        self._names = {}  # as the scanner gives them: what they mean here
        self._of_items = self._wants  # one object: the scanner keeps what it knows for each
        self._scanner = Scanner(self._of_items, _entity)
        self._has_items = False
        self._item = None
        self._depths = {}  # how deep what the item has was found: a nearer one replaces it
        self._schemes = []  # the categories that it has, each with its scheme
        self._has_content = self._in_author = False
        self._field = None  # the element whose text is collected: its name, attributes, depth
        self._text = []
        self._size = 0
        self._is_markup = False
        self._head = b""

    @property
    def updated(self):
        return _seconds(self.updated_text)

    def feed(self, data):
        """An iterator over the Items that `data`, bytes, completes. Raises NotAFeed, and ParseError
        where the feed is broken, after the items before."""
        if self.is_done:
            return
        if self._head is not None:
            if not self._head:
                data = data.lstrip()  # many feeds begin with an empty line, which XML forbids
            self._head = (self._head + data)[-_HEAD_BYTES:]
        scanner = self._scanner
        names = self._names
        takes_link = "link" in self._fields
        try:
            for event in scanner.feed(data):
                if self._field is not None:
                    self._collect(event)
                elif event == ELEMENT:
                    name = names[scanner.name]
                    item = self._item
                    if item is None or scanner.attributes:
                        self._take(name, scanner.attributes, scanner.text, scanner.depth + 1)
                    elif name == "link" and takes_link:
                        item.link = scanner.text.strip()
                    elif name == "title":
                        self._title(name, scanner.text.strip(), scanner.depth + 1)
                    else:
                        self._take(name, scanner.attributes, scanner.text, scanner.depth + 1)
                elif event == START:
                    name = names[scanner.name]
                    if name == "item" or name == "entry":
                        self._begin_item(scanner)
                    else:
                        self._open(name)
                elif event == END:
                    name = names[scanner.name]
                    if name == "item" or name == "entry":
                        item = self._item
                        self._item = None
                        if self._left is not None:
                            self._left -= 1
                            self.is_done = self._left <= 0
                        yield item
                        if self.is_done:
                            return
                    elif name in ("author", "managingeditor"):
                        self._in_author = False
        except MemoryError:
            raise ParseError("there is not enough memory for a field: ask for fewer fields", 0, 0)

    def close(self):
        """Say that nothing more comes. Raises ParseError when the feed is not complete."""
        if not self.is_done:
            self._scanner.close()

    def _wants(self, name):
        uri, brace, local = name.rpartition("}")
        prefix = PREFIXES.get(uri[1:].lower())
        if prefix is None:
            prefix = "" if "backend.userland.com/rss" in uri.lower() else uri + "}"
        alias = prefix + local.lower()
        if len(self._names) > 256:
            self._names.clear()
        self._names[name] = alias
        if not self.version:
            self._begin(name, alias, uri[1:].lower())
            return False
        if alias == "channel" and self.version == "rdf":
            self.version = "rss090" if "netscape" in uri else "rss10"
        if alias in HOLDERS:
            return False
        if alias in ("name", "email"):
            return True if "author" in self._fields else None
        field = MEANS.get(alias)
        if field in self._fields or field in OF_FEED and not self._has_items:
            return True
        if field == "link" and "enclosures" in self._fields or field == "content" and "summary" in self._fields:
            return True
        return True if field == "id" and "link" in self._fields else None

    def _begin(self, name, alias, uri):
        if alias == "rss":
            is_netscape = self._head is not None and b"netscape" in self._head.split(b"<rss", 1)[0].lower()
            self.version = "rss091n" if is_netscape else "rss"
        elif alias == "feed":
            self.version = "atom10" if uri == ATOM else "atom"
        elif alias == "rdf:rdf":
            self.version = "rdf"
        else:
            raise NotAFeed("this is no feed: its root element is <%s>, not <rss>, <feed> or <rdf:RDF>" % name[:80])
        self._head = None

    def _begin_item(self, scanner):
        self._item = Item()
        self._title_depth = limits.XML_DEPTH_MAX
        self._has_content = False
        if self._depths:
            self._depths = {}
        if self._schemes:
            self._schemes = []
        if scanner.attributes and "id" in self._fields:
            self._item.id = scanner.attributes.get("{%s}about" % RDF)
        if not self._has_items:  # from here on what was wanted of the feed itself may not be
            self._has_items = True
            self._of_items = lambda name: self._wants(name)
            scanner.want(self._of_items)

    def _open(self, name):
        attributes = self._scanner.attributes
        depth = self._scanner.depth
        if name in HOLDERS:
            if depth == 1:
                self._root(name, attributes)
        elif name in ("author", "managingeditor"):
            self._in_author = True
        elif name == "link" or name == "enclosure":
            if not self._reference(name, attributes):
                self._start(name, attributes, depth)
        else:
            self._start(name, attributes, depth)

    def _root(self, name, attributes):
        version = attributes.get("version", "")
        if self.version == "rss":
            self.version = RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss")
        elif self.version == "atom":
            self.version = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}.get(version, "atom")
        language = attributes.get("{http://www.w3.org/XML/1998/namespace}lang")
        if language:
            self.language = language.replace("_", "-")

    # --- an element with more than text in it

    def _start(self, name, attributes, depth):
        self._field = (name, attributes, depth)
        self._text = []
        self._size = 0
        kind = attributes.get("type", "")
        self._is_markup = kind.endswith("xhtml") or kind.endswith("xml")
        self._scanner.want(None)

    def _collect(self, event):
        name, attributes, depth = self._field
        scanner = self._scanner
        if event == TEXT:
            self._add(_escaped(scanner.text) if self._is_markup else scanner.text)
        elif event == END and scanner.depth < depth:
            self._field = None
            scanner.want(self._of_items)
            text = self._text
            if self._is_markup and self.version == "atom10":
                text = _without_div(text)
            self._text = []
            self._take(name, attributes, "".join(text), depth)
        elif MEANS.get(name) in MARKUP:
            local = scanner.name.rpartition("}")[2]
            if local == "div" and not self._is_markup:
                if event == ELEMENT:
                    self._add(scanner.text)
                return  # as some wrap their escaped HTML
            self._is_markup = True
            if event != END:
                self._add("<" + local + _attributes(scanner.attributes) + ">")
            if event == ELEMENT:
                self._add(_escaped(scanner.text))
            if event != START:
                self._add("</" + local + ">")
        elif event == ELEMENT:
            self._add(scanner.text)

    def _add(self, text):
        self._text.append(text)
        self._size += len(text)
        if self._size > limits.XML_TEXT_MAX:
            raise ParseError("a field of more than %d bytes" % limits.XML_TEXT_MAX, 0, 0)

    # --- what was found

    def _take(self, name, attributes, text, depth):
        text = text.strip()
        if name == "name" or name == "email":
            if self._in_author:
                self._author(name, text)
            return
        field = MEANS.get(name)
        if self._item is None:
            if field == "summary":
                field = "description"
            if field == "link" or field in OF_FEED:
                self._of_feed(name, field, attributes, text, depth)
            return
        if name == "link" or field in ("enclosures", "categories"):
            if not self._reference(name, attributes) and text:
                self._text_reference(name, text, attributes.get("domain"))
        elif field == "summary" or field == "content":
            self._body(field, name, attributes, text, depth)
        elif field == "title":
            self._title(name, text, depth)
        elif field == "id":
            if "id" in self._fields:
                self._set("id", text, depth)
            is_link = {key.lower(): value for key, value in attributes.items()}.get("ispermalink", "true") == "true"
            if is_link and self._item.link is None and "link" in self._fields:
                self._item.link = text
        elif field == "published" or field == "updated":
            self._set(field + "_text", text, depth)
        elif field in self._fields:
            self._set(field, text, depth)

    def _set(self, key, value, depth):
        if depth <= self._depths.get(key, depth):
            self._depths[key] = depth
            setattr(self._item, key, value)

    def _title(self, name, text, depth):
        if depth < self._title_depth:
            if name != "title":
                self._set("title", text, depth)
            else:
                self._item.title = text
            if text and name != "media:title":
                self._title_depth = depth

    def _body(self, field, name, attributes, text, depth):
        item = self._item
        if field == "content" or item.summary is not None and not self._has_content:
            self._has_content = True
            if item.content is None and "content" in self._fields:
                item.content = text
            kind = attributes.get("type", "text/html")
            if item.summary is None and "summary" in self._fields and kind in ("text", "text/plain") + HTML_TYPES:
                item.summary = text
        elif "summary" in self._fields:
            self._set("summary", text, depth)

    def _author(self, key, text):
        if self._item is None or not text or "author" not in self._fields:
            return
        item = self._item
        if key == "name":
            item.author = text
        else:
            item.author = "%s (%s)" % (item.author, text) if item.author else text

    def _reference(self, name, attributes):
        """Take what attributes say of a link, an enclosure or a category. False when its text does."""
        if name.endswith("category"):
            term = attributes.get("term") or attributes.get("text")
            self._category(term, attributes.get("scheme", attributes.get("domain")))
            return False
        url = attributes.get("href") or attributes.get("url") or attributes.get("uri")
        if url is None:
            return False
        relation = "enclosure" if name == "enclosure" else attributes.get("rel", "alternate").lower()
        if relation == "enclosure" and self._item is not None and "enclosures" in self._fields:
            found = {"url": url}
            for key in ("type", "length"):
                if key in attributes:
                    found[key] = attributes[key]
            self._item.enclosures.append(found)
        elif relation == "alternate" and attributes.get("type", "text/html") in HTML_TYPES:
            if self._item is None:
                self.link = url
            elif "link" in self._fields:
                self._item.link = url
        return True

    def _text_reference(self, name, text, domain):
        if name == "link":
            if "link" in self._fields:
                self._item.link = text
        elif name.endswith(":keywords"):
            for word in text.split(","):
                self._category(word.strip(), None)
        elif name != "enclosure":
            self._category(text, domain)

    def _category(self, term, scheme):
        if term and (term, scheme) not in self._schemes:
            self._schemes.append((term, scheme))
            self._item.categories.append(term)

    def _of_feed(self, name, field, attributes, text, depth):
        if field == "link":
            if not self._reference(name, attributes):
                self.link = text
        elif field == "title":
            if self.title is None or name == "title":
                self.title = text
        elif field == "id":
            self.link = self.link or text
        elif field == "updated":
            self.updated_text = text
        elif name != "itunes:subtitle" or self.description is None:
            setattr(self, field, text)


def _seconds(text):
    if text is None:
        return None
    from helio.dates import seconds

    return seconds(text)


def _entity(name):
    from helio.entities import named

    return named(name)


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attributes(attributes):
    pairs = [(key.rpartition("}")[2], _escaped(value)) for key, value in attributes.items()]
    return "".join([' %s="%s"' % (key, value.replace('"', "&quot;")) for key, value in pairs])


def _without_div(text):
    """XHTML without the one <div> that Atom has around it (RFC 4287 section 3.1.1.3)."""
    while len(text) > 1 and not text[-1].strip():
        text = text[:-1]
    while len(text) > 1 and not text[0].strip():
        text = text[1:]
    if text and (text[0] == "<div>" or text[0].startswith("<div ")) and text[-1] == "</div>":
        depth = 0
        for piece in text[:-1]:
            if piece.startswith("</"):
                depth -= 1
                if depth == 0:
                    return text
            elif piece.startswith("<"):
                depth += 1
        return text[1:-1]
    return text
