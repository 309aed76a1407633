"""Feeds as they arrive: RSS 0.90 to 2.0, Atom 0.3 and 1.0, under whatever namespace, with what Dublin
Core, content, iTunes and media extensions say where the feed's own words are missing.

`Feed` takes pieces of bytes and gives each `Item` when its end has come. What was not asked for is
stepped over without being held or decoded. Which element means what follows feedparser.
`helio.html.plain` makes plain text of a title or a summary.
"""

import gc

from helio.feed_words import FIELDS, meaning, prefix
from helio.xml.limits import XML_TEXT_MAX
from helio.xml.scanner import END, START, TEXT, Scanner

_OF_FEED = ("title", "link", "id", "updated", "language", "description", "summary")
_IDS = ("guid", "id")
_PLAIN_TYPES = ("", "text", "html", "text/html", "text/plain")
_NAMES_MAX = 256  # remembered; a document may have any number
_TIGHT_BYTES = 20000  # of free heap: then what is held is kept together, or no piece fits between


class Item:
    """One item or entry. `title`, `link`, `id`, `summary`, `content`, `author` are str, HTML where
    the feed has HTML, or None; `published` and `updated` seconds since 1970, UTC, or None where a
    date is missing or cannot be read, `published_text` and `updated_text` as they were written;
    `categories` a list of str; `enclosures` a list of dicts with `url`, `type` and `length` as far
    as they are known."""

    title = link = id = summary = content = author = published = updated = None
    published_text = updated_text = None

    def __init__(self):
        self.categories = []
        self.enclosures = []


