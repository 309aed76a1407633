"""Feeds of each kind; feedparser is asked in `tests/peers/test_feed_peers.py`."""

from helio.errors import NotAFeed, ParseError, UsageError
from helio.feed import FIELDS, Feed

RSS = b"""
<?xml version="1.0"?><!DOCTYPE rss>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>News &eacute; &unknown;</title><link>http://example.com/</link><description>All of it</description>
<language>en-GB</language><lastBuildDate>Wed, 25 Nov 2026 10:00:00 GMT</lastBuildDate>
<image><title>not this</title><link>nor this</link></image>
<item><title>One &lt;b&gt;</title><link>http://example.com/1</link><guid isPermaLink="false">a</guid>
<description>S</description><content:encoded><![CDATA[<p>C</p>]]></content:encoded><dc:creator>W</dc:creator>
<pubDate>Thu, 26 Nov 2026 10:00:00 +0100</pubDate><category>x</category><category>y</category>
<enclosure url="http://example.com/a.mp3" type="audio/mpeg" length="3"/></item>
<item><guid>http://example.com/2</guid><pubDate>some day</pubDate></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">T</title><id>urn:f</id>
<link rel="self" href="s"/><link href="http://example.com/"/><updated>2026-11-25T10:00:00Z</updated>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b> &amp; c</div></title><id>urn:1</id>
<link rel="alternate" href="http://example.com/1"/><link rel="enclosure" href="e" type="t"/>
<author><name>N</name><email>n@example.com</email></author><contributor><name>X</name></contributor>
<updated>2026-11-25T11:00:00+01:00</updated><published>2026-11-24</published><summary>s</summary>
<category term="k"/><source><title>other</title></source></entry></feed>"""


def read(data, size=None, **options):
    feed = Feed(**options)
    items = []
    for i in range(0, len(data), size or len(data)):
        for item in feed.feed(data[i : i + (size or len(data))]):
            items.append(item)
    feed.close()
    return feed, items


def test_rss():
    for size in (None, 1, 7, 512):
        feed, (one, two) = read(RSS, size)
        assert (feed.version, feed.title, feed.link) == ("rss20", "News \u00e9 &unknown;", "http://example.com/")
        assert (feed.description, feed.language, feed.updated) == ("All of it", "en-GB", 1795600800)
        assert (one.title, one.link, one.id) == ("One <b>", "http://example.com/1", "a")
        assert (one.summary, one.content, one.author) == ("S", "<p>C</p>", "W")
        assert (one.published, one.published_text) == (1795683600, "Thu, 26 Nov 2026 10:00:00 +0100")
        assert one.categories == ["x", "y"]
        assert one.enclosures == [{"url": "http://example.com/a.mp3", "type": "audio/mpeg", "length": "3"}]
        assert (two.title, two.link, two.id) == (None, "http://example.com/2", "http://example.com/2")
        assert (two.published, two.published_text, two.updated) == (None, "some day", None)


def test_atom():
    for size in (None, 1, 7):
        feed, (entry,) = read(ATOM, size)
        assert (feed.version, feed.title, feed.link, feed.language) == ("atom10", "T", "http://example.com/", "de")
        assert (entry.title, entry.link, entry.id) == ("a <b>b</b> &amp; c", "http://example.com/1", "urn:1")
        assert (entry.author, entry.summary, entry.content) == ("N (n@example.com)", "s", None)
        assert entry.updated == feed.updated == 1795600800
        assert (entry.published, entry.categories) == (1795478400, ["k"])
        assert entry.enclosures == [{"url": "e", "type": "t"}]


def test_versions():
    for root, version in (
        (b"<rss version='0.91'>", "rss091u"),
        (b"<!DOCTYPE rss PUBLIC '-//Netscape//' 'x'><rss version='0.91'>", "rss091n"),
        (b"<rss version='0.92'>", "rss092"),
        (b"<rss version='2.0.1'>", "rss20"),
        (b"<rss>", "rss"),
        (b"<feed version='0.3' xmlns='http://purl.org/atom/ns#'>", "atom03"),
        (b"<feed>", "atom"),
    ):
        feed, items = read(root + b"<channel/></" + (b"feed>" if b"<feed" in root else b"rss>"))
        assert (feed.version, items) == (version, [])
    for uri, version in (
        (b"http://purl.org/rss/1.0/", "rss10"),
        (b"http://my.netscape.com/rdf/simple/0.9/", "rss090"),
    ):
        feed, (item,) = read(
            b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='%s'><channel><title>T</title>"
            b"</channel><item r:about='i'><title>t</title></item></r:RDF>".replace(b"%s", uri)
        )
        assert (feed.version, feed.title, item.title, item.id) == (version, "T", "t", "i")


