"""Feeds made up at random: of each version, with the elements of an item in any order."""

RSS_NAMESPACES = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:other="urn:other"'
)
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
# of each version: what is before and behind all its elements, and what kind of elements those are
VERSIONS = {
    "rss091u": ('<rss version="0.91"%s><channel>', "</channel></rss>", "rss"),
    "rss091n": (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
        '<rss version="0.91"%s><channel>',
        "</channel></rss>",
        "rss",
    ),
    "rss092": ('<rss version="0.92"%s><channel>', "</channel></rss>", "rss"),
    "rss20": ('<rss version="2.0"%s><channel>', "</channel></rss>", "rss"),
    "rss090": ("<rdf:RDF " + RDF + ' xmlns="http://my.netscape.com/rdf/simple/0.9/"%s><channel>', "</rdf:RDF>", "rdf"),
    "rss10": ("<rdf:RDF " + RDF + ' xmlns="http://purl.org/rss/1.0/"%s><channel>', "</rdf:RDF>", "rdf"),
    "atom10": ('<feed xmlns="http://www.w3.org/2005/Atom"%s>', "</feed>", "atom"),
    "atom03": ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"%s>', "</feed>", "atom"),
}
OF_RSS = "title link guid description pubDate author category enclosure comments source".split()
EXTENSIONS = (
    "dc:title dc:creator dc:date dc:subject dc:description content:encoded itunes:summary itunes:author "
    "itunes:subtitle itunes:keywords itunes:duration media:title media:description media:thumbnail media:content "
    "media:group media:keywords other:x dcterms:modified dcterms:issued"
).split()
OF_ATOM = "title link enclosure-link self-link id summary content author published updated category rights".split()
OF_ATOM_03 = "title link id summary content author issued modified created".split()
HEAD = {
    "rss": "title link description language lastBuildDate pubDate image copyright dc:date dc:language itunes:subtitle "
    "itunes:summary itunes:author atom:link".split(),
    "rdf": "title link description image dc:date dc:language".split(),
    "atom": "title link self-link subtitle id updated author rights".split(),
    "atom03": "title link self-link tagline id modified author".split(),
}
WORDS = [
    "a",
    "new",
    "Board",
    "é",
    "日本",
    "😀",
    "5 > 3",
    "R&D",
    "“so”",
    "<b>bold</b>",
    "<p>a &amp; b</p>",
    "&eacute;",
    "\n ",
]
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">%s <b class="x">b &amp; c</b><br/>e</div>'
ISO_DATES = "dc:date published updated issued modified created dcterms:modified dcterms:issued".split()
ZONES = ["GMT", "+0000", "-0730", "EST", "Z"]


OF_A_URL = {
    "link": "<link>%s</link>",
    "comments": "<comments>%s</comments>",
    "url": "<url>%s</url>",
    "self-link": '<link rel="self" href="%s"/>',
    "enclosure-link": '<link rel="enclosure" type="audio/mpeg" length="12" href="%s"/>',
    "atom:link": '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="%s"/>',
    "id": "<id>%s</id>",
    "media:thumbnail": '<media:thumbnail url="%s"/>',
    "media:content": '<media:content url="%s" type="image/png"/>',
}
DATES = {"pubDate": False, "lastBuildDate": False}  # and whether as ISO 8601
DATES.update(
    {
        name: True
        for name in (
            "dc:date",
            "published",
            "updated",
            "issued",
            "modified",
            "created",
            "dcterms:modified",
            "dcterms:issued",
        )
    }
)


