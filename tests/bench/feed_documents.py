"""Synthetic feeds for the benchmarks: `FEEDS`, functions by name, each makes the bytes of one.

The words are any; what counts is how much of a feed is markup and how much is bodies that nobody
asked for.
"""

_WORDS = "boats on the river and a bridge over it where people stop to watch them pass in all weathers".split()
_ITEM = """<item>
  <title>%s</title>
  <link>http://example.com/news/%d.html</link>
  <guid isPermaLink="false">id-%d</guid>
  <pubDate>Wed, 25 Nov 2026 10:%02d:00 GMT</pubDate>
  %s
</item>
"""
_SHORT_ITEM = """<item>
<title>%s</title>
<link>http://example.com/news/%d.html</link>
<guid isPermaLink="false">id-%d</guid>
<pubDate>Wed, 25 Nov 2026 10:%02d:00 GMT</pubDate>
<dc:creator>A. Writer</dc:creator>
<category>boats</category>
<category>rivers</category>
<comments>http://example.com/news/%d.html#comments</comments>
<description>%s</description>
<source url="http://example.org/">Example</source>
</item>
"""
_ENTRY = """<entry>
<title>%s</title>
<link rel="alternate" href="http://example.com/%d"/>
<id>tag:example.com,2026:%d</id>
<updated>2026-11-25T10:%02d:00Z</updated>
<author><name>A. Writer</name></author>
<summary type="html">%s</summary>
</entry>
"""
_RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>News of the river</title>
<link>http://example.com/</link>
<description>Nothing but news</description>
%s</channel>
</rss>
"""
_ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>News of the river</title>
<id>tag:example.com,2026:feed</id>
<updated>2026-11-25T10:00:00Z</updated>
%s</feed>
"""


def _words(size, seed):
    words = []
    while size > 0:
        seed += 1 + seed % 3
        words.append(_WORDS[seed % len(_WORDS)])
        size -= len(words[-1]) + 1
    return " ".join(words)


def _html(size, seed):
    parts = []
    while size > 0:
        seed += 1
        link = '<a href="http://example.com/%d">%s</a>' % (seed, _words(20, seed))
        parts.append('<p class="x">%s %s</p>\n' % (_words(120, seed), link))
        size -= len(parts[-1])
    return "".join(parts)


def _escaped(size, seed):
    return _html(size, seed).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _item(number, body):
    return _ITEM % (_words(50, number), number, number, number % 60, body)


def _with_escaped(number, size):
    return _item(number, "<description>%s</description>" % _escaped(size, number))


def _with_cdata(number, size):
    return _item(number, "<content:encoded><![CDATA[%s]]></content:encoded>" % _html(size, number))


def _short(number):
    return _SHORT_ITEM % (_words(50, number), number, number, number % 60, number, _words(60, number))


def _entry(number):
    return _ENTRY % (_words(50, number), number, number, number % 60, _escaped(500, number))


def _rss(items):
    return (_RSS % "".join(items)).encode()


def of_size(size):
    """RSS of about `size` bytes: bodies of 5 KB, escaped and in CDATA by turns."""
    items = []
    while size > 0:
        items.append((_with_cdata if len(items) % 2 else _with_escaped)(len(items), 5000))
        size -= len(items[-1])
    return _rss(items)


FEEDS = {
    "10 items, 2 KB escaped": lambda: _rss([_with_escaped(i, 2000) for i in range(10)]),
    "100 items, 5 KB CDATA": lambda: _rss([_with_cdata(i, 5000) for i in range(100)]),
    "100 items, 5 KB escaped": lambda: _rss([_with_escaped(i, 5000) for i in range(100)]),
    "200 short items": lambda: _rss([_short(i) for i in range(200)]),
    "Atom, 100 entries": lambda: (_ATOM % "".join([_entry(i) for i in range(100)])).encode(),
    "10 MB": lambda: of_size(10000000),
}