def test_only_what_is_wanted_is_read():
    broken = RSS.replace(b"<p>C</p>", b"\xff\x00").replace(b">W<", b">&<")
    feed, items = read(broken, 64, fields=("title", "link"), items=1)
    assert feed.is_done and len(items) == 1
    assert (items[0].title, items[0].link, items[0].id, items[0].content) == (
        "One <b>",
        "http://example.com/1",
        None,
        None,
    )
    assert list(feed.feed(b"<<<")) == []
    for field in FIELDS:
        item = read(RSS, fields=(field,))[1][0]
        for other in ("title", "link", "id", "summary", "content", "author", "categories", "enclosures"):
            assert bool(getattr(item, other)) == (other == field), (field, other)
    try:
        Feed(fields=("titel",))
        assert False
    except UsageError:
        pass


def test_a_broken_feed_gives_what_is_before_the_break():
    for wrong in (RSS[: RSS.find(b"<item><guid")], RSS.replace(b"some day</pubDate>", b"</item>")):
        for size in (1, 1000):
            feed = Feed()
            items = []
            try:
                for i in range(0, len(wrong), size):
                    for item in feed.feed(wrong[i : i + size]):
                        items.append(item)
                feed.close()
                assert False
            except ParseError:
                assert [item.id for item in items] == ["a"]


def test_what_broke_a_feed_is_told_again():
    feed = Feed()
    told = []
    for again in (lambda: list(feed.feed(RSS[:200] + b"</none>")), lambda: list(feed.feed(RSS)), feed.close):
        try:
            again()
            assert False
        except ParseError as error:
            told.append(error)
    assert told[0] is told[1] is told[2]


def test_any_bytes_are_read_and_a_text_is_refused():
    for kind in (bytes, bytearray, memoryview):
        feed = Feed()
        assert len(list(feed.feed(kind(RSS)))) == len(read(RSS)[1])
    try:
        list(Feed().feed("<rss>"))
        assert False
    except UsageError as error:
        assert "str" in str(error)


def test_what_is_no_feed_is_told():
    for data, name in ((b"<html><body/></html>", "<html>"), (b"<dwml/>", "<dwml>")):
        try:
            read(data)
            assert False
        except NotAFeed as error:
            assert name in str(error)
    try:
        read(b"hello")
        assert False
    except ParseError:
        pass


def test_prefixes_that_nobody_declared_are_understood():
    feed, (item,) = read(b"<rss version='2.0'><channel><item><dc:creator>A</dc:creator></item></channel></rss>")
    assert item.author == "A"


def test_xhtml_without_markup_is_the_same_in_pieces():
    data = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='xhtml'>a &lt; b</title></entry></feed>"
    for size in (None, 4):
        assert read(data, size)[1][0].title == "a &lt; b"


def test_an_empty_link_is_empty_in_pieces_and_whole():
    data = b"<rss version='2.0'><channel><item><title>a</title><link> </link></item></channel></rss>"
    for size in (None, 4):
        assert read(data, size)[1][0].link == ""  # as feedparser has it


def test_an_item_in_an_item_is_one_too():
    data = (
        b"<feed xmlns='http://www.w3.org/2005/Atom' xmlns:m='http://search.yahoo.com/mrss/'><title>T</title>"
        b"<entry><title>a</title><entry><title>b</title><entry/></entry><id>1</id>"
        b"<m:group><item><title>c</title></item></m:group><summary>s</summary></entry><entry><title>d</title></entry>"
        b"<title>not this</title></feed>"
    )
    for size in (None, 1, 7):
        feed, items = read(data, size)
        assert [(item.title, item.id, item.summary) for item in items] == [
            (None, None, None),
            ("b", None, None),
            ("c", None, None),
            ("a", "1", "s"),
            ("d", None, None),
        ]
        assert feed.title == "T"
    assert [item.title for item in read(data, items=2)[1]] == [None, "b"]


def test_an_item_with_nothing_in_it_is_one():
    for item in (b"<item/>", b"<item></item>", b"<item rdf:about='x'/>"):
        assert len(read(b"<rss version='2.0'><channel>%s</channel></rss>".replace(b"%s", item * 3))[1]) == 3


def test_any_number_of_names():
    many = b"".join([b"<x%d>a</x%d><t:x%d/>".replace(b"%d", str(i).encode()) for i in range(400)])
    data = (
        b"<rss version='2.0'><channel>%s<item>%s<title>b</title><media:group>%s</media:group>%s</item></channel></rss>"
    )
    for size in (None, 100):
        assert [item.title for item in read(data.replace(b"%s", many), size)[1]] == ["b"]


