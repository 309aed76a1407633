"""The scanner against XML 1.0 (fifth edition) and Namespaces in XML 1.0."""

from xml_events import events

from helio.errors import ParseError, UsageError
from helio.xml import limits
from helio.xml.scanner import ELEMENT, START, TEXT, Scanner

EVERYTHING = b"""<?xml version='1.0' encoding="UTF-8" standalone='yes' ?>
<!DOCTYPE a [ <!ELEMENT a ANY> <!-- > --> <?p > ?> <!ATTLIST a b CDATA "x>y"> ]>
<!-- before --><?target data?>
<a xmlns="urn:1" xmlns:p='urn:2' p:x="1 &amp; &#x32;" y='"\t&lt;'>t &gt;\r\n
<p:b>caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80</p:b >]]<![CDATA[<raw> ]] & ]]]]><c/><d xmlns=""  e = "1" ></d>
<!-- - -->tail<?pi?></a>
<!-- after --> """
EXPECTED = [
    ("start", "{urn:1}a", [("{urn:2}x", "1 & 2"), ("y", '" <')]),
    ("text", "t >\n\n"),
    ("start", "{urn:2}b", []),
    ("text", "caf\u00e9 \u20ac \U0001f600"),
    ("end", "{urn:2}b"),
    ("text", "]]<raw> ]] & ]]"),
    ("start", "{urn:1}c", []),
    ("end", "{urn:1}c"),
    ("start", "d", [("e", "1")]),
    ("end", "d"),
    ("text", "\ntail"),
    ("end", "{urn:1}a"),
]
WRONG = [
    (b"", 1, 1),
    (b"<a>", 1, 4),
    (b"<a", 1, 3),
    (b"<a><b></a>", 1, 7),
    (b"<a>\n</b>", 2, 1),
    (b"<a/><b/>", 1, 5),
    (b"<a/>x", 1, 5),
    (b"x<a/>", 1, 1),
    (b"</a>", 1, 1),
    (b"< a/>", 1, 1),
    (b"<1/>", 1, 1),
    (b"<a:b/>", 1, 1),
    (b"<a b/>", 1, 3),
    (b"<a b=1/>", 1, 6),
    (b"<a b='1'c='2'/>", 1, 9),
    (b"<a b='<'/>", 1, 6),
    (b"<a b='1' b='2'/>", 1, 12),
    (b"<a>&nbsp;</a>", 1, 4),
    (b"<a>&lt</a>", 1, 4),
    (b"<a>&#0;</a>", 1, 4),
    (b"<a>&#xD800;</a>", 1, 4),
    (b"<a>&#x1_1;</a>", 1, 4),
    (b"<a>]]></a>", 1, 4),
    (b"<a><!-- -- --></a>", 1, 9),
    (b"<a>\x01</a>", 1, 4),
    (b"<a>\xef\xbf\xbe</a>", 1, 4),
    (b"<a>\xc0\x80</a>", 1, 4),
    (b"<a>\xed\xa0\x80</a>", 1, 4),
    (b"<a><?xml version='1.0'?></a>", 1, 4),
    (b" <?xml version='1.0'?><a/>", 1, 2),
    (b"<?xml encoding='UTF-8'?><a/>", 1, 1),
    (b"<?xml version='1.0' encoding='klingon'?><a/>", 1, 1),
    (b"<a><!ELEMENT a ANY></a>", 1, 4),
    (b"<!DOCTYPE a><!DOCTYPE a><a/>", 1, 13),
    (b"<a xmlns:p=''/>", 1, 1),
    (b"<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>", 1, 1),
]


def test_every_construct():
    found = events(EVERYTHING)
    assert found == EXPECTED, found


def test_pieces_of_every_size_give_the_same():
    for size in (1, 2, 3, 7, 64):
        assert events(EVERYTHING, size) == EXPECTED, size
    for data, _, _ in WRONG:
        for size in (1, 2, 3, 7):
            assert events(data, size) == events(data), (data, size)


