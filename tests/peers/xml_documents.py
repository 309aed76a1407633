"""Documents that hypothesis makes up: well-formed, with all that XML 1.0 without a DTD has; and mutated ones."""

from hypothesis import strategies as st

NAMES = ["a", "b", "c", "item", "x-1", "_y.z"]
URIS = ["u", "http://example.org/ns", "urn:a:&amp;b", "http://www.w3.org/2005/Atom"]
REFERENCES = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#9;", "&#10;", "&#xD;", "&#233;", "&#x1F600;", "&#0038;"]
SPACES = [" ", "\n", "\t", "\r\n", "  \r "]
ASCII = "abc xyz-123\n\r\t'\"=/;]>[?!{}\x7f"
# an encoding, what is written before the document, and the characters beyond ASCII it is tried with
ENCODINGS = [
    ("utf-8", "", "éЖ日😀\x85\x9f\u2028\ufffd\ufeff"),
    ("utf-8", "<?xml version='1.0' encoding='UTF-8'?>\n", "é日😀"),
    ("utf-8-sig", '<?xml version="1.0"?>', "é日"),
    ("utf-16", "", "é日😀\uffdd"),
    ("utf-16", "<?xml version='1.0' encoding='utf-16' standalone='yes'?>", "é日😀"),
    ("iso-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?>", "éÿ\xa0\x85"),
    ("windows-1252", '<?xml version="1.0" encoding="windows-1252" ?>', "éÿ€’"),
    ("us-ascii", "<?xml version='1.0' encoding='us-ascii' standalone='no'?>", ""),
]


class _Writer:
    def __init__(self, draw, wide):
        self._draw = draw
        self._characters = st.text(st.sampled_from(ASCII + wide * 3), max_size=8)
        self._names = NAMES + [char * 2 for char in wide if char.isalpha()]

    def one(self, *choices):
        return self._draw(st.sampled_from(choices))

    def text(self):
        text = self._draw(self._characters).replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
        return "&gt;" + text[1:] if text[:1] == ">" else text  # ]] may be before it

    def aside(self):
        text = self._draw(self._characters)
        return self.one(
            "<!--%s-->" % text.replace("-", ""), "<?x-%s %s?>" % (self.one(*self._names), text.replace("?>", ""))
        )

    def piece(self, depth, scope):
        kind = self._draw(st.integers(0, 8))
        if kind < 4 and depth < 5:
            return self.element(depth + 1, scope)
        if kind < 6:
            return self.text()
        if kind == 6:
            return self.one(*REFERENCES)
        return "<![CDATA[%s]]>" % self._draw(self._characters).replace("]]>", "") if kind == 7 else self.aside()

    def value(self):
        quote = self.one("'", '"')
        text = self._draw(self._characters).replace("<", "&lt;").replace(quote, "&#%d;" % ord(quote))
        return quote + text + (self.one("", *REFERENCES)) + quote

    def attributes(self, scope, own):
        """The attributes of a tag as written, some of them with a prefix of `scope`."""
        written = ["xmlns%s=%s" % (":" + prefix if prefix else "", '"%s"' % uri) for prefix, uri in own.items()]
        seen = set()
        for _ in range(self.one(0, 0, 1, 2, 4)):
            prefix, local = self.one("", "", *scope, "xml"), self.one(*self._names, "lang")
            key = scope.get(prefix, prefix) if prefix else "", local
            if key not in seen:
                seen.add(key)
                name = prefix + ":" + local if prefix else local
                written.append(name + self.one("=", "=", " =", "= ", "\n=\t") + self.value())
        return "".join([self.one(*SPACES) + attribute for attribute in self._draw(st.permutations(written))])

    def element(self, depth, scope):
        own = {}
        if self.one(False, False, True):
            for prefix in self._draw(st.sets(st.sampled_from(["", "p", "q", "é"][: 4 if "éé" in self._names else 3]))):
                own[prefix] = self.one(*URIS, "") if not prefix else self.one(*URIS)
        scope = {**scope, **own}
        prefix = self.one("", *scope)
        name = self.one(*self._names)
        name = prefix + ":" + name if prefix else name
        tag = name + self.attributes(scope, own) + self.one("", "", *SPACES)
        pieces = [self.piece(depth, scope) for _ in range(self.one(0, 1, 1, 2, 4))]
        if not pieces and self.one(True, False):
            return "<%s/>" % tag
        return "<%s>%s</%s%s>" % (tag, "".join(pieces), name, self.one("", "", *SPACES))