def test_only_a_document_type_is_netscapes():
    declared = b"<!-- Netscape --><!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'x'>"
    for head, attributes, version in (
        (b"<!-- Netscape <!DOCTYPE rss PUBLIC '-//Netscape//'> -->", b" version='0.91'", "rss091u"),
        (b"<?x Netscape?><!DOCTYPE rss>", b" version='2.0'", "rss20"),
        (declared, b" version='2.0'", "rss091n"),
        (declared + b"<!-- <rss" + b" " * 5000 + b"-->", b"", "rss091n"),
    ):
        for size in (None, 1, 100):
            assert read(head + b"<rss" + attributes + b"><channel/></rss>", size)[0].version == version


def test_namespaces_of_all_kinds():
    rdf = "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'%s>%s</r:RDF>"
    channel, item = "<channel%s><title>T</title></channel>", "<item%s><title>t</title></item>"
    rss, atom = "<rss version='2.0'%s><channel><title>T</title>%s</channel></rss>", "<feed%s><title>T</title>%s</feed>"
    old, new = " xmlns='http://channel.netscape.com/rdf/simple/0.9/'", " xmlns='http://purl.org/rss/1.0/'"
    entry = "<entry><title>t</title></entry>"
    for data, version in (
        (rdf % (old, channel % "" + item % ""), "rss090"),
        (rdf % ("", channel % old + item % old), "rss090"),
        (rdf % (new, item % "" + channel % ""), "rss10"),
        (rdf % (" xmlns='http://purl.org/rss/1.0'", channel % "" + item % ""), "rss10"),
        (rdf % (" xmlns='http://purl.org/net/rss1.1#'", channel % "" + item % ""), "rss10"),
        (
            "<Channel xmlns='http://purl.org/net/rss1.1#'><title>T</title><items>%s</items></Channel>" % item % "",
            "rss11",
        ),
        (rss % (" xmlns='http://cyber.law.harvard.edu/rss/rss.html'", item % ""), "rss20"),
        (rss % (" xmlns='http://www.rssboard.org/rss-specification'", item % ""), "rss20"),
        (rss % (" xmlns='http://backend.userland.com/RSS2'", item % ""), "rss20"),
        (atom % (" xmlns='http://purl.org/atom/ns' version='0.3'", entry), "atom03"),
        (atom % (" xmlns='http://www.w3.org/2005/Atom/'", entry), "atom"),
        (atom % (" xmlns='https://www.w3.org/2005/Atom'", entry), "atom"),
        (atom % (" xmlns='urn:x'", entry), "atom"),
    ):
        feed, items = read(data.encode())
        assert (feed.version, feed.title, [item.title for item in items]) == (version, "T", ["t"]), data
    assert read((rdf % (new, item % "")).encode())[0].version == "rss10"  # without a channel
    of_extensions = "<dc:creator>a</dc:creator><Content:encoded>c</Content:encoded><media:keywords>k</media:keywords>"
    declared = " xmlns:dc='urn:d' xmlns:Content='urn:c' xmlns:x='urn:x' xmlns:media='http://search.yahoo.com/mrss/#'"
    foreign = "<title xmlns='http://www.w3.org/1999/xhtml'>u</title><x:title>v</x:title>"
    item = read((rss % (declared, "<item>%s%s</item>" % (foreign, of_extensions))).encode())[1][0]
    assert (item.title, item.author, item.content, item.categories) == (None, "a", "c", ["k"])


ATOM_ENTRY = "<feed xmlns='http://www.w3.org/2005/Atom'><entry>%s</entry></feed>"
RSS_ITEM = "<rss version='2.0'><channel><title>T</title><item>%s</item></channel></rss>"


def only(document, inside):
    """The one item of a document with `inside` in it, which is the same in pieces and whole."""
    data = (document % inside).encode()
    whole = read(data)[1][0]
    for size in (1, 7):
        piecemeal = read(data, size)[1][0]
        for field in FIELDS:
            assert getattr(piecemeal, field) == getattr(whole, field), (data, field)
    return whole


def test_types_in_capitals():
    assert only(ATOM_ENTRY, "<title type='XHTML'><div>a <b>x</b> &amp; c</div></title>").title == "a <b>x</b> &amp; c"
    assert only(ATOM_ENTRY, "<content type='TEXT/HTML'>a &lt; b</content>").summary == "a < b"
    assert only(ATOM_ENTRY, "<link type='Text/HTML' href='x'/>").link == "x"
    assert only(ATOM_ENTRY, "<link REL='alternate' HREF='x'/>").link == "x"
    assert only(RSS_ITEM, "<enclosure URL='u' TYPE='t'/>").enclosures == [{"url": "u", "type": "t"}]


