"""Plain datagrams, without I/O: which are answered, and with what line.

A message that came to this node alone is answered with `ok …` or `error …`. What came to all
is acted on and, but for `who`, not answered; what is itself an answer never is. So two nodes
cannot talk in a loop.
"""

from helio import utf8
from helio.errors import BadMessage
from helio.handlers import ANSWERS, BAD_REQUEST, BYTES, printable
from helio.limits import MESSAGE_MAX_BYTES
from helio.message import Message

RECEIVE_BYTES = MESSAGE_MAX_BYTES + 3  # a CR LF, and one byte more to know that it was too long

_ANSWER_BYTES = tuple([name.encode() for name in ANSWERS])


class Plain:
    """The plain side of one node.

    `counts` is a dict whose `rejected` grows with every datagram that is no message.
    `hello(address)` gives this node's `hello …` line, as seen from one of its addresses.
    `on_message` is called with every message but `who`, answered or not.
    """

    def __init__(self, name, handlers, counts, hello, on_message):
        self._name = name
        self._handlers = handlers
        self._counts = counts
        self._hello = hello
        self._on_message = on_message

    def receive(self, data, sender, alone, address):
        """The line that answers `data`, None for no answer, or a coroutine that gives either.

        `sender` is its `(host, port)`, `address` this node's own that it came to, `alone`
        whether it came to that address and not to all. What answers a datagram that came to
        all is to be sent after a random part of `WHO_DELAY_MS`.
        """
        try:
            message = Message.parse(data, sender)
        except BadMessage as error:
            self._counts["rejected"] += 1
            refusal = BAD_REQUEST, str(error).encode(), ()
            return answer_line(refusal) if alone and not is_answer(data) else None
        if message.name == "who":
            asked = alone or message.args in ([], [self._name])
            return self._hello(address).encode() if asked else None
        self._on_message(message)
        if message.name in ANSWERS:
            return None
        reply = self._handlers.answer(message)
        if hasattr(reply, "send"):
            return _later(reply, alone)
        return answer_line(reply) if alone else None


async def _later(reply, alone):
    reply = await reply
    return answer_line(reply) if alone else None


def answer_line(reply):
    """A reply as the bytes of a plain answer: one line, cut at 1,024 bytes."""
    code, payload, options = reply
    if options is BYTES:
        payload = printable(payload)
    line = (b"ok " + payload if payload else b"ok") if code < BAD_REQUEST else b"error " + payload
    if b"\n" in line or b"\r" in line:
        line = line.replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\r", b" ")
    return utf8.cut(line, MESSAGE_MAX_BYTES)


def is_answer(data):
    """Whether a datagram begins with the name of an answer, well-formed or not."""
    space = data.find(b" ", 0, 8)
    return (data[:space] if space >= 0 else data.rstrip(b"\r\n")) in _ANSWER_BYTES
