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
    CONTENT_FORMAT,
    CONTINUE,
    ECHO,
    ETAG,
    GET,
    MAX_AGE,
    NON,
    OBSERVE,
    REQUEST_TAG,
    RST,
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
from helio.coap.exchange import answer_bytes
from helio.coap.limits import CONFIRM_AFTER_MS, LEISURE_MS, LEISURELY_MAX


class Request:
    """One request: `code`, `path`, `options`, the whole `payload`, and `respond`.

    `peer.endpoint` is where it is from, `multicast` whether it came to all.
    """

    # what few requests have is kept here: on MicroPython every attribute of an object costs
    multicast = False
    resource = None  # what it observes
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
    _size = 0

    def __init__(self, server, peer, message, size):
        self.peer = peer
        self._server = server
        self._message = message
        if not peer.verified:
            self._size = size

    @property
    def path(self):
        return read_path(self._message[4])[0]

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

    def key(self, *numbers):
        """What the blocks of one transfer have in common; the options of those numbers too."""
        numbers += URI_PATH, URI_QUERY, ACCEPT, REQUEST_TAG
        options = [entry for entry in self.options if entry[0] in numbers]
        return self.peer.endpoint, self.code, tuple(options)

    def respond(self, now_ms, code, payload=b"", options=()):
        """Answer it; a second answer is none. Options are in the order of their numbers."""
        if self.responded:
            return
        self.responded = True
        messages = self._server.messages
        if not self.is_plain or not self.peer.verified or len(payload) > messages.memory["block_size"]:
            code, payload, options = self._fitted(now_ms, code, payload, options)
        if self.multicast and (code >= BAD_REQUEST or not payload):
            return  # RFC 7252 section 8.2: nothing to say
        type = self._message[0]  # no slice: this is where every answer passes
        token = self._message[3]
        if self._is_notification:
            self._notify(code, token, options, payload, now_ms)
        elif self.multicast:
            if self._server.leisurely < LEISURELY_MAX:
                encode(type, code, 0, token, options, payload)  # what cannot be sent is to raise here
                self._server.leisurely += 1
                self._late = code, token, options, payload
                messages.schedule(self, now_ms + messages.random(1)[0] * LEISURE_MS // 255)
        elif type == CON and not self._acknowledged:
            messages.unschedule(self)
            message_id = self._message[2]
            messages.reply(self.peer, message_id, encode(ACK, code, message_id, token, options, payload))
        else:
            if self._server.separate >= messages.memory["endpoints_max"] // 4:
                type = NON  # endpoints that are not there are not to fill the memory
            owner = None
            if type == CON:
                owner = self
                self._server.separate += 1
            self._transmission = messages.send(self.peer.endpoint, type, code, token, options, payload, now_ms, owner)
        if self.observing:
            self._join(code, now_ms)

    def respond_with(self, reply, now_ms):
        """Answer it with what a handler returned; with 5.00 where that cannot be sent."""
        try:
            self.respond(now_ms, reply[0], reply[1], reply[2] if len(reply) > 2 else ())
        except Exception as error:  # it is no reply, or its options are not in order
            self.responded = False
            code, payload = self._server.failed(error)
            self.respond(now_ms, code, payload)

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
            self.ended(RST, now_ms)

    def notify(self, now_ms):
        """Send what the resource is now; while a notification is made or unacknowledged, after that."""
        is_running = self._is_notification and not self.responded
        self._is_stale = is_running or bool(self._transmission and self._transmission.confirmable)
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
        if (
            self.resource.confirmable
            or code >= BAD_REQUEST  # the last
            or not self.peer.verified
            or now_ms - self._confirmed_ms >= CONFIRM_AFTER_MS
        ):
            type = CON
            self._confirmed_ms = now_ms
        if self._transmission:
            messages.cancel(self._transmission, now_ms)  # the one before: a RST of this one will do
        self._transmission = messages.send(self.peer.endpoint, type, code, token, options, payload, now_ms, self)
        if self._is_stale and type == NON:
            self.notify(now_ms)

    def ended(self, how, now_ms):
        """How a confirmable answer or a notification ended."""
        self._transmission = None
        if not self._is_notification:
            self._server.separate -= 1
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
        size = self._server.messages.memory["block_size"]
        start = 0
        if self.block2:
            start = self.block2[0] * self.block2[2]
            size = min(size, self.block2[2])
        if code < BAD_REQUEST and (start or len(payload) > size) and option(options, ETAG) is None:
            options = with_option(options, ETAG, crc32(payload).to_bytes(4, "big"))
        whole = code, payload, options
        if self.observing and code < BAD_REQUEST:
            options = with_option(options, OBSERVE, self._server.next_sequence())
        if self.block1:
            number, _, block1_size = self.block1
            block1_size = min(block1_size, self._server.messages.memory["block_size"])
            options = with_option(options, BLOCK1, block_bytes(number, code == CONTINUE, block1_size))
        if start and start >= len(payload) and code < BAD_REQUEST:
            return BAD_REQUEST, b"there is no such block", ()
        answer = self._block(now_ms, whole, options, start, size)
        if self.peer.verified or self._spare_bytes(answer) >= 0:
            return answer
        if code >= BAD_REQUEST:
            payload = utf8.cut(payload, len(answer[1]) + self._spare_bytes(answer))
            return code, payload, options if payload else ()
        echo = self.peer.echo = self.peer.echo or self._server.messages.random(8)
        options = with_option(options, ECHO, echo)
        while size > 16:
            size >>= 1
            answer = self._block(now_ms, whole, options, start, size)
            if self._spare_bytes(answer) >= 0:
                return answer
        # asked again with the Echo, it fits; but what changes something has done so already
        return UNAUTHORIZED if self.code == GET else code, b"", [(ECHO, echo)]

    def _block(self, now_ms, whole, options, start, size):
        """The block that is wanted of a reply; the rest is kept for when it is."""
        code, payload, _ = whole
        if code >= BAD_REQUEST:
            return code, utf8.cut(payload, size), options
        more = start + size < len(payload)
        if not more and not start and not (self.block2 and payload):
            return code, payload, options
        if more:
            self._server.transfers.keep(self, whole, now_ms)
        elif start:
            self._server.transfers.drop(self.key())
        options = with_option(options, BLOCK2, block_bytes(start // size, more, size))
        if more and not start:
            options = with_option(options, SIZE2, uint_bytes(len(payload)))
        return code, payload[start : start + size], options

    def _spare_bytes(self, answer):
        """How much longer the answer may be for one who may not be where it says."""
        code, payload, options = answer
        return answer_bytes(self._size) - len(encode(NON, code, 0, self._message[3], options, payload))


def read_path(options):
    """`(path, whether no other option changes how it is answered)`; a `/` in a segment is %2F."""
    path = None
    is_plain = True
    for number, value in options:
        if number == URI_PATH:
            if b"/" in value:
                value = b"%2F".join(value.split(b"/"))
            path = value if path is None else path + b"/" + value
        elif number != CONTENT_FORMAT:
            is_plain = False
    return path or b"", is_plain