def test_what_is_not_well_formed_is_refused_and_where():
    for data, line, column in WRONG:
        scanner = Scanner()
        try:
            for _ in scanner.feed(data):
                pass
            scanner.close()
            assert False, data
        except ParseError as error:
            assert (error.line, error.column) == (line, column), (data, str(error))
            assert error.position == (line, column - 1)


def test_cut_at_every_length_only_a_parse_error_comes_out():
    root_ends = EVERYTHING.find(b"</a>") + 4
    wanted = lambda name: None if name.endswith("b") else True  # noqa: E731
    for size in range(root_ends):
        assert isinstance(events(EVERYTHING[:size])[-1], str), size
        assert isinstance(events(EVERYTHING[:size], wanted=wanted)[-1], str), size
    for size in range(root_ends, len(EVERYTHING)):
        events(EVERYTHING[:size])  # ends, or is in the comment behind


def test_encodings():
    text = "<a>\u00e9\u20ac</a>"
    wide = b"".join([bytes([ord(char) & 0xFF, ord(char) >> 8]) for char in text])
    swapped = b"".join([bytes([ord(char) >> 8, ord(char) & 0xFF]) for char in text])
    expected = [("start", "a", []), ("text", "\u00e9\u20ac"), ("end", "a")]
    for data in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        b"\xff\xfe" + wide,
        b"\xfe\xff" + swapped,
        wide,
        swapped,
        b"<?xml version='1.0' encoding='Windows-1252'?><a>\xe9\x80</a>",
    ):
        for size in (0, 1, 3):
            assert events(data, size) == expected, (data, size)
    latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>"
    assert events(latin)[1] == ("text", "\u00e9")
    assert events(latin, encoding="utf-8")[-1] == "line 1, column 47: bytes that are not UTF-8"
    ascii = b"<?xml version='1.0' encoding='US-ASCII'?><a>\xe9</a>"
    assert events(ascii)[-1] == "line 1, column 45: a byte that is not US-ASCII"
    assert "utf-16" in events(b"<?xml version='1.0' encoding='utf-16'?><a/>")[-1]


def test_what_is_not_wanted_is_stepped_over():
    document = (
        b"<r><skip a='>' b=\"</skip>\"><x><y/>&nbsp;</x><![CDATA[</skip>]]><!-- </skip> -- --><?p </skip>?></skip>"
        b"<t>1</t><skip/><q:t>2</q:t><skip>\x01]]></skip ><t a='1'>3</t></r>"
    )
    expected = [
        ("start", "r", []),
        ("start", "t", []),
        ("text", "1"),
        ("end", "t"),
        ("start", "q:t", []),
        ("text", "2"),
        ("end", "q:t"),
        ("start", "t", [("a", "1")]),
        ("text", "3"),
        ("end", "t"),
        ("end", "r"),
    ]
    wanted = {"r": False, "t": True, "q:t": True}.get
    for size in range(1, len(document)):
        assert events(document, size, wanted=wanted) == expected, size
    for wrong in (b"<r><s><x></s></x></r>", b"<r><s><![CDATA[</s></r>", b"<r><s><!-- </s></r>", b"<r><s>"):
        assert isinstance(events(wrong, wanted=wanted)[-1], str), wrong


def test_runs_of_what_is_not_wanted():
    item = b"<i><u>1</u>\n<v a='>'>2</v><w><x>3</x></w><t>%s</t><y/><u>4</u></i>"
    document = b"<r>" + b"".join([item.replace(b"%s", str(i).encode()) for i in range(40)]) + b"</r>"
    wanted = {"r": False, "i": False, "t": True}.get
    for size in (0, 1, 5, 100):
        texts = [event[1] for event in events(document, size, wanted=wanted) if event[0] == "text"]
        assert texts == [str(i) for i in range(40)]


