"""What is kept of a document, and the small document that a board gets of it."""

import html
import re
from datetime import datetime, timezone
from email.utils import format_datetime
from urllib.parse import urljoin

from helio.errors import BadArgument, NotAFeed, NotWeather, ParseError
from helio.feed import FIELDS, Feed
from helio.html import cut, plain
from helio.weather import Weather
from helio_host import open_meteo
from helio_host.serving import small_weather
from helio_host.serving.limits import (
    ADDRESS_MAX,
    BYTES,
    BYTES_MAX,
    BYTES_MIN,
    ITEMS,
    ITEMS_MAX,
    SUMMARY_MIN,
    TEXT_MAX,
    TITLE_MAX,
)

_PIECE_BYTES = 65536
_TITLES_MAX = (TITLE_MAX, 100, 50, 25, 12)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2
_NAMESPACES = {
    "author": ' xmlns:dc="http://purl.org/dc/elements/1.1/"',
    "content": ' xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    "updated": ' xmlns:dcterms="http://purl.org/dc/terms/"',
}


class Choice:
    """What a board wants of a document: at most so many `items`, those `fields` or None for the usual
    ones, in at most so many `bytes`."""

    def __init__(self, items=ITEMS, fields=None, bytes=BYTES):
        self.items = items
        self.fields = fields
        self.bytes = bytes

    def changed(self, words):
        """This choice with what `words`, pairs of str, say in its place. Raises BadArgument."""
        found = {}
        for key, value in words:
            if key in found:
                raise BadArgument("%s is given twice" % key)
            if key == "items":
                found[key] = _whole(key, value, 1, ITEMS_MAX)
            elif key == "bytes":
                found[key] = _whole(key, value, BYTES_MIN, BYTES_MAX)
            elif key == "fields":
                found[key] = tuple(dict.fromkeys([field.strip() for field in value.split(",")]))
            else:
                raise BadArgument("there are items, fields and bytes: got %r" % key[:40])
        return Choice(**{**vars(self), **found})

    def fields_of(self, known, usual):
        """The fields out of `known`, in that order. Raises BadArgument for one that is not among them."""
        for field in self.fields or ():
            if field not in known:
                raise BadArgument("fields are out of %s, with commas between: got %r" % (",".join(known), field[:40]))
        return [field for field in known if field in (self.fields or usual)]


def _whole(key, text, low, high):
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    raise BadArgument("%s is a whole number, %d to %d: got %r" % (key, low, high, text[:40]))


def digest(data, base="", now_s=0):
    """A FeedDigest or WeatherDigest of a document, bytes. `base` is its URL, `now_s` the time. Raises
    PeerError in one sentence for what is neither, or has nothing before it breaks."""
    if open_meteo.is_json(data):
        return WeatherDigest(open_meteo.read(data, now_s))
    try:
        return FeedDigest(data, base)
    except ParseError as error:
        raise NotAFeed("this cannot be read as a feed or weather: %s" % error) from None
    except NotAFeed as error:
        try:
            return WeatherDigest(Weather.read(data))
        except NotWeather:
            raise NotAFeed("this is neither a feed nor weather: %s" % error) from None


class FeedDigest:
    """The newest items of a feed, as plain text. `trouble` is what is wrong with it, or None."""

    kind = "feeds"
    content_type = "application/rss+xml; charset=utf-8"

    def __init__(self, data, base):
        feed = Feed()
        items = []
        self.trouble = None
        try:
            for at in range(0, len(data), _PIECE_BYTES):
                for item in feed.feed(data[at : at + _PIECE_BYTES]):
                    items.append(_kept(item, base))
            feed.close()
        except ParseError as error:
            if not items:
                raise
            self.trouble = "it is broken, and was read up to there: %s" % error
        if all(item["published"] is not None for item in items):  # else the feed knows best which are new
            items.sort(key=lambda item: -item["published"])
        self.items = items[:ITEMS_MAX]
        self.title = plain(feed.title or "", TITLE_MAX)
        self.description = plain(feed.description or "", TITLE_MAX)
        self.link = _absolute(feed.link, base) or base

    def small(self, choice):
        """A small RSS 2.0 document, bytes. Raises BadArgument."""
        fields = choice.fields_of(FIELDS, ("title", "link", "summary", "published"))
        items = self.items[: choice.items]
        while items:
            document = self._longest(items, fields, choice.bytes)
            if document:
                return document
            items = items[:-1]
        for title_max in _TITLES_MAX:  # of the newest as much of the title as there is room for
            newest = [{**item, "title": cut(item["title"], title_max)} for item in self.items[:1]]
            document = self._written(newest, ["title"], 0, choice.bytes, title_max)
            if document:
                return document
        return self._written([], (), 0, choice.bytes, 0)

    def lines(self, choice):
        """What a board would show of it, for people: a list of str."""
        return [item["title"] or item["summary"] or item["link"] or "-" for item in self.items[: choice.items]]

    def _longest(self, items, fields, bytes_max):
        """The document with as much of each text as there is room for, or None."""
        low, high = 0, TEXT_MAX
        document = self._written(items, fields, 0, bytes_max)
        while document and low < high:
            middle = (low + high + 1) // 2
            longer = self._written(items, fields, middle, bytes_max)
            low, high = (middle, high) if longer else (low, middle - 1)
            if longer and middle >= SUMMARY_MIN:
                document = longer
        return document

    def _written(self, items, fields, text_max, bytes_max, title_max=TITLE_MAX):
        parts = [
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"',
            *[_NAMESPACES[field] for field in fields if field in _NAMESPACES],
            "><channel>",
            _element("title", _text(cut(self.title, min(title_max, 100)))),
            _element("link", self.link if len(self.link) <= 250 else ""),
            _element("description", _text(cut(self.description, min(title_max, 100)))),
        ]
        for item in items:
            parts.append("\n<item>%s</item>" % "".join([_field(field, item, text_max) for field in fields]))
        parts.append("\n</channel></rss>\n")
        document = "".join(parts).encode()
        return document if len(document) <= bytes_max else None


