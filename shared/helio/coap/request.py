"""The client's side of CoAP's request layer, without I/O: tokens, matching, and payloads longer
than a block (RFC 7252 section 5, RFC 7959).
"""

from helio.coap.codec import (
    ACK,
    BAD_REQUEST,
    BLOCK1,
    BLOCK2,
    CON,
    ECHO,
    ETAG,
    GET,
    NON,
    REQUEST_ENTITY_TOO_LARGE,
    RST,
    SIZE1,
    UNAUTHORIZED,
    URI_PATH,
    URI_QUERY,
    block,
    block_bytes,
    option,
    uint_bytes,
    understood,
    with_option,
)
from helio.coap.exchange import no_answer
from helio.coap.limits import EXCHANGE_LIFETIME_MS, PAYLOAD_MAX_BYTES, RESTARTS_MAX
from helio.errors import BadMessage, NoAnswer, Refused

_BLOCK_SIZE_MAX = 1024


def uri_options(path, queries=()):
    """The options of the URI `/path?query&query`, section 6.4; nothing in it is escaped."""
    options = [(URI_PATH, part.encode()) for part in path.split("/")] if path else []
    return options + [(URI_QUERY, query.encode()) for query in queries]


class Response:
    """What answered a request: its code, options, whole payload, and the endpoint it is from."""

    def __init__(self, endpoint, code, options, payload):
        self.endpoint = endpoint
        self.code = code
        self.options = options
        self.payload = payload

    def option(self, number):
        """The value of the first option of that number, or None."""
        return option(self.options, number)


class Client:
    """Requests through one message layer.

    Of `on_response(response)` and `on_failure(error)` one is called, once: the error is a
    NoAnswer, a Refused where the peer knows no such message, or a BadMessage where its answer
    makes no sense. A response of class 4 or 5 is a response.
    """

    def __init__(self, messages):
        self.messages = messages
        self.block_size = messages.memory["block_size"]
        self.waiting = {}  # {token: what `receive`s its response}
        messages.match = self._match

    def request(
        self,
        endpoint,
        code,
        options,
        payload,
        now_ms,
        on_response,
        on_failure,
        confirmable=True,
        timeout_ms=None,
    ):
        """Send a request; `cancel(now_ms)` of what this returns ends it.

        `options` are in the order of their numbers; those of blocks are put in here.
        `timeout_ms` is the longest wait for the whole answer; None lets a transfer take as long as
        it goes on.
        """
        request = Request(self, endpoint, code, options, payload, on_response, on_failure, confirmable, timeout_ms)
        request.ask(now_ms)
        return request

    def request_all(self, group, options, now_ms, on_response):
        """GET from all that hear `group`; `cancel(now_ms)` of what this returns ends it.

        `on_response` is called once for each endpoint that answers.
        """
        return _Group(self, group, options, now_ms, on_response)

    def ping(self, endpoint, now_ms, on_response, on_failure, timeout_ms=EXCHANGE_LIFETIME_MS):
        """CoAP's ping, section 4.3: `on_response(None)` when the endpoint is there."""
        return _Ping(self.messages, endpoint, now_ms, on_response, on_failure, timeout_ms)

    def wait(self, owner):
        """A new token, whose responses are `owner`'s; section 5.3.1."""
        token = self.messages.random(4)
        while token in self.waiting:
            token = self.messages.random(4)
        self.waiting[token] = owner
        return token

    def with_block_size(self, options):
        """The options of a GET, with the longest block that is wanted where others are usual."""
        if self.block_size >= _BLOCK_SIZE_MAX:
            return options
        return with_option(options, BLOCK2, block_bytes(0, False, self.block_size))

    def _match(self, endpoint, token, options):
        owner = self.waiting.get(token)
        if owner is None or owner.endpoint not in (endpoint, None) or understood(options) is None:
            return None
        return owner


