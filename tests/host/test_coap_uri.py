"""`coap://` addresses as targets and options (RFC 7252 section 6.4)."""

import pytest

from helio.errors import UsageError
from helio_host.coap_uri import parse_uri

HOST, PATH, QUERY = 3, 11, 15


@pytest.mark.parametrize(
    "uri, target, options",
    [
        ("coap://192.168.1.55", "192.168.1.55", []),
        ("coap://192.168.1.55:5683/", "192.168.1.55:5683", []),
        ("COAP://127.0.0.1/a/b", "127.0.0.1", [(PATH, b"a"), (PATH, b"b")]),
        ("coap://127.0.0.1:/a", "127.0.0.1", [(PATH, b"a")]),
        ("coap://127.0.0.1/a/", "127.0.0.1", [(PATH, b"a"), (PATH, b"")]),
        ("coap://127.0.0.1//a", "127.0.0.1", [(PATH, b""), (PATH, b"a")]),
        ("coap://127.0.0.1/?", "127.0.0.1", []),
        ("coap://127.0.0.1?a=1&b", "127.0.0.1", [(QUERY, b"a=1"), (QUERY, b"b")]),
        ("coap://127.0.0.1/x?q=a/b?c", "127.0.0.1", [(PATH, b"x"), (QUERY, b"q=a/b?c")]),
        ("coap://127.0.0.1/a%2Fb%20c?d%26e=%c3%bc+", "127.0.0.1", [(PATH, b"a/b c"), (QUERY, "d&e=ü+".encode())]),
        ("coap://127.0.0.1/größe", "127.0.0.1", [(PATH, "größe".encode())]),
        ("coap://Kitchen/x", "Kitchen", [(HOST, b"kitchen"), (PATH, b"x")]),
        ("coap://kit%63hen:7/x", "kitchen:7", [(HOST, b"kitchen"), (PATH, b"x")]),
        ("coap://localhost", "localhost", []),
        ("coap://127.0.0.1/" + "x" * 255, "127.0.0.1", [(PATH, b"x" * 255)]),
    ],
)
def test_parsed(uri, target, options):
    assert parse_uri(uri) == (target, options)


@pytest.mark.parametrize(
    "uri, problem",
    [
        ("coaps://127.0.0.1/x", "which helio does not speak"),
        ("http://127.0.0.1/x", "is no CoAP address"),
        ("127.0.0.1/x", "is no CoAP address"),
        ("", "is no CoAP address"),
        ("coap:127.0.0.1", "is no CoAP address"),
        ("coap://127.0.0.1/x#y", "is no CoAP address"),
        ("coap://", "neither a name nor an address"),
        ("coap:///x", "neither a name nor an address"),
        ("coap://me@127.0.0.1/", "neither a name nor an address"),
        ("coap://[::1]/x", "IPv4 only"),
        ("coap://1.2.3/x", "is not an address"),
        ("coap://127.0.0.1:x/", "has no port"),
        ("coap://127.0.0.1/%zz", "two hexadecimal digits"),
        ("coap://127.0.0.1/100%", "two hexadecimal digits"),
        ("coap://127.0.0.1/%ff", "is not UTF-8"),
        ("coap://127.0.0.1/a/../b", "is no part of a path"),
        ("coap://127.0.0.1/" + "x" * 256, "over 255 bytes"),
    ],
)
def test_refused(uri, problem):
    with pytest.raises(UsageError, match=problem):
        parse_uri(uri)
