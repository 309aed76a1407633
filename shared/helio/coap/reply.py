"""A confirmed message as a CoAP request, and what its response says, without I/O."""

import json

from helio import utf8
from helio.coap.codec import BAD_REQUEST, CONTENT_FORMAT, POST, URI_PATH, uint
from helio.coap.limits import PAYLOAD_MAX_BYTES
from helio.errors import BadMessage, Refused
from helio.handlers import printable
from helio.message import Message, is_name, name_problem

_JSON, _BYTES = 50, 42
_NAMES = {
    0x80: "bad request",
    0x81: "unauthorized",
    0x82: "bad option",
    0x83: "forbidden",
    0x84: "not found",
    0x85: "method not allowed",
    0x86: "not acceptable",
    0x88: "the request is incomplete",
    0x8C: "precondition failed",
    0x8D: "the request is too large",
    0x8F: "unsupported content format",
    0xA0: "internal server error",
    0xA1: "not implemented",
    0xA2: "bad gateway",
    0xA3: "service unavailable",
    0xA4: "gateway timeout",
    0xA5: "proxying not supported",
}


def message_request(text):
    """`(code, options, payload)` of the request that a message's text is; what follows its name
    may be 64 KB. Raises BadMessage."""
    if isinstance(text, bytes):
        try:
            text = utf8.decode(text)
        except ValueError:
            raise BadMessage("a message is UTF-8 text: got bytes that are not")
    if not isinstance(text, str):
        raise BadMessage("a message is text, like 'blink 3': got %s" % type(text))
    if text.endswith("\n"):
        text = text[:-2] if text.endswith("\r\n") else text[:-1]
    message = Message.of(text)
    if not is_name(message.name):
        raise BadMessage(name_problem(message))
    try:
        payload = message.rest.encode()
        if len(payload) != len(message.rest):  # MicroPython encodes half a surrogate pair, too
            utf8.decode(payload)
    except ValueError:
        raise BadMessage("a message is UTF-8 text: got bytes that are not")
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise BadMessage("what follows the name has at most %d bytes: got %d" % (PAYLOAD_MAX_BYTES, len(payload)))
    options = [(URI_PATH, message.name.encode())]
    if payload:
        options.append((CONTENT_FORMAT, b""))
    return POST, options, payload


def code_text(code):
    """A code as the RFC writes it, such as "4.04"."""
    return "%d.%02d" % (code >> 5, code & 31)


def refusal(response):
    """The Refused that a response of class 4 or 5 is: the peer's text and the code, which is its
    `code` too."""
    text = printable(response.payload).decode() or _NAMES.get(response.code, "no")
    error = Refused("%s (%s)" % (text, code_text(response.code)))
    error.code = response.code
    return error


def read_reply(response):
    """What a response says: str, or bytes where it is not text.

    Raises Refused for one of class 4 or 5: the peer's text, and the code after it.
    """
    if response.code >= BAD_REQUEST:
        raise refusal(response)
    if _content_format(response) == _BYTES:
        return response.payload
    try:
        return utf8.decode(response.payload)
    except ValueError:
        return response.payload


def read_value(response):
    """The value that a response to GET carries: what its JSON says, else str or bytes.

    Raises Refused, and BadMessage for JSON that is none.
    """
    value = read_reply(response)
    if _content_format(response) != _JSON:
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise BadMessage("what came is not the JSON that it says it is")


def _content_format(response):
    value = response.option(CONTENT_FORMAT)
    return None if value is None else uint(value)