class Request:
    """One request, block after block."""

    # on MicroPython every attribute of an object costs: what stays is in one tuple, what few have is here
    _sent = 0  # where in the payload the block starts that is under way
    _body = None  # the answer so far, once it comes in blocks
    _etag = None
    _echo = None
    _restarts = 0
    _token = None
    _size = 0  # of a block, where it is not the client's own
    _deadline_ms = None
    _transmission = None  # the latest, None once it was acknowledged

    def __init__(self, client, endpoint, code, options, payload, on_response, on_failure, confirmable, timeout_ms):
        self._client = client
        type = CON if confirmable else NON
        self._asked = endpoint, type, code, options, payload, on_response, on_failure, timeout_ms

    @property
    def endpoint(self):
        return self._asked[0]

    def ask(self, now_ms, token=None):
        """Send the next block, or ask for it."""
        client = self._client
        endpoint, type, code, options, payload, _, _, timeout_ms = self._asked
        size = self._size or client.block_size
        if self._body is not None:
            options = with_option(options, BLOCK2, block_bytes(len(self._body) // size, False, size))
            payload = b""
        elif len(payload) > size:
            end = self._sent + size
            options = with_option(options, BLOCK1, block_bytes(self._sent // size, end < len(payload), size))
            if not self._sent:
                options = with_option(options, SIZE1, uint_bytes(len(payload)))
            payload = payload[self._sent : end]
        elif code == GET:
            options = client.with_block_size(options)
        if self._echo:
            options = with_option(options, ECHO, self._echo)
        if token:
            client.waiting[token] = self
        self._token = token or client.wait(self)
        if self._deadline_ms is None and timeout_ms is not None:
            self._deadline_ms = now_ms + timeout_ms
        client.messages.schedule(self, self._deadline_ms or now_ms + EXCHANGE_LIFETIME_MS)
        self._transmission = client.messages.send(endpoint, type, code, self._token, options, payload, now_ms, self)

    def cancel(self, now_ms):
        """Wait no longer; harmless when it is over."""
        client = self._client
        client.messages.unschedule(self)
        client.waiting.pop(self._token, None)
        if self._transmission:
            client.messages.cancel(self._transmission, now_ms)
            self._transmission = None

    def ended(self, how, now_ms):
        self._transmission = None
        if how == RST:
            self._fail(Refused("it knows no such message, or has been restarted: it sent a Reset"), now_ms)
        elif how != ACK:
            self._fail(how, now_ms)

    def on_due(self, now_ms):
        self._fail(no_answer() if self._transmission else busy(self._asked[-1] or EXCHANGE_LIFETIME_MS), now_ms)

    def _fail(self, error, now_ms):
        self.cancel(now_ms)
        on_failure = self._asked[-2]
        on_failure(error)

    def receive(self, endpoint, code, options, payload, now_ms):
        """Take a response to what was asked: ask for more, or hand over what there is."""
        self.cancel(now_ms)
        try:
            if self._goes_on(code, options, now_ms):
                return
            payload = self._assembled(code, options, payload, now_ms)
        except BadMessage as error:
            self._fail(error, now_ms)
            return
        if payload is not None:
            on_response = self._asked[-3]
            on_response(Response(endpoint, code, options, payload))

    def _goes_on(self, code, options, now_ms):
        """Whether the request itself is not through with that."""
        echo = option(options, ECHO)
        if echo:
            again = code == UNAUTHORIZED and echo != self._echo and self._restarts < RESTARTS_MAX
            self._echo = echo
            if again:
                self._restarts += 1
                self.ask(now_ms)
                return True
        length = len(self._asked[4])
        size = self._size or self._client.block_size
        found = block(option(options, BLOCK1))
        if code >= BAD_REQUEST:  # told to use smaller blocks, RFC 7959 section 2.9.3
            again = code == REQUEST_ENTITY_TOO_LARGE and found and not self._sent and found[2] < min(size, length)
        else:
            again = self._body is None and self._sent + size < length
            if again:
                self._sent += size
        if again:
            if found:
                self._size = min(size, found[2])
            self.ask(now_ms)
        return again

    def _assembled(self, code, options, payload, now_ms):
        """The whole payload, or None when more of it was asked for. Raises BadMessage."""
        found = block(option(options, BLOCK2))
        if not found or code >= BAD_REQUEST or not (found[0] or found[1]) and not self._body:
            return payload
        number, more, size = found
        etag = option(options, ETAG)
        if self._body and etag != self._etag and self._asked[2] == GET and self._restarts < RESTARTS_MAX:
            self._restarts += 1  # it has changed: from the start
            self._body = bytearray()
            self.ask(now_ms)
            return None
        if not self._body:
            self._body = bytearray()
            self._etag = etag
        fits = len(payload) == size if more else len(payload) <= size
        if not fits or number * size != len(self._body) or etag != self._etag:
            raise BadMessage("the blocks of the answer do not fit together: try again")
        self._body += payload
        if len(self._body) > PAYLOAD_MAX_BYTES:
            raise BadMessage("the answer is longer than %d bytes" % PAYLOAD_MAX_BYTES)
        if not more:
            return bytes(self._body)
        self._size = min(self._size or self._client.block_size, size)
        self.ask(now_ms)
        return None


class _Group:
    """One request to a group of endpoints, and what answers it."""

    endpoint = None  # its responses come from any

    def __init__(self, client, group, options, now_ms, on_response):
        self._client = client
        self._options = options
        self._on_response = on_response
        self._rests = {}  # {endpoint that answered: the Request for the rest of it}
        self._token = client.wait(self)
        client.messages.send(group, NON, GET, self._token, options, b"", now_ms)

    def cancel(self, now_ms):
        self._client.waiting.pop(self._token, None)
        for rest in self._rests.values():
            rest.cancel(now_ms)

    def receive(self, endpoint, code, options, payload, now_ms):
        if endpoint not in self._rests:  # it may have heard it on two interfaces
            self._rests[endpoint] = rest = Request(
                self._client, endpoint, GET, self._options, b"", self._on_response, _ignore, True, None
            )
            rest.receive(endpoint, code, options, payload, now_ms)


class _Ping:
    def __init__(self, messages, endpoint, now_ms, on_response, on_failure, timeout_ms):
        self._messages = messages
        self._on_response = on_response
        self._on_failure = on_failure
        messages.schedule(self, now_ms + timeout_ms)
        self._transmission = messages.send(endpoint, CON, 0, b"", (), b"", now_ms, self)

    def cancel(self, now_ms):
        self._messages.unschedule(self)
        self._messages.cancel(self._transmission, now_ms)

    def on_due(self, now_ms):
        self.cancel(now_ms)
        self._on_failure(no_answer())

    def ended(self, how, now_ms):
        self._messages.unschedule(self)
        if how in (ACK, RST):
            self._on_response(None)
        else:
            self._on_failure(how)


def busy(timeout_ms):
    """The error when only the acknowledgement came back."""
    return NoAnswer("it has the message, but has not answered within %g s: it may still be at it" % (timeout_ms / 1000))


def _ignore(error):
    pass