class Feed:
    """Reads one feed. `fields`, names out of FIELDS, are those wanted of each item, all unless
    given; `items` is how many are. Of the feed itself: `version` as feedparser names it (`rss20`,
    `atom10`), `title`, `link`, `description`, `language`, `updated` in seconds since 1970 and
    `updated_text` as written; None until it has come. Behind the beginning of its first item these are
    read only where `fields` has the same: the title, the link, the date, and of RSS the description
    with `summary`; without `fields` all these."""

    def __init__(self, fields=None, items=None):
        for field in fields or ():
            if field not in FIELDS:
                from helio.feed_kinds import refuse

                refuse(field)
        self.is_done = items is not None and items < 1  # the last wanted item has come: fetch no more
        self._fields = fields or FIELDS
        self._left = items
        self._error = None  # that was raised
        self._names = {}  # as the scanner gives them: as feeds have them, with the prefix that is usual
        self._of_items = self._wants  # one object: the scanner keeps what it knows for each
        self._scanner = Scanner(self._of_items, _entity)
        self._depths = {}  # how deep what the item, or the feed, has was found: a nearer one replaces it
        self._collected = None  # the element whose text is collected: its name, attributes, depth
        self._text = None
        self._size = 0
        self._is_markup = False  # elements in that text are part of it
        self._is_new = True
        self._item = None
        self._item_depth = 0
        self._around = None  # these three, and this, of what the item is in: the feed, or an item
        self._has_items = False
        self._is_tight = False
        self.version = self.title = self.link = self.description = self.language = self.updated_text = None
        if hasattr(gc, "mem_free"):  # MicroPython's
            gc.collect()
            self._is_tight = gc.mem_free() < _TIGHT_BYTES

    @property
    def updated(self):
        if self.updated_text is None:
            return None
        from helio.dates import seconds

        return seconds(self.updated_text)

    def feed(self, data):
        """An iterator over the Items that `data`, bytes, completes. Raises NotAFeed, and ParseError
        where the feed is broken, after the items before, and again whenever it is called after that."""
        if self.is_done:
            return
        if self._error:
            raise self._error
        if type(data) is not bytes:
            from helio.feed_kinds import as_bytes

            data = as_bytes(data)
        scanner = self._scanner
        if self._is_new:
            data = data.lstrip()  # many feeds begin with an empty line, which XML forbids
            self._is_new = not data
        names = self._names
        takes_link = "link" in self._fields
        takes_id = "id" in self._fields
        try:
            for event in scanner.feed(data):
                if self._collected is not None:
                    self._collect(event)
                    continue
                if event == TEXT:
                    continue
                if event == END:
                    if scanner.depth >= self._item_depth:
                        continue
                else:
                    name = names.get(scanner.name) or self._alias(scanner.name)
                    if name == "item" or name == "entry":
                        self._begin_item(scanner.attributes)
                        if event == START:
                            self._item_depth = scanner.depth
                            continue
                    elif event == START:
                        self._open(name, scanner.attributes, scanner.depth)
                        continue
                    else:
                        attributes = scanner.attributes
                        text = scanner.text
                        item = self._item
                        if item is not None and name == "link":
                            if not (attributes and self._refer(attributes)) and takes_link:
                                item.link = text.strip()
                            continue
                        if attributes and _is_coded(attributes):
                            from helio.feed_parts import whole

                            text = whole(name, attributes, text)
                        if name == "title":
                            self._title(name, text.strip(), scanner.depth + 1)
                        elif item is None or name not in _IDS or takes_id or item.link is None:
                            self._found(name, attributes, text, scanner.depth + 1)
                        continue
                item = self._item
                self._item, self._depths, self._item_depth, self._around = self._around
                if self._left:
                    self._left -= 1
                    self.is_done = not self._left
                yield item
                if self.is_done:
                    return
        except Exception as error:  # the scanner has ended with it
            if isinstance(error, MemoryError):
                from helio.errors import ParseError

                error = ParseError("there is not enough memory for a field: ask for fewer fields", 0, 0)
            self._error = error
            raise error

    def close(self):
        """Say that nothing more comes. Raises ParseError when the feed is not complete, and what
        `feed` has raised."""
        if self._error:
            raise self._error
        if not self.is_done:
            self._scanner.close()

    def _wants(self, name):
        if self._is_tight:
            gc.collect()
        alias = self._alias(name)
        if not self.version:
            self.version = "rss"
            if alias != "rss":
                from helio.feed_kinds import begin

                begin(self, name, alias)
            return False
        if alias == "channel" and self.version == "rss10":
            from helio.feed_kinds import rdf

            rdf(self)
        field = meaning(alias)
        if field == "-":
            return False
        fields = self._fields
        if field in fields or not self._has_items and field in _OF_FEED:
            return True
        if field == "link" and "enclosures" in fields or field == "content" and "summary" in fields:
            return True
        return True if field == "id" and "link" in fields else None

    def _alias(self, name):
        """The name as feeds have it, with the prefix that is usual."""
        uri, _, local = name.rpartition("}")
        uri = uri[1:].lower()
        known = prefix(uri)
        if known is None:
            from helio.feed_namespaces import guess

            known = guess(self._scanner.namespaces, uri)
        alias = known + local.lower()
        if alias == name:  # one str is smaller than two
            alias = name
        if len(self._names) >= _NAMES_MAX:
            self._names.clear()
        self._names[name] = alias
        return alias

    def _begin_item(self, attributes):
        self._around = self._item, self._depths, self._item_depth, self._around
        item = self._item = Item()
        self._depths = {}
        if attributes and "id" in self._fields:
            item.id = attributes.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
        if not self._has_items:  # from here on what was wanted of the feed itself may not be
            self._has_items = True
            self._of_items = lambda name: self._wants(name)
            self._scanner.want(self._of_items)

    def _open(self, name, attributes, depth):
        if meaning(name) == "-":
            if depth == 1:
                if name == "rss" and attributes == {"version": "2.0"} and not self._scanner.doctype:
                    self.version = "rss20"
                else:
                    from helio.feed_kinds import root

                    root(self, attributes)
        elif name != "link" or not self._refer(attributes):
            self._collected = (name, attributes, depth)
            self._text = []
            self._size = 0
            if name.endswith("body") or attributes and _is_coded(attributes):
                from helio.feed_parts import is_markup

                self._is_markup = is_markup(name, attributes)
            self._scanner.want(None)

    def _collect(self, event):
        name, attributes, depth = self._collected
        scanner = self._scanner
        if event == TEXT and not self._is_markup:
            self._text.append(scanner.text)
            self._size += len(scanner.text)
            if self._size > XML_TEXT_MAX:
                from helio.feed_parts import refuse_size

                refuse_size()
        elif event == END and scanner.depth < depth:
            self._collected = None
            scanner.want(self._of_items)
            text = self._text
            self._text = None
            if self._is_markup or attributes and _is_coded(attributes):
                from helio import feed_parts

                text = feed_parts.finished(self, name, attributes, text)
            else:
                text = "".join(text)
            self._found(name, attributes, text, depth)
            self._is_markup = False
        else:
            from helio import feed_parts

            feed_parts.collect(self, event, meaning(name))

    def _found(self, name, attributes, text, depth):
        """Take what was found: the element `name` at `depth`."""
        text = text.strip()
        field = meaning(name)
        item = self._item
        if field == "title":
            self._title(name, text, depth)
        elif item is None:
            self._of_feed(name, field, attributes, text)
        elif field == "link":
            if not self._refer(attributes) and "link" in self._fields:
                item.link = text
        elif field == "published" or field == "updated":
            from helio.dates import seconds

            self._set(field + "_text", text, depth)
            self._set(field, seconds(text), depth)
        elif field != "id" or item.link is None or "id" in self._fields:
            from helio import feed_parts

            feed_parts.take(self, field, name, attributes, text, depth)

    def _set(self, key, value, depth):
        if depth <= self._depths.get(key, depth):
            self._depths[key] = depth
            setattr(self._item or self, key, value)

    def _title(self, name, text, depth):
        if depth < self._depths.get("", depth + 1):  # else there is a title already
            if name != "title":
                self._set("title", text, depth)
            else:
                (self._item or self).title = text
            if text and name != "media:title":
                self._depths[""] = depth

    def _refer(self, attributes):
        """Take what attributes say of a link. False when its text does."""
        if not attributes:
            return False
        from helio.feed_links import refer

        return refer(self, attributes)

    def _of_feed(self, name, field, attributes, text):
        if field == "link":
            if not self._refer(attributes):
                self.link = text
        elif field == "id":
            self.link = self.link or text
        elif field == "updated":
            self.updated_text = text
        elif field == "language":
            self.language = text
        elif field == "summary" or field == "description":
            if name == "itunes:summary":  # as feedparser has it
                self._depths[name] = 0
            elif "itunes:summary" in self._depths or name == "itunes:subtitle" and self.description is not None:
                return
            self.description = text


def _is_coded(attributes):
    """Whether a text may be something else than plain text or HTML."""
    return "mode" in attributes or attributes.get("type", "").lower() not in _PLAIN_TYPES


def _entity(name):
    from helio.entities import named

    return named(name)
