"""HTML as plain text, and the names of characters."""

from helio.entities import named
from helio.html import plain
from helio.reading_limits import PLAIN_MAX

# HTML: text
TEXTS = (
    ("", ""),
    ("plain", "plain"),
    ("  runs \t of\r\nwhite\x0c space ", "runs of white space"),
    ("<p>One</p><p>two</p>", "One two"),
    ("<P CLASS=x>One<BR>two<br/>three<hr />four", "One two three four"),
    ("<ul><li>a<li>b</ul>c", "a b c"),
    ("<h1>Title</h1>text<table><tr><td>1<td>2</table>", "Title text 1 2"),
    ("in<b>li</b>ne <em>words</em>", "inline words"),
    ("a<img src='x'>b", "ab"),
    ("a<!-- <p> -- > -->b<!---->c<!-->d<!--->e", "abcde"),
    ("a<!-- never ends", "a"),
    ("<!DOCTYPE html><?xml version='1.0'?>a", "a"),
    ("a<script>if (a</b) '<p>'</script>b", "ab"),
    ("a<SCRIPT src=x>x</scripts></Script >b", "ab"),
    ("a<style type='text/css'>p > b {}</style>b", "ab"),
    ("a<style>never ends", "a"),
    ("a</style>b", "ab"),
    ("<a title='a > b' rel=\"'>'\">x</a>", "x"),
    ("<a title = '>' >x", "x"),
    ("<a title=>x", "x"),
    ("a <a href='cut of", "a"),
    ("a <a href", "a"),
    ("1 < 2 <3 </3 <> << a", "1 < 2 <3 </3 <> << a"),
    ("a <", "a <"),
    ("&lt;b&gt; &amp;lt; &quot;&apos;", "<b> &lt; \"'"),
    ("&eacute;&Eacute;&alpha;&euro;&hearts;", "éÉα€♥"),
    ("&#233;&#xe9;&#XE9;&#0000233;&#x1F600;", "éééé😀"),
    ("&#128;&#150;&#x99;&#159;", "€–™Ÿ"),
    ("&#0;&#xD800;&#x110000;&#99999999999999999999;", "\ufffd" * 4),
    ("a&nbsp;&nbsp; b\xa0&#160;c", "a b c"),
    ("&copy 2004, R&D, AT&T &amp co &lt b", "© 2004, R&D, AT&T & co < b"),
    ("?a=1&copyright=2&hellip &alpha &apos", "?a=1&copyright=2&hellip &alpha &apos"),
    ("&foo; &; &#; &#x; &#xg; & &&amp;", "&foo; &; &#; &#x; &#xg; & &&"),
    ("&#233 &#xe9. &#233a", "é é. éa"),
    ("a\x1b[31m\x07b \x00 c\x7f\x9b\x90&#27;&#x81;", "a[31mb c"),
    ("árvíztűrő 한국어 😀", "árvíztűrő 한국어 😀"),
)


def test_texts():
    for html, text in TEXTS:
        assert plain(html) == text, (html, plain(html), text)


def test_long_text_is_cut_at_a_word():
    assert plain("one two three", 13) == "one two three"
    assert plain("one two three", 12) == "one two…"
    assert plain("one two three", 8) == "one two…"
    assert plain("one two three", 6) == "one…"
    assert plain("one two three", 4) == "one…"
    assert plain("one two three", 3) == "on…"
    assert plain("one two three", 1) == "…"
    assert plain("one two three", 0) == ""
    assert plain("one " + "x" * 30, 20) == "one " + "x" * 15 + "…"
    assert plain("é" * 30, 20) == "é" * 19 + "…"
    assert plain("<p>a</p>" * 10, 5) == "a a…"
    assert len(plain("x" * 5000)) == PLAIN_MAX


def test_long_pieces_are_one_text():
    for unit in ("ab&amp;", "&eacute;x", "é\xa0", "😀", "a &#x0000000000e9;b ", "x  \n ", "<a", "&"):
        for shift in range(0, 8):
            html = "y" * shift + unit * 300
            joined = plain(html.replace(unit, "\x01")).replace("\x01", "")
            assert plain(html, 4000).startswith(joined)
            if "<" not in unit:
                one = plain("|" + unit + "|")[1:-1]
                assert plain(html, 4000) == " ".join(("y" * shift + one * 300).split()), (unit, shift)


def test_surrogates_are_replaced():
    assert plain("a" + chr(0xD800) + "b" + chr(0xDFFF)) == "a\ufffdb\ufffd"


def test_nothing_raises():
    parts = "<|<a|</|</a|<!|<!--|<a b='|<a b=\"|<a b=' c=\"|<a =|<script>|</script|<script></|<?|>|'|<p>".split("|")
    parts += ["&", "&#", "&#x", "&#1", "&a", "&nbsp;", " ", "é", "\x00"]
    for part in parts:
        assert len(plain(part * 500, 100)) <= 100
        for other in parts:
            plain(part + other)
            plain("<p>" + part + " x " + other + ">")


def test_names():
    for name, character in (("nbsp", "\xa0"), ("yuml", "ÿ"), ("quot", '"'), ("Alpha", "Α"), ("diams", "♦")):
        assert named(name) == character
    for name in ("", " ", "nbsp iexcl", " nbsp", "nbs", "bsp", "NBSP", "é", "apos"):
        assert named(name) is None


def test_what_is_not_there_is_no_text():
    assert plain(None) == plain("") == plain(None, 0) == ""
