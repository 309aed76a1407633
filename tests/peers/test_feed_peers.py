"""Feeds as feedparser has them: every real one, and such as are made up at random.

`FUZZ` made up; more by hand: `FUZZ=5000 uv run pytest tests/peers/test_feed_peers.py`.
"""

import calendar
import os
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from feed_documents import VERSIONS, joined, names_of, parts
from on_micropython import read_on_micropython
from read_feed import read

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT.parent / "shared/data/feeds").glob("*"))
COUNT = int(os.getenv("FUZZ") or 300)
FIELDS = ("title", "link", "id", "summary", "author", "published", "updated", "content", "categories", "enclosures")


pytestmark = pytest.mark.usefixtures("utc")


def feedparser_reads(data):
    """What feedparser has of a feed, in the form of `read`; its `dict.get` knows no fallbacks."""
    feedparser = pytest.importorskip("feedparser")
    parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)

    def seconds(of, key):
        date = dict.get(of, key + "_parsed")
        return date and calendar.timegm(date)

    feed = {name: dict.get(parsed.feed, name) for name in ("title", "link", "language")}
    feed["version"] = parsed.version
    # what feedparser gives for `description`: the summary is that of iTunes
    feed["description"] = dict.get(parsed.feed, "summary") or dict.get(parsed.feed, "subtitle")
    feed["updated"], feed["updated_text"] = seconds(parsed.feed, "updated"), dict.get(parsed.feed, "updated")
    items = []
    for entry in parsed.entries:
        item = {name: dict.get(entry, name) for name in ("title", "link", "id", "summary", "author")}
        item["content"] = entry.content[0].value if "content" in entry else None
        for name in ("published", "updated"):
            item[name], item[name + "_text"] = seconds(entry, name), dict.get(entry, name)
        item["categories"] = [tag.term for tag in entry.get("tags", []) if tag.term]
        item["enclosures"] = []
        for link in entry.get("links", []):
            if link.rel == "enclosure":
                found = {"url": link.href}
                found.update({key: link[key] for key in ("type", "length") if key in link})
                item["enclosures"].append(found)
        items.append(item)
    return {"feed": feed, "items": items, "error": repr(parsed.bozo_exception) if parsed.bozo else None}


def bare(value):
    return (value.strip() if isinstance(value, str) else value) or None


def differences(ours, theirs):
    """`(field, ours, theirs)` where they differ, white space at the ends aside; the feed's own are
    called `feed.title` and so on. And how many were compared."""
    assert len(ours["items"]) == len(theirs["items"])
    found = []
    pairs = [("feed.", ours["feed"], theirs["feed"])]
    pairs += [("", *pair) for pair in zip(ours["items"], theirs["items"], strict=True)]
    count = 0
    for prefix, one, other in pairs:
        assert one.keys() == other.keys()
        for name in one:
            count += 1
            if bare(one[name]) != bare(other[name]):
                found.append((prefix + name, bare(one[name]), bare(other[name])))
    return found, count


