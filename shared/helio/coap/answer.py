"""What becomes of the reply to a request, without I/O: in the ACK or separately, in blocks, as a
notification (RFC 7641 section 4), cut for who may not be where it says (RFC 9175 section 2.4).
"""

from binascii import crc32

from helio import utf8
from helio.coap.codec import (
    ACCEPT,
    ACK,
    BAD_REQUEST,
    BLOCK1,
    BLOCK2,
    CON,
    CONTENT,
    CONTINUE,
    ECHO,
    ETAG,
    GET,
    MAX_AGE,
    NON,
    OBSERVE,
    SIZE2,
    UNAUTHORIZED,
    URI_PATH,
    URI_QUERY,
    VALID,
    block_bytes,
    encode,
    option,
    uint_bytes,
    with_option,
)
from helio.coap.limits import CONFIRM_AFTER_MS, LEISURE_MS, LEISURELY_MAX
from helio.limits import ANSWER_FACTOR, ANSWER_MIN_BYTES

_BLOCK_OPTIONS_BYTES = 14  # ETag, Block2 and Size2 at their longest


class Request:
    """One request: `code`, `path`, `options`, the whole `payload`, and `respond`.

    `peer.endpoint` is where it is from, `multicast` whether it came to all.
    """

    # what few requests have is kept here: on MicroPython every attribute of an object costs
    path = b""
    multicast = False
    resource = None
    responded = False
    is_plain = True  # there is no option that changes how it is answered
    block1 = block2 = None  # (number, more, size)
    observing = False
    _acknowledged = False
    _late = None  # what will be sent
    _transmission = None
    _is_notification = False
    _is_stale = False  # there is a newer state than the one that is not acknowledged yet
    _confirmed_ms = 0

    def __init__(self, server, peer, message, size):
        self.peer = peer
        self._server = server
        self._message = message
        self._size = size

    @property
    def code(self):
        return self._message[1]

    @property
    def options(self):
        return self._message[4]

    @property
    def payload(self):
        return self._message[5]

    def replace_options(self, options):
        """Let these be the options."""
        self._message = self._message[:4] + (options, self._message[5])

    def replace_payload(self, payload):
        """Let this be the payload."""
        self._message = self._message[:5] + (payload,)

    def option(self, number):
        """The value of the first option of that number, or None."""
        return option(self.options, number)

    def values(self, number):
        """The values of all options of that number."""
        return [value for found, value in self.options if found == number]

    def has(self, *numbers):
        """Whether there is an option of one of the numbers."""
        for number, _ in self.options:
            if number in numbers:
                return True
        return False

    def key(self):
        """What the blocks of one transfer have in common."""
        options = [entry for entry in self.options if entry[0] in (URI_PATH, URI_QUERY, ACCEPT)]
        return self.peer.endpoint, self.code, tuple(options)

    def respond(self, now_ms, code, payload=b"", options=()):
        """Answer it; a second answer is none. Options are in the order of their numbers."""
        if self.responded:
            return
        self.responded = True
        messages = self._server.messages
        if self.multicast and (code >= BAD_REQUEST or not payload):
            return  # RFC 7252 section 8.2: nothing to say
        if not self.is_plain or not self.peer.verified or len(payload) > messages.memory["block_size"]:
            code, payload, options = self._fitted(now_ms, code, payload, options)
        type = self._message[0]  # no slice: this is where every answer passes
        token = self._message[3]
        if self._is_notification:
            self._notify(code, token, options, payload, now_ms)
        elif self.multicast:
            if self._server.leisurely < LEISURELY_MAX:
                self._server.leisurely += 1
                self._late = code, token, options, payload
                messages.schedule(self, now_ms + messages.random(1)[0] * LEISURE_MS // 255)
        elif type == CON and not self._acknowledged:
            messages.unschedule(self)
            message_id = self._message[2]
            messages.reply(self.peer, message_id, encode(ACK, code, message_id, token, options, payload))
        else:
            owner = self if type == CON else None
            self._transmission = messages.send(self.peer.endpoint, type, code, token, options, payload, now_ms, owner)
        if self.observing:
            self._join(code, now_ms)

    def respond_with(self, reply, now_ms):
        """Answer it with what a handler returned."""
        self.respond(now_ms, reply[0], reply[1], reply[2] if len(reply) > 2 else ())

    def on_due(self, now_ms):
        messages = self._server.messages
        if self._late:
            self._server.leisurely -= 1
            code, token, options, payload = self._late
            messages.send(self.peer.endpoint, NON, code, token, options, payload, now_ms)
        else:  # the answer will be a separate one
            message_id = self._message[2]
            self._acknowledged = True
            messages.reply(self.peer, message_id, encode(ACK, 0, message_id, b"", (), b""))

    # --- observing, RFC 7641

    def _join(self, code, now_ms):
        observers = self.resource.observers
        if code >= BAD_REQUEST:
            self.observing = False
            if self in observers:
                observers.remove(self)
        elif not self._is_notification:
            self._confirmed_ms = now_ms
            observers.append(self)

    def leave(self, now_ms):
        """End the observation of the same endpoint and token, if there is one."""
        for other in self.resource.observers:
            if other.peer.endpoint == self.peer.endpoint and other._message[3] == self._message[3]:
                other.end(now_ms)
                return

    def end(self, now_ms):
        """Send no more notifications."""
        self.observing = False
        if self in self.resource.observers:
            self.resource.observers.remove(self)
        if self._transmission:
            self._server.messages.cancel(self._transmission, now_ms)
            self._transmission = None

    def notify(self, now_ms):
        """Send what the resource is now; while a notification is unacknowledged, after that."""
        self._is_stale = bool(self._transmission and self._transmission.confirmable)
        if not self._is_stale:
            self._is_notification = True
            self.responded = False
            reply = self._server.run(self.resource.methods[GET - 1], self)
            self._server.answer(self, reply, now_ms)

    def _notify(self, code, token, options, payload, now_ms):
        if not self.observing:
            return
        messages = self._server.messages
        type = NON
        if self.resource.confirmable or not self.peer.verified or now_ms - self._confirmed_ms >= CONFIRM_AFTER_MS:
            type = CON
            self._confirmed_ms = now_ms
        if self._transmission:
            messages.cancel(self._transmission, now_ms)  # the one before: a RST of this one will do
        self._transmission = messages.send(self.peer.endpoint, type, code, token, options, payload, now_ms, self)

    def ended(self, how, now_ms):
        """How a confirmable answer or a notification ended."""
        self._transmission = None
        if self.observing:
            if how != ACK:
                self.end(now_ms)
            elif self._is_stale:
                self.notify(now_ms)

    # --- what fits

    def _fitted(self, now_ms, code, payload, options):
        """What can be sent of a reply: validated, with the options that were asked for, a block."""
        if code == CONTENT and self.code == GET:
            etag = option(options, ETAG)
            if etag is not None and etag in self.values(ETAG):
                code, payload = VALID, b""
                options = [entry for entry in options if entry[0] in (ETAG, MAX_AGE)]
        whole = code, payload, options
        if self.observing and code < BAD_REQUEST:
            options = with_option(options, OBSERVE, self._server.next_sequence())
        size = self._server.messages.memory["block_size"]
        if self.block1:
            number, _, block1_size = self.block1
            options = with_option(options, BLOCK1, block_bytes(number, code == CONTINUE, min(block1_size, size)))
        start = 0
        if self.block2:
            start = self.block2[0] * self.block2[2]
            size = min(size, self.block2[2])
        if not self.peer.verified:
            room = max(ANSWER_FACTOR * self._size, ANSWER_MIN_BYTES) - self._head_bytes(options)
            if len(payload) > room:
                self.peer.echo = self.peer.echo or self._server.messages.random(8)
                if code < BAD_REQUEST:
                    options = with_option(options, ECHO, self.peer.echo)
                    room -= len(self.peer.echo) + 2 + _BLOCK_OPTIONS_BYTES
                    while size > room:
                        size >>= 1
                    if size < 16:
                        return UNAUTHORIZED, b"", [(ECHO, self.peer.echo)]
                else:
                    size = min(size, room)
        if code >= BAD_REQUEST:
            return code, utf8.cut(payload, size), options
        if start and start >= len(payload):
            return BAD_REQUEST, b"there is no such block", ()
        if not self.block2 and len(payload) <= size:
            return code, payload, options
        return self._block(now_ms, whole, options, start, size)

    def _block(self, now_ms, whole, options, start, size):
        code, payload, _ = whole
        more = start + size < len(payload)
        if more:
            self._server.transfers.keep(self, whole, now_ms)
        elif start:
            self._server.transfers.drop(self.key())
        if (more or start) and option(options, ETAG) is None:
            options = with_option(options, ETAG, crc32(payload).to_bytes(4, "big"))
        options = with_option(options, BLOCK2, block_bytes(start // size, more, size))
        if more and not start:
            options = with_option(options, SIZE2, uint_bytes(len(payload)))
        return code, payload[start : start + size], options

    def _head_bytes(self, options):
        """The bytes of an answer before its payload."""
        return len(encode(NON, CONTENT, 0, self._message[3], options, b"")) + 1
