"""What the elements of feeds are called, and mean."""

FIELDS = (
    "title", "link", "id", "summary", "content", "author", "published", "updated", "categories", "enclosures",
)  # fmt: skip

ATOM = "http://www.w3.org/2005/atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# In small letters: there are feeds that write them so.
PREFIXES = {
    "": "",
    ATOM: "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    RDF: "rdf:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
}
# What an element is for; those of a feed itself are read whatever fields are wanted.
MEANS = {
    "title": "title", "dc:title": "title", "media:title": "title",
    "link": "link",
    "guid": "id", "id": "id",
    "description": "summary", "dc:description": "summary", "media:description": "summary", "abstract": "summary",
    "summary": "summary", "itunes:summary": "summary",
    "content": "content", "content:encoded": "content",
    "author": "author", "managingeditor": "author", "dc:creator": "author", "dc:author": "author",
    "itunes:author": "author",
    "pubdate": "published", "published": "published", "issued": "published", "dcterms:issued": "published",
    "updated": "updated", "modified": "updated", "lastbuilddate": "updated", "dc:date": "updated",
    "dcterms:modified": "updated",
    "category": "categories", "dc:subject": "categories", "keywords": "categories", "itunes:category": "categories",
    "media:category": "categories", "itunes:keywords": "categories", "media:keywords": "categories",
    "enclosure": "enclosures",
    "language": "language", "dc:language": "language",
    "subtitle": "description", "tagline": "description", "itunes:subtitle": "description",
}  # fmt: skip
HOLDERS = ("rss", "feed", "rdf:rdf", "channel", "item", "entry", "media:group", "media:content")
OF_FEED = ("title", "link", "id", "updated", "language", "description", "summary")
MARKUP = ("title", "summary", "content", "description")  # may hold HTML, as elements too
RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
HTML_TYPES = ("text/html", "application/xhtml+xml", "html", "xhtml")
