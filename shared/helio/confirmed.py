"""Confirmed messages of one node, without I/O: its handlers and its values as CoAP resources.

A message `NAME rest` is a POST of `rest` to `/NAME`; the answer is the handler's. A value is
what a GET of its path gives, and may be observed.
"""

from helio import utf8
from helio.coap.codec import BAD_REQUEST, NOT_FOUND, POST, uint
from helio.coap.exchange import Messages
from helio.coap.resource import Resource, Server
from helio.errors import UsageError
from helio.handlers import ANSWERS, encode
from helio.message import Message, is_name, without_newline


class Confirmed:
    """The confirmed side of one node.

    `sender(endpoint)` gives the `(host, port)` of one; `on_message` is called with every message
    that a handler is there for; the rest is as for `Messages` and `Server`.
    """

    def __init__(self, handlers, counts, sender, transmit, is_trusted, memory, on_message, on_failure, spawn):
        self.messages = Messages(transmit, counts, is_trusted, memory)
        self.server = Server(self.messages, counts, on_failure, spawn)
        self.server.missing = self._missing
        self._handlers = handlers
        self._counts = counts
        self._sender = sender
        self._on_message = on_message
        for name in handlers.table:
            self.add_handler(name, handlers.table[name][1])

    def add_handler(self, name, usage):
        """Let POST to `/NAME` be answered by the handler of that name."""
        path = name.encode()
        resource = self.server.table.get(path)
        title = usage.replace('"', "'").replace("\\", "/").replace("\n", " ")  # as RFC 6690 can quote it
        title = 'title="%s"' % title if title else ""
        if resource is None:
            self.server.table[path] = Resource(post=self._post, attributes=title, accepts=(0, 50))
        else:  # a value of that name is there already
            resource.methods = resource.methods[:1] + (self._post,) + resource.methods[2:]

    def publish(self, name, value, now_ms):
        """Make or change the value `name`. Raises UsageError, or TypeError for what none can be."""
        if not is_name(name) or name in ANSWERS:
            raise UsageError("%r cannot name a value: letters, digits, '-', '_', '.', at most 32" % (name,))
        payload, options = encode(value)
        content_format = uint(options[0][1]) if options else 0
        self.server.publish(name.encode(), payload, content_format, now_ms)

    def _post(self, request):
        try:
            rest = utf8.decode(without_newline(request.payload))
        except ValueError:
            self._counts["rejected"] += 1
            return BAD_REQUEST, b"a message is UTF-8 text: got bytes that are not"
        message = Message(str(request.path, "utf-8"), rest or None, self._sender(request.peer.endpoint))
        self._on_message(message)
        return self._handlers.answer(message)

    def _missing(self, request):
        self._counts["rejected"] += 1
        if request.code != POST:
            return NOT_FOUND, b""
        return NOT_FOUND, self._handlers.unknown(utf8.escape(request.path)).encode()