def test_wanted_changes_on_the_way():
    scanner = Scanner(lambda name: True if name in ("r", "all") else None)
    found = []
    for event in scanner.feed(b"<r><x>1</x><all><x>2</x></all><x>3</x></r>"):
        if scanner.name == "all":
            scanner.want(None if event == START else lambda name: None)
        elif event in (TEXT, ELEMENT):
            found.append(scanner.text)
    assert found == ["2"]


def test_entities_of_the_caller():
    known = {"eacute": "\u00e9"}.get
    assert events(b"<a b='&eacute;'>&eacute;&x;</a>", entity=known)[:2] == [
        ("start", "a", [("b", "\u00e9")]),
        ("text", "\u00e9&x;"),
    ]


def test_a_dtd_is_not_read():
    bomb = b'<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "xxxxxxxx">]><a>&b;</a>'
    assert "&b; is not one of XML's five entities, and a DTD is not read" in events(bomb)[-1]


def test_each_limit_is_an_error_and_can_be_changed():
    for name, small, document in (
        ("depth_max", 2, b"<a><b><c/></b></a>"),
        ("text_max", 20, b"<a>" + b"x" * 30 + b"</a>"),
        ("name_max", 3, b"<long/>"),
        ("attributes_max", 1, b"<a b='' c=''/>"),
        ("attribute_max", 4, b"<a b='12345'/>"),
    ):
        assert not isinstance(events(document)[-1], str), name
        for size in (0, 1):
            assert isinstance(events(document, size, **{name: small})[-1], str), name
    try:
        Scanner(width_max=1)
        assert False
    except UsageError:
        pass


def test_bombs_end_in_an_error():
    scanner = Scanner()
    try:
        while True:
            for _ in scanner.feed(b"<a>" * 100):
                pass
    except ParseError as error:
        assert str(limits.XML_DEPTH_MAX) in str(error)
    scanner = Scanner(lambda name: None if name == "x" else False)
    try:
        for _ in scanner.feed(b"<r><x>"):
            pass
        while True:
            for _ in scanner.feed(b"<a>" * 100):
                pass
    except ParseError as error:
        assert str(limits.XML_DEPTH_MAX) in str(error)
    for start in (b"<a ", b"<a b='", b"<", b"<a>&", b"<a><"):
        scanner = Scanner(text_max=4096)
        try:
            for _ in scanner.feed(start):
                pass
            for _ in range(100):
                for _ in scanner.feed(b"x" * 1000):
                    pass
            assert False, start
        except ParseError:
            pass


def test_after_an_error_or_the_end_nothing_more_is_read():
    for data in (b"<a></b>", b"<a/>"):
        scanner = Scanner()
        try:
            for _ in scanner.feed(data):
                pass
            scanner.close()
        except ParseError:
            pass
        try:
            scanner.feed(b"<a/>")
            assert False
        except UsageError:
            pass


def test_a_declaration_has_each_value_in_quotes_of_one_kind():
    for data in (b"<?xml version='1.0\"?><r/>", b"<?xml version=\"1.0' encoding='utf-8\"?><r/>"):
        assert isinstance(events(data, wanted=lambda name: True)[-1], str), data
    for data in (b"<?xml version='1.0'?><r/>", b"<?xml version='1.0' encoding=\"utf-8\"?><r/>"):
        assert events(data, wanted=lambda name: True) == [("start", "r", []), ("end", "r")], data


def test_namespaces_that_are_over_are_forgotten():
    scanner = Scanner()
    for _ in scanner.feed(b"<a xmlns='urn:a'>"):
        pass
    for i in range(300):
        for _ in scanner.feed(("<b xmlns='urn:b' xmlns:p%d='urn:%d'><p%d:c/></b>" % (i, i, i)).encode()):
            pass
    assert len(scanner.namespaces) == 3 and scanner.namespaces[""] == "urn:a"