@st.composite
def documents(draw):
    """The bytes of a document."""
    encoding, declaration, wide = draw(st.sampled_from(ENCODINGS))
    writer = _Writer(draw, wide)
    parts = [declaration]
    for part in (
        "",
        writer.one("", "<!DOCTYPE a>", "<!DOCTYPE a [<!ELEMENT a ANY> <!-- ]> --><?x ]>?>]\n>"),
        "element",
        "",
    ):
        parts.append(writer.element(0, {}) if part == "element" else part)
        parts.append(writer.one("", "", "\n", " \r\n", writer.aside()))
    return "".join(parts).encode(encoding)


def cut(data, places):
    """`data` in pieces, cut at `places`, any integers."""
    places = sorted([place % (len(data) + 1) for place in places])
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


PLACES = st.lists(st.integers(0, 10000), max_size=20)


def dump(element):
    attributes = [[key, value] for key, value in element.items()]
    return [element.tag, attributes, element.text, element.tail, [dump(child) for child in element]]


def read(library, data):
    """The tree of a document, or None where it is refused."""
    try:
        return dump(library.fromstring(data))
    except library.ParseError:
        return None


# --- mutated documents

SEEDS = (
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x'>]><a b='1'>t<b x=\"y\"/><![CDATA[c]]>&lt;<!-- c --></a>",
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<p:a xmlns:p='u' xmlns='v' p:é='1'>é&#233;"
    "<é xml:lang='en'/><?x y?></p:a>\n<!-- c -->".encode(),
    b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9<b c='\xe9'/></a>",
    "<?xml version='1.0' encoding='utf-16'?><a>é<b c='é'>x</b></a>".encode("utf-16"),
    b"<!DOCTYPE a PUBLIC 'p' 's' [<!ELEMENT a (b|c)*><!ATTLIST a x CDATA #IMPLIED y (p|q) 'p'>"
    b"<!NOTATION n SYSTEM 'n'><?x y?><!-- c -->%p;]><a x='1'><b/>t</a>",
    b"<a xmlns:p='u' xmlns:q='w'><p:b p:x='1' q:x='2'/><c xmlns=''/><d xmlns:p='w'><p:e/></d></a>",
    b"<a>&amp;&#65;<b>]] ></b><?p i?><!-- - --><![CDATA[]]]]><![CDATA[>]]></a>",
)
MARKUP = [
    *(b"<", b">", b"</a>", b"<a ", b"'", b'"', b"&", b";", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"--", b"<?", b"?>"),
    *(
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xef\xbf\xbe",
        b"\xef\xbb\xbf",
        b"=",
        b"/",
        b" ",
        b"\n",
        b"]",
        b"[",
    ),
    *(b"[", b"xmlns:p='u'", b"xmlns:", b"xmlns", b"xml", b":", b"&#x", b"&#xFFFE;", b"&e;", b"%e;"),
    b"<!ENTITY x 'y'>",
    *(b"<!ATTLIST a z CDATA 'd'>", b"<!DOCTYPE a>", b"\x01", b"a='1'", b"<?xml version='1.0'?>"),
]


def mutated(data, chance):
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(data) + 1)
        how = chance.randrange(6)
        if how == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif how == 1:
            del data[at : at + chance.randrange(1, 6)]
        elif how == 2:
            data[at:at] = chance.choice(MARKUP)
        elif how == 3:
            other = chance.randrange(len(data) + 1)
            data[at:at] = data[other : other + chance.randrange(1, 12)]
        elif how == 4:
            data[at : at + 2] = data[at : at + 2][::-1]
        else:
            del data[at : at + 1]
    return bytes(data)