class _Feed:
    def __init__(self, chance, version):
        self.chance = chance
        self.version = version
        self.is_atom = version.startswith("atom")
        self.count = 0

    def words(self, plain=False):
        self.count += 1
        words = [self.chance.choice(WORDS[: 8 if plain else None]) for _ in range(self.chance.randrange(5))]
        return " ".join(["w%d" % self.count, *words, "end"])

    def text(self, plain=False):
        text = self.words(plain)
        if self.chance.random() < 0.3:
            return "<![CDATA[%s]]>" % text
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        return self.chance.choice(["", "", "\n  "]) + text + self.chance.choice(["", "", " \n"])

    def url(self):
        self.count += 1
        return "http://example.org/%d?a=b&amp;c=%d" % (self.count, self.chance.randrange(100))

    def date(self, is_iso):
        day, hour, minute = self.chance.randrange(1, 29), self.chance.randrange(24), self.chance.randrange(60)
        year, month = self.chance.randrange(1995, 2030), self.chance.randrange(12)
        if is_iso:
            zone = self.chance.choice(["Z", "+01:00", "-07:30"])
            return "%d-%02d-%02dT%02d:%02d:07%s" % (year, month + 1, day, hour, minute, zone)
        name = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[month]
        return "%02d %s %d %02d:%02d:00 %s" % (day, name, year, hour, minute, self.chance.choice(ZONES[:4]))

    def element(self, name):
        if name in OF_A_URL and not (name == "link" and self.is_atom):
            return OF_A_URL[name] % self.url()
        if name in DATES:
            return "<%s>%s</%s>" % (name, self.date(DATES[name]), name)
        make = getattr(self, "_" + name.replace("dc:", "").replace("itunes:", "").replace(":", "_"), None)
        if make:
            return make(name)
        if name.endswith("keywords"):
            return "<%s>one, two w%d</%s>" % (name, self.chance.randrange(9), name)
        if self.is_atom and ":" not in name:
            return self.construct(name)
        return "<%s>%s</%s>" % (name, self.text(name.endswith("title")), name)

    def _link(self, name):
        return '<link rel="alternate" type="text/html" href="%s"/>' % self.url()

    def _guid(self, name):
        kind = self.chance.choice(["", ' isPermaLink="false"', ' isPermaLink="true"'])
        return "<guid%s>%s</guid>" % (kind, self.url())

    def _language(self, name):
        return "<%s>%s</%s>" % (name, self.chance.choice(["en", "de-at", "fr"]), name)

    def _image(self, name):
        return "<image><title>%s</title><url>%s</url><link>%s</link></image>" % (
            self.text(True),
            self.url(),
            self.url(),
        )

    def _enclosure(self, name):
        return '<enclosure url="%s" length="%d" type="audio/mpeg"/>' % (self.url(), self.chance.randrange(9999))

    def _media_group(self, name):
        inside = "".join([self.element(n) for n in ("media:content", "media:title", "media:description")])
        return "<media:group>%s</media:group>" % inside

    def _source(self, name):
        return '<source url="%s">%s</source>' % (self.url(), self.text(True))

    def _author(self, name):
        if name == "author" and self.is_atom:
            email = self.chance.choice(["", "<email>a@example.org</email>", "<uri>http://example.org/</uri>"])
            return "<author><name>%s</name>%s</author>" % (self.text(True), email)
        author = self.chance.choice(["a@example.org (Ann Bo)", "Ann é Bo", "a@example.org"])
        return "<%s>%s</%s>" % (name, author, name)

    _creator = _author

    def _category(self, name):
        if self.is_atom:
            return '<category term="t%d" scheme="urn:s" label="l"/>' % self.chance.randrange(99)
        domain = self.chance.choice(["", ' domain="urn:d"'])
        return "<category%s>c%d</category>" % (domain, self.chance.randrange(99))

    def construct(self, name):
        """A text construct of Atom."""
        kind = self.chance.choice(["text", "html", "xhtml", ""])
        if self.version == "atom03":
            kind = self.chance.choice(["text/plain", "text/html", ""])
        if kind == "xhtml":
            words = self.words(True).replace("&", "&amp;").replace("<", "&lt;")
            text = XHTML % words
        else:
            text = self.text(kind in ("text", "text/plain", ""))
        return "<%s%s>%s</%s>" % (name, ' type="%s"' % kind if kind else "", text, name)


def parts(chance, version):
    """A feed as [version, [elements of its own], [[elements of an item], …]], for `joined`."""
    made = _Feed(chance, version)
    family = VERSIONS[version][2]
    head = HEAD["atom03" if version == "atom03" else family]
    own = OF_RSS if family != "atom" else OF_ATOM if version == "atom10" else OF_ATOM_03
    if family == "rdf":
        own = ["title", "link", "description"]

    def some(names):
        names = [name for name in names if chance.random() < 0.5]
        chance.shuffle(names)
        return [made.element(name) for name in names]

    items = []
    for _ in range(chance.randrange(4)):
        items.append(some(own + [name for name in EXTENSIONS if chance.random() < 0.4]))
    return [version, some(head), items]


def joined(feed, chance=None):
    """The bytes of a feed; `chance` puts white space between its elements."""
    version, head, items = feed
    start, end, family = VERSIONS[version]
    name = "entry" if family == "atom" else "item"
    about = ' rdf:about="http://example.org/about"' if version == "rss10" else ""
    space = chance.choice(["", "\n", "\n  "]) if chance else "\n"
    text = start % RSS_NAMESPACES + space.join(head) + ("</channel>" if family == "rdf" else "")
    for item in items:
        text += space + "<%s%s>%s%s</%s>" % (name, about, space, space.join(item), name)
    return (text + end).encode()


def names_of(elements):
    """The names of elements as written."""
    return [element[1:].split(">")[0].split(" ")[0].rstrip("/") for element in elements]