def _kept(item, base):
    published = item.updated if item.published is None else item.published
    return {
        "title": plain(item.title or "", TITLE_MAX),
        "link": _absolute(item.link, base),
        "id": item.id if item.id and len(item.id) <= ADDRESS_MAX else None,
        "summary": plain(item.summary or "", TEXT_MAX),
        "content": plain(item.content or "", TEXT_MAX),
        "author": plain(item.author or "", TITLE_MAX),
        "published": published,
        "updated": item.updated,
        "categories": [plain(category, TITLE_MAX) for category in item.categories[:20]],
        "enclosures": [enclosure for enclosure in item.enclosures[:5] if len(str(enclosure)) <= ADDRESS_MAX],
    }


def _absolute(link, base):
    if not link:
        return None
    try:
        link = urljoin(base, link)
    except ValueError:  # as http://[
        pass
    return link if len(link) <= ADDRESS_MAX else None


def _field(field, item, text_max):
    value = item[field]
    if value is None or value == "" or value == []:
        return ""
    if field == "title":
        return _element("title", _text(value))
    if field == "link":
        return _element("link", value)
    if field == "id":
        return _element("guid", value, ' isPermaLink="false"')
    if field == "summary":
        return _element("description", _text(cut(value, text_max)))
    if field == "content":
        return _element("content:encoded", _text(cut(value, text_max)))
    if field == "author":
        return _element("dc:creator", value)
    if field == "published":
        return _element("pubDate", _rfc_822(value))
    if field == "updated":
        return _element("dcterms:modified", _rfc_3339(value))
    if field == "categories":
        return "".join([_element("category", category) for category in value])
    return "".join([_enclosure(enclosure) for enclosure in value])


def _enclosure(enclosure):
    # RSS 2.0 wants all three
    values = [
        (name, str(enclosure.get(name) or default)) for name, default in (("url", ""), ("length", "0"), ("type", ""))
    ]
    return "<enclosure%s/>" % "".join([' %s="%s"' % (name, xml(value)) for name, value in values])


def _text(text):
    """Plain text for where RSS has HTML: as it is, unless it would be read as something else."""
    return text if plain(text) == text else html.escape(text, quote=False)


def _element(name, text, attributes=""):
    return "<%s%s>%s</%s>" % (name, attributes, xml(text), name) if text or name in _NEEDED else ""


_NEEDED = ("title", "link", "description")  # of a channel, RSS 2.0


def xml(text):
    """Text as XML has it, in a text or an attribute; what XML cannot have is left out."""
    return html.escape(_NO_XML.sub("", text or "")).replace("&#x27;", "'")


def _rfc_822(seconds):
    when = _datetime(seconds)
    return format_datetime(when, usegmt=True) if when else ""


def _rfc_3339(seconds):
    when = _datetime(seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when and when.year >= 1000 else ""


def _datetime(seconds):
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


class WeatherDigest:
    """The observation and forecast of a document."""

    kind = "weather"
    content_type = "text/xml; charset=utf-8"
    trouble = None

    def __init__(self, weather):
        self._weather = weather

    def small(self, choice):
        """A small DWML document that `helio.weather` reads, bytes. Raises BadArgument."""
        fields = choice.fields_of(small_weather.FIELDS, small_weather.USUAL)
        return small_weather.written(self._weather, fields, choice.items, choice.bytes)

    def lines(self, choice):
        """What a board would show of it, for people: a list of str."""
        return small_weather.lines(self._weather, choice.items)
