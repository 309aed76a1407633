"""What a server answers to a request (RFC 7252 section 5), in virtual time: each datagram by hand."""

from coap_network import GROUP, Asker, X

from helio.coap.codec import (
    ACCEPT,
    BAD_OPTION,
    BAD_REQUEST,
    BLOCK2,
    CHANGED,
    CON,
    CONTENT,
    CONTENT_FORMAT,
    CREATED,
    DELETE,
    DELETED,
    ETAG,
    GET,
    IF_MATCH,
    IF_NONE_MATCH,
    INTERNAL_SERVER_ERROR,
    LOCATION_PATH,
    MAX_AGE,
    METHOD_NOT_ALLOWED,
    NON,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    OBSERVE,
    POST,
    PRECONDITION_FAILED,
    PROXY_SCHEME,
    PROXY_URI,
    PROXYING_NOT_SUPPORTED,
    PUT,
    RST,
    UNSUPPORTED_CONTENT_FORMAT,
    URI_PATH,
    URI_QUERY,
    VALID,
    block_bytes,
    decode,
    encode,
    option,
    uint,
)
from helio.coap.limits import LEISURE_MS, LEISURELY_MAX
from helio.coap.request import uri_options
from helio.coap.resource import Resource
from helio.errors import BadArgument, UsageError


def without_options(answer):
    return answer[0], answer[2]


def test_methods_and_paths():
    asker = Asker()
    calls = []

    def handler(code):
        return lambda request: (calls.append((request.code, request.path, request.payload)), (code, b""))[1]

    asker.table[b"a/b"] = Resource(handler(CONTENT), handler(CHANGED), handler(CHANGED), handler(DELETED))
    path = uri_options("a/b")
    assert [asker.ask(code, path, b"p")[0] for code in (GET, POST, PUT, DELETE)] == [CONTENT, CHANGED, CHANGED, DELETED]
    assert calls == [(code, b"a/b", b"p") for code in (GET, POST, PUT, DELETE)]
    for options in ((), uri_options("a"), uri_options("a/b/c"), [(URI_PATH, b"a/b")]):
        assert asker.ask(GET, options)[0] == NOT_FOUND
    asker.table[b""] = Resource(get=handler(CONTENT))
    assert asker.ask(GET)[0] == CONTENT
    assert asker.ask(PUT)[0] == METHOD_NOT_ALLOWED
    for code in (5, 6, 7, 31):  # FETCH, PATCH, iPATCH and no method at all: section 5.8
        assert asker.ask(code, path)[0] == METHOD_NOT_ALLOWED
        assert asker.ask(code, uri_options("nothing"))[0] == METHOD_NOT_ALLOWED
    # the host and port that are asked for may be any
    assert asker.ask(GET, [(3, b"board.local"), (7, b"\x16\x33")] + path)[0] == CONTENT


def test_unknown_options():
    asker = Asker()
    asker.table[b"x"] = Resource(get=lambda request: (CONTENT, b"1"))
    assert asker.ask(GET, X + [(2048, b"elective")])[0] == CONTENT
    assert asker.ask(GET, X + [(2049, b"critical")])[0] == BAD_OPTION
    assert asker.ask(GET, X + [(ACCEPT, b"\x00\x00\x00")])[0] == BAD_OPTION
    assert asker.send(NON, GET, X + [(2049, b"")]) == [(RST, 0, asker._message_id, b"", [], b"")]
    assert asker.send(NON, GET, X + [(2049, b"")], multicast=True) == []
    assert asker.node.counts["rejected"] == 4


def test_proxying():
    asker = Asker()
    asker.table[b"x"] = Resource(get=lambda request: (CONTENT, b"1"))
    assert asker.ask(GET, [(PROXY_URI, b"coap://elsewhere/x")])[0] == PROXYING_NOT_SUPPORTED
    assert asker.ask(GET, X + [(PROXY_SCHEME, b"http")])[0] == PROXYING_NOT_SUPPORTED


