"""One request to this node and its answer, without I/O: in the ACK or separately, at once or after
the leisure of multicast. What few answers need is loaded then: `fitting` and `notifying`.
"""

from helio.coap.codec import ACK, BAD_REQUEST, CON, CONTENT_FORMAT, NON, URI_PATH, encode, option
from helio.coap.limits import LEISURE_MS, LEISURELY_MAX


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
    transmission = None
    is_notification = False
    is_stale = False  # there is a newer state than the one that is not acknowledged yet
    content_format = None  # of what it observes
    confirmed_ms = 0
    size = 0

    def __init__(self, server, peer, message, size):
        self.peer = peer
        self.server = server
        self.message = message
        if not peer.verified:
            self.size = size

    @property
    def path(self):
        return read_path(self.message[4])[0]

    @property
    def code(self):
        return self.message[1]

    @property
    def options(self):
        return self.message[4]

    @property
    def payload(self):
        return self.message[5]

    def replace_options(self, options):
        """Let these be the options."""
        self.message = self.message[:4] + (options, self.message[5])

    def replace_payload(self, payload):
        """Let this be the payload."""
        self.message = self.message[:5] + (payload,)

    def option(self, number):
        """The value of the first option of that number, or None."""
        return option(self.options, number)

    def values(self, number):
        """The values of all options of that number."""
        return [value for found, value in self.options if found == number]

    def respond(self, now_ms, code, payload=b"", options=()):
        """Answer it; a second answer is none. Options are in the order of their numbers."""
        if self.responded:
            return
        self.responded = True
        messages = self.server.messages
        if not self.is_plain or not self.peer.verified or len(payload) > messages.memory["block_size"]:
            from helio.coap.fitting import fitted

            code, payload, options = fitted(self, now_ms, code, payload, options)
        if self.multicast and (code >= BAD_REQUEST or not payload):
            return  # RFC 7252 section 8.2: nothing to say
        if self.observing:
            from helio.coap import notifying

            code, payload, options = notifying.acceptable(self, code, payload, options)
        type = self.message[0]  # no slice: this is where every answer passes
        token = self.message[3]
        if self.is_notification:
            if self.observing:
                notifying.send(self, code, token, options, payload, now_ms)
        elif self.multicast:
            if self.server.leisurely < LEISURELY_MAX:
                encode(type, code, 0, token, options, payload)  # what cannot be sent is to raise here
                self.server.leisurely += 1
                self._late = code, token, options, payload
                messages.schedule(self, now_ms + messages.random(1)[0] * LEISURE_MS // 255)
        elif type == CON and not self._acknowledged:
            messages.unschedule(self)
            message_id = self.message[2]
            messages.reply(self.peer, message_id, encode(ACK, code, message_id, token, options, payload))
        else:
            if self.server.separate >= messages.memory["endpoints_max"] // 4:
                type = NON  # endpoints that are not there are not to fill the memory
            owner = None
            if type == CON:
                owner = self
                self.server.separate += 1
            self.transmission = messages.send(self.peer.endpoint, type, code, token, options, payload, now_ms, owner)
        if self.observing:
            notifying.join(self, code, now_ms)

    def respond_with(self, reply, now_ms):
        """Answer it with what a handler returned; with 5.00 where that cannot be sent."""
        try:
            self.respond(now_ms, reply[0], reply[1], reply[2] if len(reply) > 2 else ())
        except Exception as error:  # it is no reply, or its options are not in order
            self.responded = False
            code, payload = self.server.failed(error)
            self.respond(now_ms, code, payload)

    def on_due(self, now_ms):
        messages = self.server.messages
        if self._late:
            self.server.leisurely -= 1
            code, token, options, payload = self._late
            messages.send(self.peer.endpoint, NON, code, token, options, payload, now_ms)
        else:  # the answer will be a separate one
            message_id = self.message[2]
            self._acknowledged = True
            messages.reply(self.peer, message_id, encode(ACK, 0, message_id, b"", (), b""))

    def ended(self, how, now_ms):
        """How a confirmable answer or a notification ended."""
        self.transmission = None
        if not self.is_notification:
            self.server.separate -= 1
        if self.observing:
            from helio.coap import notifying

            notifying.ended(self, how, now_ms)

    def renew(self, now_ms):
        """A notification is due again, and there is a newer state."""
        from helio.coap import notifying

        notifying.renew(self, now_ms)


def read_path(options):
    """`(path, whether it is all that there is but a Content-Format)`; a `/` in a segment is %2F."""
    path = None
    is_plain = True
    content_format = None
    for number, value in options:
        if number == URI_PATH and len(value) < 256:
            if b"/" in value:
                value = b"%2F".join(value.split(b"/"))
            path = value if path is None else path + b"/" + value
        elif number == CONTENT_FORMAT and len(value) < 3 and content_format is None:
            content_format = value
        else:
            is_plain = False
    return path or b"", is_plain
