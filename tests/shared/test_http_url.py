"""Addresses of the web."""

import sys

from helio.errors import UsageError
from helio.http.limits import URL_MAX_BYTES
from helio.http.url import Url

BASE = "http://a/b/c/d;p?q"
# RFC 3986 section 5.4, without what is no http and with the fragment left out, which is never sent
JOINED = (
    ("g", "http://a/b/c/g"),
    ("./g", "http://a/b/c/g"),
    ("g/", "http://a/b/c/g/"),
    ("/g", "http://a/g"),
    ("//g", "http://g/"),
    ("?y", "http://a/b/c/d;p?y"),
    ("g?y", "http://a/b/c/g?y"),
    ("#s", "http://a/b/c/d;p?q"),
    ("g#s", "http://a/b/c/g"),
    ("g?y#s", "http://a/b/c/g?y"),
    (";x", "http://a/b/c/;x"),
    ("g;x", "http://a/b/c/g;x"),
    ("g;x?y#s", "http://a/b/c/g;x?y"),
    ("", "http://a/b/c/d;p?q"),
    (".", "http://a/b/c/"),
    ("./", "http://a/b/c/"),
    ("..", "http://a/b/"),
    ("../", "http://a/b/"),
    ("../g", "http://a/b/g"),
    ("../..", "http://a/"),
    ("../../", "http://a/"),
    ("../../g", "http://a/g"),
    ("../../../g", "http://a/g"),
    ("../../../../g", "http://a/g"),
    ("/./g", "http://a/g"),
    ("/../g", "http://a/g"),
    ("g.", "http://a/b/c/g."),
    (".g", "http://a/b/c/.g"),
    ("g..", "http://a/b/c/g.."),
    ("..g", "http://a/b/c/..g"),
    ("./../g", "http://a/b/g"),
    ("./g/.", "http://a/b/c/g/"),
    ("g/./h", "http://a/b/c/g/h"),
    ("g/../h", "http://a/b/c/h"),
    ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
    ("g;x=1/../y", "http://a/b/c/y"),
    ("g?y/./x", "http://a/b/c/g?y/./x"),
    ("g?y/../x", "http://a/b/c/g?y/../x"),
    ("https://other:444/x", "https://other:444/x"),
    (" /with blanks ", "http://a/with%20blanks"),
    ("x:y/z", None),
    ("mailto:a@b", None),
)
WRONG = (
    ("", "http:// or https://"),
    ("example.org", "http:// or https://"),
    ("http:/example.org", "http:// or https://"),
    ("ftp://example.org/", "only http"),
    ("http://", "no host"),
    ("http:///path", "no host"),
    ("http://:80/", "no host"),
    ("http://a:b/", "port"),
    ("http://a:0/", "port"),
    ("http://a:65536/", "port"),
    ("http://a:-1/", "port"),
    ("http://a b/", "host"),
    ("http://a\r\nX: y/", "host"),
    ("http://a/\r\nX: y", "control character"),
    ("http://a/\x00", "control character"),
    ("http://[::1/", "IPv6"),
    ("http://[1.2.3.4]/", "IPv6"),
    ("http://[::1]x/", "behind [::1]"),
    ("http://a/" + "x" * URL_MAX_BYTES, "more than"),
)


def test_what_an_address_says():
    url = Url("HTTP://User:pa%3Ass@Example.ORG:8080/a/B?c=d&e#f")
    assert (url.scheme, url.host, url.port, url.target) == ("http", "example.org", 8080, "/a/B?c=d&e")
    assert url.credentials == "User:pa%3Ass"
    assert url.authority == "example.org:8080" and url.origin == ("http", "example.org", 8080)
    assert str(url) == "http://example.org:8080/a/B?c=d&e"  # nobody's password is shown


def test_what_need_not_be_said():
    for text, port, authority, target in (
        ("http://a", 80, "a", "/"),
        ("https://a", 443, "a", "/"),
        ("https://a:443/", 443, "a", "/"),
        ("https://a:80", 80, "a:80", "/"),
        ("http://a:/x", 80, "a", "/x"),
        ("http://a?b", 80, "a", "/?b"),
        ("http://a#b", 80, "a", "/"),
        (" http://a/\n", 80, "a", "/"),
    ):
        url = Url(text)
        assert (url.port, url.authority, url.target, url.credentials) == (port, authority, target, None), text


def test_ipv6():
    url = Url("http://[2001:DB8::1]:81/x")
    assert (url.host, url.port, url.authority) == ("2001:db8::1", 81, "[2001:db8::1]:81")
    assert Url("https://[::1]").authority == "[::1]"


def test_a_host_is_what_stands_behind_the_last_at():
    assert Url("http://a@b@c/").host == "c"
    assert Url("http://trusted.example\\@evil.example/").host == "trusted.example"
    assert Url("http://trusted.example?@evil.example/").host == "trusted.example"
    assert Url("http://trusted.example#@evil.example/").host == "trusted.example"


def test_characters_that_are_to_be_quoted():
    for text, target in (
        ("/a b", "/a%20b"),
        ("/a%20b", "/a%20b"),
        ('/"<>`{}', "/%22%3C%3E%60%7B%7D"),
        ("/é?ü=€", "/%C3%A9?%C3%BC=%E2%82%AC"),
        ("/100%", "/100%"),
        ("/a\\b", "/a%5Cb"),
    ):
        assert Url("http://a" + text).target == target, text


def test_names_beyond_ascii():
    if sys.implementation.name == "micropython":
        assert Url("http://xn--bcher-kva.example/").host == "xn--bcher-kva.example"
        try:
            Url("http://bücher.example/")
            assert False
        except UsageError:
            pass
    else:
        assert Url("http://Bücher.example/").host == "xn--bcher-kva.example"
        try:
            Url("http://" + "ü" * 100 + ".example/")
            assert False
        except UsageError:
            pass


def test_a_reference_means_what_it_does_on_its_page():
    base = Url(BASE)
    for reference, meant in JOINED:
        try:
            found = str(base.join(reference))
        except UsageError:
            found = None
        assert found == meant, (reference, found)
    assert str(Url("http://u:p@a:8080/x").join("//b/y")) == "http://b/y"
    assert Url("http://u:p@a/x").join("/y").credentials is None


def test_what_is_no_address_is_told():
    for text, said in WRONG:
        try:
            Url(text)
            assert False, text
        except UsageError as error:
            assert said in str(error), (text, error)
            assert len(str(error)) < 250 and "\n" not in str(error)