def test_content_formats():
    asker = Asker()
    asker.table[b"x"] = Resource(
        get=lambda request: (CONTENT, b"{}", [(CONTENT_FORMAT, request.option(ACCEPT) or b"")]),
        put=lambda request: (CHANGED, b""),
        formats=(0, 50),
        accepts=(0, 50),
    )
    for accept, code in ((b"", CONTENT), (b"\x32", CONTENT), (b"\x2a", NOT_ACCEPTABLE), (b"\x27\x10", NOT_ACCEPTABLE)):
        answer = asker.ask(GET, X + [(ACCEPT, accept)])
        assert answer[0] == code
        if code == CONTENT:
            assert answer[1] == [(CONTENT_FORMAT, accept)]
    for content_format, code in ((b"", CHANGED), (b"\x32", CHANGED), (b"\x2a", UNSUPPORTED_CONTENT_FORMAT)):
        assert asker.ask(PUT, X + [(CONTENT_FORMAT, content_format)], b"{}")[0] == code
    assert asker.ask(PUT, X, b"{}")[0] == CHANGED


def test_validation():
    asker = Asker()
    asker.server.publish(b"x", b"1", 0, 0, [(MAX_AGE, b"\x05")])
    code, options, payload = asker.ask(GET, X)
    etag = option(options, ETAG)
    assert (code, payload) == (CONTENT, b"1") and etag
    code, options, payload = asker.ask(GET, [(ETAG, b"other"), (ETAG, etag)] + X)
    assert (code, options, payload) == (VALID, [(ETAG, etag), (MAX_AGE, b"\x05")], b"")
    asker.server.publish(b"x", b"2", 0, 0)
    assert without_options(asker.ask(GET, [(ETAG, etag)] + X)) == (CONTENT, b"2")


def test_conditions():
    asker = Asker()
    came = []

    def create(request):
        came.append(request.path)
        return CREATED, b"", [(LOCATION_PATH, b"made"), (LOCATION_PATH, b"here")]

    asker.server.missing = create
    asker.table[b"x"] = resource = Resource(put=lambda request: (came.append("x"), (CHANGED, b""))[1])
    resource.etag = b"now"
    new = uri_options("new")
    for options, code in (
        ([(IF_MATCH, b"now")] + X, CHANGED),
        ([(IF_MATCH, b"old"), (IF_MATCH, b"now")] + X, CHANGED),
        ([(IF_MATCH, b"")] + X, CHANGED),
        ([(IF_MATCH, b"old")] + X, PRECONDITION_FAILED),
        ([(IF_NONE_MATCH, b"")] + X, PRECONDITION_FAILED),
        ([(IF_MATCH, b"")] + new, PRECONDITION_FAILED),
        ([(IF_MATCH, b"now")] + new, PRECONDITION_FAILED),
        ([(IF_NONE_MATCH, b"")] + new, CREATED),
    ):
        before = len(came)
        answer = asker.ask(PUT, options, b"p")
        assert answer[0] == code
        assert len(came) - before == (code != PRECONDITION_FAILED)
    assert answer[1] == [(LOCATION_PATH, b"made"), (LOCATION_PATH, b"here")]


