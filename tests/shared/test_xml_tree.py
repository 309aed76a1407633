"""Trees under ElementTree's names, on both interpreters; ElementTree itself is asked in
`tests/peers/test_xml_peers.py`."""

import io

from helio.errors import ParseError, UsageError
from helio.xml import tree
from helio.xml.scanner import Scanner

RSS = """<?xml version="1.0" encoding="iso-8859-1"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>News &amp; views</title><link>http://example.com/</link>
<item><title>Caf\u00e9</title><link>http://example.com/1</link><dc:creator>A</dc:creator></item>
<item id="2"><title><![CDATA[<b>two</b>]]></title><link>http://example.com/2</link></item>
</channel></rss>"""
DC = "{http://purl.org/dc/elements/1.1/}"


def test_a_program_of_a_chapter_on_rss():
    doc = tree.fromstring(RSS)
    assert (doc.tag, doc.attrib) == ("rss", {"version": "2.0"})
    channel = doc.find("channel")
    assert channel.find("title").text == "News & views"
    shown = []
    for item in channel.iter("item"):
        shown.append(item.find("title").text + " " + item.find("link").text)
    assert shown == ["Caf\u00e9 http://example.com/1", "<b>two</b> http://example.com/2"]
    assert [item.findtext(DC + "creator", "nobody") for item in doc.findall("channel/item")] == ["A", "nobody"]
    assert [child.tag for child in channel] == ["title", "link", "item", "item"]
    assert len(channel) == 4 and channel[-1].get("id") == "2" and channel[0].get("id") is None


def test_a_program_of_a_chapter_on_weather():
    text = "<current_observation><weather>Fair</weather><temp_f>63.0</temp_f></current_observation>"
    observation = tree.fromstring(text)
    assert float(observation.find("temp_f").text) == 63.0
    assert observation.find("weather").text == "Fair"
    assert observation.find("wind") is None


def test_paths():
    root = tree.fromstring("<r><a k='1'>x<b/><b>y</b></a><a><c><b k='2'>z</b></c></a></r>")
    for path, texts in (
        ("a/b", [None, "y"]),
        (".//b", [None, "y", "z"]),
        ("*/*/b", ["z"]),
        (".//*[@k]", ["x", "z"]),
        (".//*[@k='2']", ["z"]),
        ("a[b]", ["x"]),
        ("a[c]/c/b", ["z"]),
        ("a[2]", [None]),
        ("a[last()]/c/b", ["z"]),
        (".//b[.='y']", ["y"]),
        (".//c/..", [None]),
        ("nothing", []),
    ):
        assert [element.text for element in root.findall(path)] == texts, path
    for wrong in ("/a", "a[", "a[0]", "p:a", "a[@]", "a]"):
        try:
            root.findall(wrong)
            assert False, wrong
        except UsageError:
            pass
    assert root.find("p:a", {"p": "u"}) is None


def test_edits_and_writing():
    root = tree.Element("r", {"a": "1"}, b='<&">')
    first = tree.SubElement(root, "x")
    first.text = "caf\u00e9 & <"
    first.tail = "tail"
    root.append(tree.Element("{urn:y}y"))
    root.insert(0, tree.Element("z"))
    root.set("c", "3")
    root.remove(root.find("z"))
    text = tree.tostring(root, encoding="unicode")
    assert "<x>caf\u00e9 &amp; &lt;</x>tail<ns0:y />" in text and 'b="&lt;&amp;&quot;&gt;"' in text
    again = tree.fromstring(text)
    assert sorted(again.items()) == sorted(root.items()) and again.find("x").tail == "tail" and len(again) == 2
    assert b"caf&#233;" in tree.tostring(root)
    try:
        root.remove(first.__class__("other"))
        assert False
    except ValueError:
        pass
    root.clear()
    assert (len(root), root.attrib, list(root.iter())) == (0, {}, [root])