def test_only_texts_have_markup():
    for kind in ("text/xml", "xhtml", "XML"):
        for inside, text in (("a &amp; b", "a & b"), ("a<b>&amp;</b>", "a"), ("<b><i>c</i></b>d<!-- --> e", "d e")):
            item = only(ATOM_ENTRY, "<id type='%s'>%s</id>" % (kind, inside))
            assert (item.id, item.link) == (text, text)
            assert only(ATOM_ENTRY, "<category type='%s'>%s</category>" % (kind, inside)).categories == [text]
        assert (
            only(ATOM_ENTRY, "<content type='%s'>a &amp; <b>&lt;</b></content>" % kind).content == "a &amp; <b>&lt;</b>"
        )
    item = only(RSS_ITEM, "<category>c <image><title>t</title><url>u</url></image></category>")
    assert (item.categories, item.title) == (["c"], None)


def test_base64():
    for inside, text in (
        ("<content mode='base64'>YSA8Yj4\n=</content>", "a <b>"),
        ("<title mode='base64'>YSA8Yj4=</title>", None),
        ("<summary mode='base64'> not this </summary>", "not this"),
        ("<content type='image/png'>w6k=</content><summary>s</summary>", "s"),
        ("<content mode='escaped'>YSA8Yj4=</content>", "YSA8Yj4="),
        ("<content type='text/plain'>YSA8Yj4=</content>", "YSA8Yj4="),
        ("<content mode='base64'>/w==</content>", "/w=="),  # no UTF-8
    ):
        item = only(ATOM_ENTRY, inside)
        assert item.summary == text
        assert item.title == ("a <b>" if text is None else None)
        assert item.content in (None, "\u00e9") or item.content == text


def test_bodies():
    for inside, text in (
        ("<body><p>a &amp; b</p></body>", "<p>a &amp; b</p>"),
        ("<body>a &amp; b</body>", "a &amp; b"),
        ("<x:body xmlns:x='http://www.w3.org/1999/xhtml'>a &amp; <x:b>c</x:b></x:body>", "a &amp; <b>c</b>"),
        ("<body type='text/html'>a &amp; b</body>", "a & b"),
        ("<fullitem>a &amp; b</fullitem>", "a & b"),
    ):
        item = only(RSS_ITEM, inside)
        assert (item.content, item.summary) == (text, text)
        item = only(RSS_ITEM, "<description>d</description>" + inside)
        assert (item.content, item.summary) == (text, "d")


def test_categories_in_one_another_and_in_lists():
    itunes = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    inner = "<itunes:category text='b'/><itunes:category text='c'> </itunes:category>"
    item = only(RSS_ITEM, "<itunes:category %s text='a'>%s</itunes:category><tags>d, e,,d</tags>" % (itunes, inner))
    assert item.categories == ["a", "b", "c", "d", "e"]


def test_very_many_categories():
    words = ",".join(["w%d" % i for i in range(3000)])
    item = read((RSS_ITEM % ("<tags>%s</tags><category>last</category>" % words)).encode())[1][0]
    assert item.categories == ["w%d" % i for i in range(1000)]


def test_authors_by_name_and_address():
    for inside, author in (
        ("<author><email>e</email><name>A</name></author>", "A (e)"),
        ("<author><email>e</email></author>", "e"),
        ("<author><name>A</name><email>a</email></author><author><name>B</name><email>b</email></author>", "B (b)"),
        ("<author><name>A</name><email>a</email></author><author><name>B</name></author>", "B"),
        ("<author>e (A)</author>", "e (A)"),
        ("<author>x<name>A</name></author>", "A"),
        ("<author><name><![CDATA[]]>A<!-- --> B</name><uri>u</uri></author>", "A B"),
        ("<author><name>A</name>%s</author>" % ("<email>e</email>" * 300), "A (e)"),
    ):
        assert only(ATOM_ENTRY, inside).author == author


def test_the_first_title_of_a_feed_is_its_title():
    for titles, title in (
        ("<title>T</title><dc:title>D</dc:title>", "T"),
        ("<dc:title>D</dc:title><title>T</title>", "D"),
        ("<media:title>M</media:title><title>T</title>", "T"),
        ("<title/><dc:title>D</dc:title>", "D"),
    ):
        data = "<rss version='2.0'><channel>%s<item><title>t</title></item></channel></rss>" % titles
        assert read(data.encode())[0].title == title
