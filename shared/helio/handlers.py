"""What answers a message, however it travelled: names, their handlers, and their replies.

A reply is what a CoAP resource replies: `(code, payload, options)`, the response code of RFC 7252
section 5.9 as one byte, bytes, and the options that say what these are. A plain answer is `ok` for
the 2.xx codes and `error` for the others.
"""

import json

from helio import utf8
from helio.errors import BadArgument, UsageError
from helio.limits import HANDLERS_MAX
from helio.message import is_name

CHANGED = 0x44  # 2.04
BAD_REQUEST = 0x80  # 4.00
NOT_FOUND = 0x84  # 4.04
INTERNAL_SERVER_ERROR = 0xA0  # 5.00
SERVICE_UNAVAILABLE = 0xA3  # 5.03

# Content-Format, RFC 7252 section 12.3
TEXT = ((12, b""),)
BYTES = ((12, b"\x2a"),)
JSON = ((12, b"\x32"),)

ANSWERS = ("ok", "error", "hello", "welcome")  # a message of these names is itself an answer


class Handlers:
    """The table of handlers.

    `counts` is a dict whose `rejected` and `failed` grow with the messages that were;
    `on_failure` is called with every exception that a handler let out.
    """

    def __init__(self, counts, on_failure):
        self._counts = counts
        self._on_failure = on_failure
        self.table = {}  # {name: (function, usage)}
        self._running = 0
        self.add("ping", lambda message: "pong", "answers at once")
        self.add("help", self._help, "[NAME]: the messages there are, or how one is used")

    def add(self, name, function, usage=""):
        """Let `function` (or a coroutine function) of one Message answer `name`.

        Raises UsageError for a name that no message can have or that has a handler already.
        """
        if not is_name(name):
            raise UsageError("%r cannot name a message: letters, digits, '-', '_', '.', at most 32" % (name,))
        if name in ANSWERS or name == "who":
            raise UsageError("%r cannot be handled: nodes use it among themselves" % name)
        if name in self.table:
            raise UsageError("%r has a handler already: give this one another name" % name)
        self.table[name] = (function, usage)

    def names(self):
        """Every name with a handler, in order."""
        return sorted(self.table)

    def unknown(self, name):
        """What to say to one who sends `name`, which nobody handles."""
        return "no %r here: there are %s" % (name, ", ".join(self.names()))

    def answer(self, message):
        """The reply, or a coroutine that gives it. Never raises an Exception."""
        entry = self.table.get(message.name)
        if entry is None:
            self._counts["rejected"] += 1
            return NOT_FOUND, self.unknown(message.name).encode(), ()
        try:
            result = entry[0](message)
            if not hasattr(result, "send"):
                return (CHANGED,) + encode(result)
        except Exception as error:
            return self._failure(message, error)
        if self._running >= HANDLERS_MAX:
            result.close()
            self._counts["rejected"] += 1
            return SERVICE_UNAVAILABLE, b"busy with %d messages: try again later" % self._running, ()
        self._running += 1
        return self._finish(message, result)

    async def _finish(self, message, coroutine):
        try:
            return (CHANGED,) + encode(await coroutine)
        except Exception as error:
            return self._failure(message, error)
        finally:
            self._running -= 1

    def _failure(self, message, error):
        if isinstance(error, BadArgument):
            self._counts["rejected"] += 1
            return BAD_REQUEST, encode(str(error))[0], ()
        self._counts["failed"] += 1
        self._on_failure(error)
        return INTERNAL_SERVER_ERROR, (message.name + " failed").encode(), ()

    def _help(self, message):
        if not message.args:
            return " ".join(self.names())
        name = message.word(0, self.names())
        return (name + " " + self.table[name][1]).rstrip()


def encode(result):
    """What a handler returned as `(payload, options)` of its reply: None, str, bytes, else compact
    JSON. Raises TypeError for what a handler cannot return.
    """
    if result is None:
        return b"", ()
    if isinstance(result, str):
        # JSON may hold half a surrogate pair: CPython escapes it here, MicroPython encodes it as ED …
        data = result.encode("utf-8", "backslashreplace")
        return printable(data) if b"\xed" in data else data, TEXT
    if isinstance(result, bytes):
        return result, BYTES
    if not isinstance(result, (dict, list, tuple, int, float, bool)):  # MicroPython's `dumps` takes anything
        raise TypeError("a handler returns str, bytes, dict, list or None: got %s" % type(result))
    return printable(json.dumps(result, separators=(",", ":")).encode()), JSON


def printable(data):
    """Bytes as UTF-8: as they are, or, where they are not, each beyond ASCII as `\\xNN`."""
    try:
        utf8.decode(data)
        return data
    except ValueError:
        return utf8.escape(data).encode()