def test_parse_and_iterparse_read_files():
    data = RSS.replace("iso-8859-1", "utf-8").encode()
    assert tree.parse(io.BytesIO(data)).getroot().find("channel/title").text == "News & views"
    seen = [(event, element.tag) for event, element in tree.iterparse(io.BytesIO(data), ("start", "end"))]
    assert seen[:3] == [("start", "rss"), ("start", "channel"), ("start", "title")]
    assert seen[-1] == ("end", "rss")
    titles = []
    for _, element in tree.iterparse(io.BytesIO(data)):
        if element.tag == "item":
            titles.append(element.findtext("title"))
            element.clear()
    assert titles == ["Caf\u00e9", "<b>two</b>"]
    try:
        tree.iterparse(io.BytesIO(data), ("comment",))
        assert False
    except UsageError:
        pass


def test_what_is_broken_is_refused():
    for text in ("", "<a>", "<a>&nbsp;</a>", b"<a>\xff</a>"):
        try:
            tree.fromstring(text)
            assert False, text
        except ParseError:
            pass
    try:
        tree.fromstring("<a><b/></a>", Scanner(depth_max=1))
        assert False
    except ParseError:
        pass


def test_text_in_many_sections_is_one():
    root = tree.fromstring("<a>" + "<![CDATA[x]]>" * 2000 + "<!-- --><b/>y<?p?>z</a>")
    assert root.text == "x" * 2000 and root[0].tail == "yz"


def test_all_that_is_public_is_in_all():
    assert "tostring" in tree.__all__ and "register_namespace" in tree.__all__
    for name in tree.__all__:
        assert hasattr(tree, name), name


def test_attributes_keep_the_order_in_which_they_were_given():
    names = ["z", "a", "mm", "b", "y", "c"]
    written = "".join([' %s="1"' % name for name in names])
    by_set = tree.Element("e")
    by_attrib = tree.Element("e")
    read = tree.fromstring('<e z="1" />')
    for name in names:
        by_set.set(name, "1")
        by_attrib.attrib[name] = "1"
        read.set(name, "1")
    for element in (by_set, by_attrib, read, tree.fromstring("<e%s/>" % written)):
        assert tree.tostring(element, "unicode") == "<e%s />" % written
    assert read.get("mm") == "1" and list(read.keys()) == names
    assert by_set.attrib == by_attrib.attrib == {name: "1" for name in names}
    assert tree.Element("e").attrib == {} == tree.Element("e", {}).attrib


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind:
        return True
    return False


def test_only_elements_are_children():
    root = tree.fromstring("<a><b/></a>")
    for wrong in (None, "c", 5):
        assert raises(TypeError, root.append, wrong) and raises(TypeError, root.insert, 0, wrong)
        assert raises(TypeError, root.extend, [tree.Element("c"), wrong])
        assert raises(TypeError, root.__setitem__, 0, wrong)
    assert tree.tostring(root) == b"<a><b /></a>"
    root[0] = tree.Element("c")
    root.extend([tree.Element(tag) for tag in "de"])
    assert [child.tag for child in root] == ["c", "d", "e"]


def test_encodings_by_all_their_names():
    root = tree.fromstring("<a>\u00e9\u20ac</a>")
    references = b"<a>&#233;&#8364;</a>"
    assert tree.tostring(root, None) == tree.tostring(root, "us-ascii") == references
    for name in ("latin-1", "latin1", "ISO_8859_1", "L1"):
        written = tree.tostring(root, name)
        assert written.endswith(b"<a>\xe9&#8364;</a>") and tree.fromstring(written).text == root.text
    for name in ("utf_8", "UTF8", "us_ascii"):
        assert tree.fromstring(tree.tostring(root, name)).text == root.text
    assert raises(UsageError, tree.tostring, root, "klingon")


def test_a_registered_default_namespace():
    root = tree.fromstring("<a xmlns='urn:default'><b/></a>")
    tree.register_namespace("", "urn:default")
    assert tree.tostring(root) == b'<a xmlns="urn:default"><b /></a>'
    tree.register_namespace("d", "urn:default")
    assert tree.tostring(root) == b'<d:a xmlns:d="urn:default"><d:b /></d:a>'


def test_iterparse_tells_a_missing_file_at_once():
    assert raises(OSError, tree.iterparse, "no-such-file.xml")
    assert [event for event, _ in tree.iterparse(io.BytesIO(b"<a><b/></a>"), None)] == ["end", "end"]
