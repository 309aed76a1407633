"""What the elements of feeds are called, and mean. The tables are text, which is small on a board: in
each line one word, then those that stand for it, with a blank behind each."""

FIELDS = (
    "title", "link", "id", "summary", "content", "author", "published", "updated", "categories", "enclosures",
)  # fmt: skip

# In small letters: there are feeds that write them so.
PREFIXES = """
 www.w3.org/2005/atom purl.org/atom/ns# purl.org/rss/1.0/ purl.org/net/rss1.1# my.netscape.com/rdf/simple/0.9/ \
channel.netscape.com/rdf/simple/0.9/\x20
rdf: www.w3.org/1999/02/22-rdf-syntax-ns#\x20
dc: purl.org/dc/elements/1.1/\x20
dcterms: purl.org/dc/terms/\x20
content: purl.org/rss/1.0/modules/content/\x20
itunes: www.itunes.com/dtds/podcast-1.0.dtd\x20
media: search.yahoo.com/mrss/\x20
xhtml: www.w3.org/1999/xhtml\x20
"""
# Those of a feed itself are read whatever fields are wanted.
_FIELDS = """
title title dc:title media:title\x20
link link\x20
id guid id\x20
summary description summary dc:description media:description abstract itunes:summary\x20
content content content:encoded body xhtml:body fullitem\x20
author author managingeditor dc:creator dc:author itunes:author\x20
published pubdate published issued dcterms:issued\x20
updated updated modified lastbuilddate dc:date dcterms:modified\x20
categories category dc:subject keywords tags itunes:category media:category itunes:keywords media:keywords\x20
enclosures enclosure\x20
language language dc:language\x20
description subtitle tagline itunes:subtitle\x20
- rss feed rdf:rdf channel items item entry media:group media:content\x20
"""


def prefix(uri):
    """What the names of a namespace begin with here, or None of one that is not known."""
    if not uri or "backend.userland.com/rss" in uri:
        return ""
    return _looked_up(PREFIXES, uri[uri.find("//") + 2 :])


def meaning(name):
    """The field, of an item or of a feed, that an element is; `-` for one that has others in it,
    None for one without a meaning."""
    return _looked_up(_FIELDS, name)


def _looked_up(table, word):
    at = table.find(" " + word + " ")
    if at < 0:
        return None
    start = table.rfind("\n", 0, at) + 1
    return table[start : table.find(" ", start)]