def test_failures_of_handlers():
    asker = Asker()

    def refuse(request):
        raise BadArgument("COUNT is 1 to 100: got 0")

    for handler, code, payload in (
        (refuse, BAD_REQUEST, b"COUNT is 1 to 100: got 0"),
        (lambda request: 1 // 0, INTERNAL_SERVER_ERROR, b""),
        (lambda request: "no reply", INTERNAL_SERVER_ERROR, b""),
        (lambda request: (CHANGED, 5), INTERNAL_SERVER_ERROR, b""),
        (lambda request: (CONTENT, b"1", [(12, b""), (4, b"e")]), INTERNAL_SERVER_ERROR, b""),
    ):
        asker.table[b"x"] = Resource(post=handler)
        assert without_options(asker.ask(POST, X)) == (code, payload)
    assert asker.node.counts["rejected"] == 1 and asker.node.counts["failed"] == 4
    assert isinstance(asker.node.failures[0], ZeroDivisionError) and isinstance(asker.node.failures[-1], UsageError)
    # and one whose answer would have been sent later
    assert asker.send(NON, POST, X, multicast=True) == []
    asker.network.run(2 * LEISURE_MS)
    assert asker.node.counts["failed"] == 5


def test_the_list_of_resources():
    asker = Asker()
    for path, attributes in (
        (b"temperature", 'rt="temperature-c sensor";if="read";obs'),
        (b"light", 'rt="light";title="kitchen light; low";ct=0'),
        (b"a/b", ""),
    ):
        asker.table[path] = Resource(attributes=attributes)
    core = uri_options(".well-known/core")
    code, options, payload = asker.ask(GET, core)
    assert (code, options) == (CONTENT, [(CONTENT_FORMAT, b"\x28")])
    assert payload == (
        b'</a/b>,</light>;rt="light";title="kitchen light; low";ct=0,'
        b'</temperature>;rt="temperature-c sensor";if="read";obs'
    )
    for query, found in (
        ("rt=sensor", ["temperature"]),
        ("rt=temperature-c", ["temperature"]),
        ("rt=temp*", ["temperature"]),
        ("rt=sens*", ["temperature"]),
        ("rt=temperature-c sensor", ["temperature"]),
        ("rt=temp", []),
        ("rt=*", ["light", "temperature"]),
        ("if=read", ["temperature"]),
        ("ct=0", ["light"]),
        ("title=kitchen light; low", ["light"]),
        ("title=kitchen*", ["light"]),
        ("href=/light", ["light"]),
        ("href=/a/*", ["a/b"]),
        ("href=/*", ["a/b", "light", "temperature"]),
        ("href=light", []),
        ("obs=*", ["temperature"]),
        ("nothing=x", []),
    ):
        code, _, payload = asker.ask(GET, core + [(URI_QUERY, query.encode())])
        paths = [link.split(">")[0][2:] for link in payload.decode().split(",") if link]
        assert (code, paths) == (CONTENT, found), query
        before = len(asker.network.log)
        assert asker.send(NON, GET, core + [(URI_QUERY, query.encode())], multicast=True) == []
        asker.network.run(LEISURE_MS)
        assert [entry[3][5] for entry in asker.network.log[before:]] == [payload] * bool(found)
    assert asker.ask(GET, core + [(URI_QUERY, b"rt=\xff")])[0] == BAD_REQUEST
    assert asker.ask(GET, core + [(ACCEPT, b"\x32")])[0] == NOT_ACCEPTABLE
    assert asker.ask(PUT, core)[0] == METHOD_NOT_ALLOWED


def test_to_all_is_answered_leisurely_and_without_errors():
    asker = Asker()
    asker.table[b"x"] = Resource(get=lambda request: (CONTENT, b"1"), post=lambda request: (CHANGED, b""))
    big = [(BLOCK2, block_bytes(9, False, 16))] + X
    big.sort()
    for code, options in ((GET, uri_options("none")), (PUT, X), (POST, X), (GET, big), (GET, X + [(ACCEPT, b"abc")])):
        assert asker.send(NON, code, options, multicast=True) == []
    assert asker.send(CON, GET, X, multicast=True) == []
    asker.network.run(2 * LEISURE_MS)
    assert not asker.network.log
    for i in range(LEISURELY_MAX + 5):
        assert asker.send(NON, GET, X, multicast=True, source="raw %d" % i) == []
    asker.network.run(2 * LEISURE_MS)
    assert len(asker.network.log) == LEISURELY_MAX and asker.server.leisurely == 0
    times = [entry[0] for entry in asker.network.log]
    assert max(times) - min(times) > LEISURE_MS // 3 and max(times) <= 2 * LEISURE_MS + LEISURE_MS
    assert {entry[3][:2] for entry in asker.network.log} == {(NON, CONTENT)}
    assert GROUP not in {entry[2] for entry in asker.network.log}


def test_values_that_are_published():
    asker = Asker()
    asker.server.publish(b"x", b"1", 50, 0)
    code, options, payload = asker.ask(GET, X)
    assert (code, payload, uint(option(options, CONTENT_FORMAT))) == (CONTENT, b"1", 50)
    assert asker.ask(GET, uri_options(".well-known/core"))[2] == b"</x>;obs"
    asker.table[b"y"] = Resource(get=lambda request: (CONTENT, b"2"))
    try:
        asker.server.publish(b"y", b"1", 0, 0)
    except UsageError:
        return
    raise AssertionError


def test_what_is_sent_is_well_formed():
    asker = Asker()
    asker.server.publish(b"x", bytes(3000), 42, 0)
    for size in (16, 64, 1024):
        for data in asker.send(CON, GET, [(OBSERVE, b"")] + X + [(BLOCK2, block_bytes(0, False, size))]):
            assert decode(encode(*data)) == data
            numbers = [number for number, value in data[4]]
            assert numbers == sorted(numbers) and len(data[5]) == size
