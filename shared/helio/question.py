"""Plain datagrams for who asks, without I/O: what to send, and what comes back."""

from helio.errors import BadMessage, NoAnswer, Refused
from helio.message import Message


def encoded(text):
    """A message's text as a datagram. Raises BadMessage when it is not one."""
    return Message.parse(text).text.encode()


def no_answer(host, port, timeout_s):
    """The NoAnswer to raise when nothing came back in time."""
    return NoAnswer(
        "no answer from %s port %d in %s s: is it on, on this network, and not still busy?" % (host, port, timeout_s)
    )


def read_answer(data):
    """The text after `ok ` ("" for a bare `ok`), or None when `data` answers no question.

    Raises Refused with the text of an `error …` line, BadMessage when `data` is no message.
    """
    try:
        message = Message.parse(data)
    except BadMessage as error:
        raise BadMessage("what came back is no answer: %s" % error)
    if message.name == "error":
        raise Refused(message.rest)
    return message.rest if message.name == "ok" else None
