"""Which kind of feed one is, where it is not plain RSS 2.0; the functions are a Feed's."""

from helio.errors import NotAFeed, UsageError
from helio.feed_words import FIELDS


def begin(feed, name, alias):
    """Take the name of another root element than <rss>. Raises NotAFeed."""
    if alias == "feed":
        feed.version = "atom10" if name.lower() == "{http://www.w3.org/2005/atom}feed" else "atom"
    elif alias == "rdf:rdf":
        rdf(feed)
    elif name.lower() == "{http://purl.org/net/rss1.1#}channel":
        feed.version = "rss11"
    else:
        raise NotAFeed("this is no feed: its root element is <%s>, not <rss>, <feed> or <rdf:RDF>" % name[:80])


def root(feed, attributes):
    """Take the attributes of the root element, and the document type that came in front of it."""
    doctype = feed._scanner.doctype
    version = attributes.get("version", "")
    if feed.version == "rss":
        if version in ("0.91", "0.92", "0.93", "0.94"):
            feed.version = "rss09%s%s" % (version[3:], "u" if version == "0.91" else "")
        elif version.startswith("2."):
            feed.version = "rss20"
        if doctype and b"netscape" in doctype.head.lower():  # the only way to tell it
            feed.version = "rss091n"
    elif feed.version == "atom" and version in ("0.1", "0.2", "0.3"):
        feed.version = "atom0" + version[2:]
    language = attributes.get("{http://www.w3.org/XML/1998/namespace}lang")
    if language:
        feed.language = language.replace("_", "-")


def rdf(feed):
    """Take the version of an RDF feed, which a namespace tells, of the root element or of the channel."""
    is_old = any(["netscape.com/rdf/" in uri for uri in feed._scanner.namespaces.values()])
    feed.version = "rss090" if is_old else "rss10"


def as_bytes(data):
    """A bytearray or memoryview as bytes. Raises UsageError of anything else."""
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise UsageError("a feed is read as bytes, not as %s" % type(data).__name__)


def refuse(field):
    """There is no such field. Raises UsageError."""
    raise UsageError("%s is no field of an item: %s" % (field or "''", ", ".join(FIELDS)))
