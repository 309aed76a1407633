"""A helio node with the resources that the ETSI CoAP Plugtest cases name, on either interpreter.

    python tests/peers/etsi_server.py --host 127.0.0.1 --port 5683 --period-ms 5000 --ack-timeout-ms 2000

It prints `listening HOST PORT` once it answers; port 0 lets the system pick. The period is how
often the observable resources change, and how much longer than a piggybacked answer `/separate`
takes. The cases may be run in any order and again: what one deletes or replaces for good is put
back for the next, as the comments say.
"""

import sys


def argument(name, default):
    """The word after `--NAME`. There is no argparse on MicroPython."""
    words = sys.argv[1:]
    return words[words.index(name) + 1] if name in words else default


sys.path.insert(0, (__file__.rpartition("/")[0] or ".") + "/../../shared")

import asyncio  # noqa: E402
from binascii import crc32  # noqa: E402

from helio import runtime  # noqa: E402
from helio.coap import limits  # noqa: E402

if __name__ == "__main__":  # before what is told once, when it is imported
    limits.ACK_TIMEOUT_MS = int(argument("--ack-timeout-ms", limits.ACK_TIMEOUT_MS))
    limits.ACK_SPREAD_MS = limits.ACK_TIMEOUT_MS // 2

from helio.coap.codec import (  # noqa: E402
    ACCEPT,
    CHANGED,
    CONTENT,
    CONTENT_FORMAT,
    CREATED,
    DELETED,
    ETAG,
    LOCATION_PATH,
    LOCATION_QUERY,
    MAX_AGE,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    URI_QUERY,
    uint,
    uint_bytes,
)
from helio.coap.limits import ACK_DELAY_MS  # noqa: E402
from helio.coap.resource import Resource  # noqa: E402
from helio.node import Node  # noqa: E402

TEXT, LINKS, XML = 0, 40, 41  # Content-Formats
LARGE_BYTES = 1300  # over the largest block, and no multiple of any
# clients that are switched off are noticed after a minute or two; there are many in a test
LIMITS = {"observers_max": 128, "endpoints_max": 256}
CREATED_MAX = 8  # what `/large-create` keeps at a time; the oldest gives way
SIZES_BYTES = (20, 1300, 100, 2600)  # of `/obs-pumping`, one after the other


