"""The server's side of CoAP, without I/O: paths to handlers, and what is checked before one runs
(RFC 7252 section 5).
"""

from binascii import crc32

from helio.coap.answer import Request, read_path
from helio.coap.codec import (
    BAD_OPTION,
    BAD_REQUEST,
    BLOCK1,
    CON,
    CONTENT,
    CONTENT_FORMAT,
    DELETE,
    ETAG,
    INTERNAL_SERVER_ERROR,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    PUT,
    REQUEST_ENTITY_TOO_LARGE,
    UNSUPPORTED_CONTENT_FORMAT,
    URI_QUERY,
    block_bytes,
    uint,
    uint_bytes,
    understood,
)
from helio.coap.limits import ACK_DELAY_MS, COAP_DATAGRAM_MAX_BYTES
from helio.errors import PeerError, UsageError


class Resource:
    """What is under one path.

    `get`, `post`, `put` and `delete` take a Request and return `(code, payload)` or `(code,
    payload, options)` with the options in order, a coroutine that gives it, or None when they
    call the request's `respond` later; None for a method that is not allowed. `attributes` is how it is described in
    `/.well-known/core`, such as `rt="temperature"`. `formats` are the Content-Formats of its
    answers, `accepts` those it takes; empty: any. While `exists` is false only a PUT, which may
    create it, comes through.
    """

    exists = True  # here, as few ever change it

    def __init__(self, get=None, post=None, put=None, delete=None, *, attributes="", formats=(), accepts=()):
        self.methods = (get, post, put, delete)
        self.attributes = attributes
        self.formats = formats
        self.accepts = accepts
        self.etag = None  # of what there is now, for If-Match
        self.observers = None  # a list of Requests where it may be observed
        self.confirmable = False  # whether every notification is

    def observable(self, confirmable=False):
        """Let it be observed; returns it. `get` is then called again for each notification."""
        self.observers = []
        self.confirmable = confirmable
        self.attributes = self.attributes + ";obs" if self.attributes else "obs"
        return self