def in_pieces_of(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


def in_pieces(data, chance):
    places = sorted([chance.randrange(len(data)) for _ in range(chance.randrange(1, 200))])
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def is_same_drawing(one, other):
    """Whether texts with an <svg> are the same, but for what the last lines of DIFFERENT say."""
    if not isinstance(one, str) or not isinstance(other, str) or "<svg" not in one:
        return False
    other = re.sub('(<svg)( xmlns(:[a-z]+)?="[^"]*")+', "\\1", other)
    return one.lower() == other.lower()


# --- real feeds


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_real_feeds(path):
    data = path.read_bytes()
    ours = read([data])
    for seed in range(3):
        assert read(in_pieces(data, random.Random(seed))) == ours
    if len(data) < 100000:
        assert read(in_pieces_of(data, 1)) == ours
    try:
        root = ElementTree.fromstring(data.strip())  # many begin with an empty line
    except ElementTree.ParseError:
        assert ours["error"]
        return
    assert root.tag.lower().endswith(("rss", "feed", "rdf")) and ours["error"] is None
    theirs = feedparser_reads(data.strip())
    assert theirs["error"] is None
    found, count = differences(ours, theirs)
    found = [(field, one, other) for field, one, other in found if not is_same_drawing(one, other)]
    assert count >= 7
    assert found == []


def test_all_real_feeds_but_three_are_well_formed():
    assert len([path for path in FILES if read([path.read_bytes()])["error"]]) == 3
    assert sum([len(read([path.read_bytes()])["items"]) for path in FILES]) > 250


# --- feeds that are made up


def _both(*names):
    return lambda version, head, item: all([name in item for name in names])


def _two_descriptions(version, head, item):
    return len({"description", "subtitle", "itunes:subtitle", "itunes:summary"} & set(head)) > 1


def _leaks(version, head, item):
    return {"itunes:summary", "description"} <= set(head)


def _never(version, head, item):
    """The feeds that are made up have no such thing."""
    return False


# a field, whether it may differ for a version, the elements of the head, and of the item; a feed in
# which it does: the version, the head, an item, ours, feedparser's; and why ours
DIFFERENT = (
    (
        "feed.description",
        _two_descriptions,
        ("rss20", ["<description>a</description>", "<itunes:subtitle>b</itunes:subtitle>"], [], "a", "b"),
        "a subtitle stands in for a missing description and replaces none",
    ),
    (
        "summary",
        _leaks,
        (
            "rss20",
            ["<itunes:summary>a</itunes:summary>", "<description>b</description>"],
            ["<description>c</description>", "<itunes:summary>d</itunes:summary>"],
            "c",
            "d",
        ),
        "what the feed has beside its description changes nothing in its items",
    ),
    (
        "content",
        _leaks,
        (
            "rss20",
            ["<itunes:summary>a</itunes:summary>", "<description>b</description>"],
            ["<description>c</description>", "<itunes:summary>d</itunes:summary>"],
            "d",
            None,
        ),
        "the same",
    ),
    (
        "title",
        lambda version, head, item: "source" in item,
        (
            "rss20",
            [],
            ["<title>a</title>", '<source url="u">b</source>', "<media:title>c</media:title>"],
            "a",
            "c",
        ),
        "the item's own title stays what it is behind a source",
    ),
    (
        "author",
        lambda version, head, item: "author" in item and ("itunes:author" in item or "dc:creator" in item),
        (
            "atom10",
            [],
            ["<dc:creator>a@example.org (Ann)</dc:creator>", "<author><name>Bo</name></author>"],
            "Bo",
            "Bo (a@example.org)",
        ),
        "the address of one author is not that of another",
    ),
    (
        "categories",
        _both("itunes:keywords", "media:keywords"),
        (
            "rss20",
            [],
            ["<media:keywords>a, b</media:keywords>", "<itunes:keywords>b, c</itunes:keywords>"],
            ["a", "b", "c"],
            ["a", "b", "b", "c"],
        ),
        "a word that is there twice is one category",
    ),
    (
        "content",
        _never,
        (
            "atom10",
            [],
            ['<content type="xhtml"><svg xmlns="http://www.w3.org/2000/svg" viewBox="1">a</svg></content>'],
            '<svg viewBox="1">a</svg>',
            '<svg xmlns="http://www.w3.org/2000/svg" viewbox="1">a</svg>',
        ),
        "in HTML an <svg> needs no namespace, and SVG has names with capitals",
    ),
    (
        "content",
        _never,
        (
            "atom10",
            [],
            ['<content type="xhtml"><math xmlns="http://www.w3.org/1998/Math/MathML"><mi>a</mi></math></content>'],
            "<math><mi>a</mi></math>",
            '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>a</mi></math>',
        ),
        "nor does a <math>",
    ),
    (
        "content",
        _never,
        ("atom10", [], ['<content type="text/xml">a <b>c</b> &lt;</content>'], "a <b>c</b> &lt;", "a  <"),
        "XML of any kind is markup, whose elements and references belong to it",
    ),
    (
        "link",
        _never,
        ("atom10", [], ["<image><id>a</id></image>", "<id>b</id>"], "b", "a"),
        "the id of something in an entry is not the entry's, as feedparser has it too but for the link",
    ),
    (
        "title",
        _never,
        ("rss20", [], ["<category>a<image><title>b</title></image></category>"], None, "b"),
        "nor is its title",
    ),
    (
        "id",
        _never,
        (
            "rss20",
            [],
            ['<guid xml:base="http://example.test/">http://example.c[o.test/</guid>'],
            "http://example.c[o.test/",
            None,
        ),
        "an address is what it is, also where it is none",
    ),
    (
        "categories",
        _never,
        (
            "rss20",
            [],
            ['<category domain="d">a</category>'] * 2 + ["<category>b</category>"],
            ["a", "b"],
            ["a", "a", "b"],
        ),
        "a category that is there twice is one",
    ),
    (
        "author",
        _never,
        (
            "atom10",
            [],
            ["<author><name>A</name><email>a@example.org</email></author>", "<author><name>B</name></author>"],
            "B",
            "B (a@example.org)",
        ),
        "here too the address of one author is not that of another",
    ),
)
# whole documents, what of a feed and its titles is ours, and feedparser's
DIFFERENT_KINDS = (
    (
        '<Channel xmlns="http://purl.org/net/rss1.1#"><title>a</title><items><item><title>b</title></item></items></Channel>',
        ("rss11", "a", ["b"]),
        ("", "a", ["b"]),
        "it has a version",
    ),
    (
        '<feed xmlns:a="http://www.w3.org/2005/Atom"><title>a</title><entry><title>b</title></entry></feed>',
        ("atom", "a", ["b"]),
        ("atom10", "a", ["b"]),
        "the namespace of the root element counts, not that of a prefix",
    ),
    (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:x"><channel><title>a</title>'
        "</channel><item><title>b</title></item></rdf:RDF>",
        ("rss10", "a", ["b"]),
        ("", "a", ["b"]),
        "RDF that is not of Netscape is RSS 1.0",
    ),
    (
        '<!DOCTYPE rss [\n<!ENTITY c "d">\n]><rss version="2.0"><channel><title>a</title><item><title>b&c;</title>'
        "</item></channel></rss>",
        ("rss20", "a", ["b&c;"]),
        ("rss20", "a", ["bd"]),
        "the DTD is not read",
    ),
    (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>a</title><entry><title>b</title><entry><title>c</title>'
        "</entry></entry></feed>",
        ("atom10", "a", ["c", "b"]),
        ("atom10", "a", ["b", "c"]),
        "an item comes when its end has come, and what is behind one in it is its own",
    ),
    (
        "<CHANNEL><TITLE>a</TITLE><ITEM><TITLE>b</TITLE></ITEM></CHANNEL>",
        None,
        ("", "a", ["b"]),
        "CDF, of 1997, is no RSS or Atom",
    ),
)


def may_differ(field, version, head, items):
    return any([
        row[0] == field and (row[1](version, head, []) or any([row[1](version, head, item) for item in items]))
        for row in DIFFERENT
    ])  # fmt: skip


@pytest.mark.parametrize("row", DIFFERENT, ids=["%s-%s" % (row[0], row[3][:30]) for row in DIFFERENT])
def test_what_feedparser_has_otherwise(row):
    field, is_so, (version, head, item, ours, theirs), _ = row
    assert is_so is _never or is_so(version, names_of(head), names_of(item))
    data = joined([version, head, [item] if item else []])
    assert (field, ours, theirs) in differences(read([data]), feedparser_reads(data))[0]


@pytest.mark.parametrize("row", DIFFERENT_KINDS, ids=[row[3][:30] for row in DIFFERENT_KINDS])
def test_what_feedparser_has_otherwise_of_whole_feeds(row):
    data, ours, theirs, _ = row

    def of(found):
        feed = found["feed"]
        return feed["version"], feed["title"], [item["title"] for item in found["items"]]

    assert of(feedparser_reads(data.encode())) == theirs
    found = read([data.encode()])
    assert of(found) == ours if ours else "this is no feed" in found["error"]


@pytest.mark.parametrize("version", VERSIONS)
def test_feeds_that_are_made_up(version):
    compared = different = 0
    for seed in range(COUNT // len(VERSIONS) + 1):
        chance = random.Random(version + str(seed))
        feed = parts(chance, version)
        data = joined(feed, chance)
        ours = read([data])
        theirs = feedparser_reads(data)
        assert ours["error"] is None and theirs["error"] is None, data
        pieces = in_pieces(data, chance)
        assert read(in_pieces_of(data, 1)) == read(pieces), data
        _, head, items = feed
        found, count = differences(read(pieces), theirs)
        for field, one, other in found:
            names = names_of(head), [names_of(item) for item in items]
            assert may_differ(field, version, *names), (seed, field, one, other, data.decode())
        compared += count
        different += len(found)
    assert compared > 10 * COUNT // len(VERSIONS) and different < compared / 20


def test_whole_or_in_pieces():
    for version in VERSIONS:
        for seed in range(20):
            chance = random.Random(version + str(seed))
            data = joined(parts(chance, version), chance)
            assert read([data]) == read(in_pieces(data, chance)), data


def test_the_document_type_counts_in_a_long_piece_too():
    data = joined(["rss091n", ["<title>%s</title>" % ("x" * 1100)], []])
    assert read([data])["feed"] == read(in_pieces_of(data, 100))["feed"]


def test_micropython_reads_the_same(tmp_path):
    feeds = [path.read_bytes() for path in FILES]
    for version in VERSIONS:
        for seed in range(10):
            chance = random.Random(version + str(seed))
            feeds.append(joined(parts(chance, version), chance))
    for found, data in zip(read_on_micropython("read_feed.py", feeds, tmp_path), feeds, strict=True):
        assert found == read(in_pieces_of(data, 1 + len(data) % 700))