def large(title, size=LARGE_BYTES):
    """Numbered lines of text, `size` bytes in all, the first of them `title`."""
    lines = [title]
    for number in range(size // 32):
        lines.append("line %02d of a large resource ......" % number)
    return "\n".join(lines).encode()[:size]


def content(payload, content_format=TEXT, max_age_s=None):
    """The answer to a GET."""
    options = [(ETAG, etag(payload, content_format)), (CONTENT_FORMAT, uint_bytes(content_format))]
    if max_age_s is not None:
        options.append((MAX_AGE, uint_bytes(max_age_s)))
    return CONTENT, payload, options


def etag(payload, content_format):
    """The ETag of a representation."""
    return crc32(payload, content_format).to_bytes(4, "big")


def format_of(request):
    """The Content-Format of a request's payload; one that does not say is text."""
    return uint(request.option(CONTENT_FORMAT) or b"")


def location(path, queries=()):
    """The options that say where something was created."""
    options = [(LOCATION_PATH, part.encode()) for part in path.split("/")] if path else []
    return options + [(LOCATION_QUERY, query.encode()) for query in queries]


class Stored(Resource):
    """What a PUT replaces and a GET gives. `payload` None: it does not exist until a PUT."""

    def __init__(self, payload, content_format=TEXT, post=None, delete=None, attributes=""):
        super().__init__(self._get, post, self._put, delete or self._delete, attributes=attributes)
        self._first = payload, content_format
        self.reset()

    def reset(self):
        """Let it be as it was at first."""
        self.store(*self._first)

    def store(self, payload, content_format=TEXT):
        """Let this be what a GET gives; None: let it not exist."""
        self.payload = payload
        self.content_format = content_format
        self.exists = payload is not None
        self.etag = etag(payload, content_format) if self.exists else None

    def _get(self, request):
        return content(self.payload, self.content_format)

    def _put(self, request):
        code = CHANGED if self.exists else CREATED
        self.store(request.payload, format_of(request))
        return code, b""

    def _delete(self, request):
        self.reset()
        return DELETED, b""


class Changing(Resource):
    """An observable resource: `make(n)` is its n-th value.

    What a PUT of the same Content-Format gives it is sent again each period. A PUT of another
    format, and a DELETE, end every observation. With the next observer it changes as before.
    """

    def __init__(self, node, make, max_age_s, confirmable=True, attributes=""):
        super().__init__(self._get, None, self._put, self._delete, attributes=attributes)
        self.observable(confirmable)
        self._node = node
        self._make = make
        self._max_age_s = max_age_s
        self._count = 0
        self._put_value = None  # (payload, Content-Format)
        self._last_words = {}  # {observer: the code that ends its observation}

    def tick(self):
        """Change."""
        self._count += 1
        self._node.notify(self)

    def _get(self, request):
        code = self._last_words.pop(request, None)
        if code is not None:
            return code, b""
        if request.observing and request not in self.observers:
            self._put_value = None
        payload, content_format = self._put_value or (self._make(self._count), TEXT)
        self.etag = etag(payload, content_format)
        return content(payload, content_format, self._max_age_s)

    def _put(self, request):
        before = self._put_value[1] if self._put_value else TEXT
        self._put_value = request.payload, format_of(request)
        if self._put_value[1] != before:
            self._end_all(NOT_ACCEPTABLE)
        else:
            self._node.notify(self)
        return CHANGED, b""

    def _delete(self, request):
        self._put_value = None  # it starts anew
        self._end_all(NOT_FOUND)
        return DELETED, b""

    def _end_all(self, code):
        self._last_words = {observer: code for observer in self.observers}
        self._node.notify(self)


def add_plain(node, period_ms):
    """The resources of the cases CORE_01 to 23."""
    created = Stored(None)  # where POST to /test puts what it creates; DELETE removes it
    node.add_resource("location1/location2/location3", created)

    def post_test(request):
        created.store(request.payload or b"created by POST to /test", format_of(request))
        return CREATED, b"", location("location1/location2/location3")

    async def get_separate(request):
        await asyncio.sleep((ACK_DELAY_MS + period_ms) / 1000)
        return content(b"this took longer than an acknowledgement may")

    def get_query(request):
        queries = [str(query, "utf-8") for query in request.values(URI_QUERY)]
        return content(("the query was " + " and ".join(queries)).encode())

    def get_multi_format(request):
        if uint(request.option(ACCEPT) or b"") == XML:
            return content(b"<?xml version='1.0'?><format>XML</format>", XML)
        return content(b"format: text")

    by_query = Stored(b"what was posted last")

    def post_location_query(request):
        by_query.store(request.payload, format_of(request))
        return CREATED, b"", location("", ("first=1", "second=2"))

    by_query.methods = by_query.methods[0], post_location_query, None, None
    # a DELETE of /test lets it start anew: the other cases want it there
    node.add_resource("test", Stored(b"this is /test", post=post_test, attributes='title="any method"'))
    node.add_resource("seg1/seg2/seg3", Resource(get=lambda request: content(b"three segments deep")))
    node.add_resource("query", Resource(get=get_query))
    node.add_resource("separate", Resource(get=get_separate))
    node.add_resource("multi-format", Resource(get=get_multi_format, formats=(TEXT, XML), attributes='ct="0 41"'))
    node.add_resource("location-query", by_query)
    node.add_resource("validate", Stored(b"valid until somebody changes it"))
    node.add_resource("create1", Stored(None))


def add_large(node):
    """The resources of the cases BLOCK_01 to 06."""
    stored = []

    def post_large_create(request):
        path = "large-create/%d" % (len(stored) % CREATED_MAX + 1)
        stored.append(path)
        node.add_resource(path, Stored(request.payload, format_of(request)))
        return CREATED, b"", location(path)

    def get_large_create(request):
        links = ",".join(["</%s>" % path for path in sorted(set(stored[-CREATED_MAX:]))])
        return content(links.encode(), LINKS)

    def post_large_post(request):
        answer = request.payload.upper() + b"\n" + large("and what is posted here is answered at length")
        return CHANGED, answer, [(CONTENT_FORMAT, b"")]

    size = "sz=%d" % LARGE_BYTES
    node.add_resource("large", Resource(get=lambda request: content(large("this is /large")), attributes=size))
    node.add_resource("large-update", Stored(large("this is /large-update"), attributes=size))
    node.add_resource("large-create", Resource(get=get_large_create, post=post_large_create))
    node.add_resource("large-post", Resource(post=post_large_post, attributes='rt="block"'))


def add_links(node):
    """The resources of the cases LINK_01 to 09."""

    def text(path):
        return lambda request: content(b"this is /" + path.encode())

    described = (
        ("link1", 'rt="Type1 Type2";if="If1"'),
        ("link2", 'rt="Type2 Type3";if="If2"'),
        ("link3", 'rt="Type1 Type3";if="foo"'),
    )
    for path, attributes in described:
        node.add_resource(path, Resource(get=text(path), attributes=attributes))
    below = ["path/sub1", "path/sub2", "path/sub3"]
    for path in below:
        node.add_resource(path, Resource(get=text(path)))
    links = ",".join(["</%s>" % path for path in below]).encode()
    node.add_resource("path", Resource(get=lambda request: content(links, LINKS), attributes="ct=40"))


def add_changing(node, period_ms):
    """The resources of the cases OBS_01 to 14; returns them."""
    max_age_s = max(1, -(-period_ms // 1000))

    def small(title):
        return lambda count: b"%s %d" % (title, count)

    def pumping(count):
        return large("/obs-pumping %d" % count, SIZES_BYTES[count % len(SIZES_BYTES)])

    found = {
        "obs": Changing(node, small(b"/obs"), max_age_s, attributes='rt="observe"'),
        "obs-non": Changing(node, small(b"/obs-non"), max_age_s, confirmable=False),
        "obs-large": Changing(node, lambda count: large("/obs-large %d" % count), max_age_s),
        "obs-pumping": Changing(node, pumping, max_age_s),
    }
    for path in found:
        node.add_resource(path, found[path])
    return list(found.values())


async def serve(host, port, period_ms):
    """Answer for ever."""
    node = Node("etsi", address=host, port=None, coap_port=port, coap_limits=LIMITS)
    add_plain(node, period_ms)
    add_large(node)
    add_links(node)
    changing = add_changing(node, period_ms)
    await node.start()
    print("listening", host, node.coap_port)
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()
    while True:
        await asyncio.sleep(period_ms / 1000)
        for resource in changing:
            resource.tick()


if __name__ == "__main__":
    try:
        runtime.run(
            serve(
                argument("--host", "127.0.0.1"), int(argument("--port", "5683")), int(argument("--period-ms", "5000"))
            )
        )
    except KeyboardInterrupt:
        pass