class Server:
    """The resources of one node, and the requests to them.

    `table` is {path: Resource}, the path as bytes without the first slash. `missing(request)`
    answers what has no resource. `counts` is a dict whose `answered`, `rejected` and `failed`
    grow; `on_failure` is called with every exception that a handler let out, `spawn(request,
    coroutine)` with every coroutine that will give a reply, for `respond_with`.
    """

    def __init__(self, messages, counts, on_failure, spawn=None):
        self.messages = messages
        self.table = {b".well-known/core": Resource(get=self._core, formats=(40,))}
        self.missing = _missing
        self._transfers = None
        self.leisurely = 0  # how many answers wait for their turn
        self.separate = 0  # how many for their ACK
        self._counts = counts
        self._on_failure = on_failure
        self._spawn = spawn
        self._sequence = 0  # of notifications, RFC 7641 section 3.4
        messages.on_request = self._receive

    @property
    def transfers(self):
        """The transfers in blocks that are under way."""
        if self._transfers is None:
            from helio.coap.block import Transfers  # here: small messages need none

            self._transfers = Transfers(self.messages)
        return self._transfers

    def publish(self, path, payload, content_format, now_ms, options=()):
        """Make or change an observable value; observers are told.

        `options` of its answers stand behind Content-Format, as Max-Age does.
        """
        resource = self.table.get(path)
        if resource is None:
            resource = self.table[path] = Resource()
        if resource.observers is None:
            if resource.methods[0]:
                raise UsageError("%r cannot be published: it is a resource already" % str(path, "utf-8"))
            resource.observable()
        resource.etag = etag = crc32(payload).to_bytes(4, "big")
        reply = CONTENT, payload, ((ETAG, etag), (CONTENT_FORMAT, uint_bytes(content_format))) + tuple(options)
        resource.methods = (lambda request: reply,) + resource.methods[1:]
        resource.formats = (content_format,)
        self.notify(resource, now_ms)

    def notify(self, resource, now_ms):
        """Tell its observers what `get` gives now."""
        if resource.observers:
            from helio.coap.notifying import notify

            for request in list(resource.observers):
                notify(request, now_ms)

    def run(self, method, request):
        """A handler's reply. Raises nothing."""
        try:
            return method(request)
        except Exception as error:
            return self._failure(error)

    async def _finish(self, coroutine):
        try:
            return await coroutine
        except Exception as error:
            return self._failure(error)

    def _failure(self, error):
        if isinstance(error, PeerError):
            self._counts["rejected"] += 1
            return BAD_REQUEST, str(error).encode()
        return self.failed(error)

    def failed(self, error):
        """The reply when a handler failed, which is counted and told."""
        self._counts["failed"] += 1
        self._on_failure(error)
        return INTERNAL_SERVER_ERROR, b""

    def answer(self, request, reply, now_ms):
        """Answer a request with a handler's reply, now or when that is there."""
        if hasattr(reply, "send"):
            self._spawn(request, self._finish(reply))
        elif reply:
            request.respond_with(reply, now_ms)

    def observer_count(self):
        return sum([len(resource.observers) for resource in self.table.values() if resource.observers])

    def next_sequence(self):
        self._sequence = self._sequence + 1 & 0xFFFFFF
        return uint_bytes(self._sequence)

    def _receive(self, peer, message, multicast, size, now_ms):
        request = Request(self, peer, message, size)
        if multicast:
            request.multicast = True
        if size > COAP_DATAGRAM_MAX_BYTES:  # it may have been cut short: RFC 7252 section 4.6
            smaller = block_bytes(0, True, self.messages.memory["block_size"])
            request.respond(now_ms, REQUEST_ENTITY_TOO_LARGE, b"", [(BLOCK1, smaller)])
            return
        path, request.is_plain = read_path(message[4])
        if not request.is_plain and not self._understands(request, now_ms):
            return
        reply = self._reply(request, path, now_ms)
        if isinstance(reply, tuple):
            request.respond_with(reply, now_ms)
        elif reply:
            self.answer(request, reply, now_ms)
        if message[0] == CON and not request.responded:
            self.messages.schedule(request, now_ms + ACK_DELAY_MS)

    def _understands(self, request, now_ms):
        """Whether no critical option is unknown; elective ones that are go. Section 5.4.1."""
        message = request.message
        options = understood(message[4])
        if options is not None:
            if options is not message[4]:
                request.replace_options(options)
            return True
        self._counts["rejected"] += 1
        if message[0] == CON:
            request.respond(now_ms, BAD_OPTION, b"a critical option is not understood")
        elif not request.multicast:
            self.messages.reset(message[2], request.peer.endpoint)
        return False

    def _reply(self, request, path, now_ms):
        resource = self.table.get(path)
        if resource and not resource.exists and (request.code != PUT or resource.methods[PUT - 1] is None):
            resource = None
        method = self._method(request, resource)
        if not request.is_plain:
            from helio.coap.conditions import refusal  # here: few requests have any

            reply = refusal(self, request, resource, method, now_ms)
            if reply:
                return reply
        return method if isinstance(method, tuple) else self.run(method, request)

    def _method(self, request, resource):
        """What is to be run for a request, or the reply that refuses it."""
        if request.code > DELETE:
            return METHOD_NOT_ALLOWED, b""
        if resource is None:
            return self.missing
        if resource.accepts:
            content_format = request.option(CONTENT_FORMAT)
            if content_format is not None and uint(content_format) not in resource.accepts:
                return UNSUPPORTED_CONTENT_FORMAT, b""
        return resource.methods[request.code - 1] or (METHOD_NOT_ALLOWED, b"")

    def _core(self, request):
        from helio.coap import links  # here: not many ask

        queries = [value for number, value in request.options if number == URI_QUERY]
        try:
            return CONTENT, links.links(self.table, queries), [(CONTENT_FORMAT, b"\x28")]
        except ValueError:
            return BAD_REQUEST, b"a query is UTF-8 text: got bytes that are not"


def _missing(request):
    return NOT_FOUND, b""
