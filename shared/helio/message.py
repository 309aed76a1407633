"""A message: `blink 3` as text, as a name with arguments, as JSON.

A name (letters, digits, `-`, `_`, `.`) ends at the first space; what follows is the
handler's. An argument that is not what the handler takes raises `BadArgument`, whose
sentence goes back to the sender.
"""

import json

from helio import utf8
from helio.errors import BadArgument, BadMessage
from helio.limits import MESSAGE_MAX_BYTES, NAME_MAX, NUMBER_MAX, QUOTE_MAX

_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
_REQUIRED = object()

# What splits words on CPython, beside ASCII's own: MicroPython's `split` knows only those.
_SPACES = "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
_SPACES += "\u200a\u2028\u2029\u202f\u205f\u3000"
_SPLITS_AT_ASCII_ONLY = len("\xa0".split()) == 1


def is_name(word):
    """Whether `word` can be the name of a message or of a node."""
    return 0 < len(word) <= NAME_MAX and not word.strip(_NAME_CHARACTERS)


def without_newline(data):
    """A datagram's bytes less one LF or CR LF at the end."""
    if not data.endswith(b"\n"):
        return data
    return data[:-2] if data.endswith(b"\r\n") else data[:-1]


class Message:
    """One message. `sender` is its `(host, port)`, or None for one that was not received."""

    def __init__(self, name, rest=None, sender=None):
        self.name = name
        self._rest = rest  # None where not even a space follows the name
        self.sender = sender

    @classmethod
    def of(cls, text, sender=None):
        """The message that is `text`; whatever stands before the first space is its name."""
        space = text.find(" ")
        return cls(text, None, sender) if space < 0 else cls(text[:space], text[space + 1 :], sender)

    @classmethod
    def parse(cls, data, sender=None):
        """The message in one plain datagram (bytes or str).

        One trailing LF or CR LF is not part of it. Raises BadMessage when it is empty, over
        1,024 bytes, not UTF-8, or does not begin with a name.
        """
        message = cls.of(_text(data), sender)
        if not is_name(message.name):
            raise BadMessage(name_problem(message))
        return message

    @property
    def text(self):
        """The whole message, as it was sent."""
        return self.name if self._rest is None else self.name + " " + self._rest

    @property
    def rest(self):
        """Everything after the space that ends the name, unchanged; "" when there is nothing."""
        return self._rest or ""

    @property
    def args(self):
        """The words of `rest`, a list of str."""
        rest = self.rest
        if _SPLITS_AT_ASCII_ONLY:
            is_ascii = len(rest.encode()) == len(rest)
            for space in _SPACES[:4] if is_ascii else _SPACES:
                rest = rest.replace(space, " ")
        return rest.split()

    def json(self):
        """`rest` parsed as JSON. Raises BadArgument."""
        try:
            return json.loads(self.rest)
        except (ValueError, RuntimeError):  # RuntimeError: nested deeper than CPython follows
            raise BadArgument(self._takes("JSON", self.rest or None))

    def integer(self, i, low, high, default=_REQUIRED):
        """Argument `i` as an int from `low` to `high`, or the default when it is absent."""
        word = self._word(i)
        if word is None and default is not _REQUIRED:
            return default
        digits = word[1:] if word and word[0] in "+-" else word
        if digits and len(digits) <= NUMBER_MAX and not digits.strip("0123456789"):
            value = int(word)
            if low <= value <= high:
                return value
        raise BadArgument(self._takes("a whole number, %s to %s" % (low, high), word))

    def number(self, i, low, high, default=_REQUIRED):
        """Argument `i` as a float from `low` to `high`, or the default when it is absent."""
        word = self._word(i)
        if word is None and default is not _REQUIRED:
            return default
        # `float` also reads "nan", "infinity" and "1_0", and MicroPython's "." and "e5": nobody means those
        if word and not word.strip("0123456789+-.eE") and word.lstrip("+-.")[:1].isdigit():
            try:
                value = float(word)
                if low <= value <= high:
                    return value
            except ValueError:
                pass
        raise BadArgument(self._takes("a number, %s to %s" % (low, high), word))

    def word(self, i, choices, default=_REQUIRED):
        """Argument `i`, one of `choices`, or the default when it is absent."""
        word = self._word(i)
        if word is None and default is not _REQUIRED:
            return default
        if word in choices:
            return word
        raise BadArgument(self._takes("one of " + ", ".join(choices), word))

    def _word(self, i):
        args = self.args
        return args[i] if i < len(args) else None

    def _takes(self, what, word):
        if word is None:
            return "%s takes %s: got nothing" % (self.name, what)
        return "%s takes %s: got %r%s" % (self.name, what, word[:QUOTE_MAX], "…" if len(word) > QUOTE_MAX else "")


# Apart from `parse`, for MicroPython keeps the variables of a long function on the heap.
def _text(data):
    try:
        data = without_newline(data.encode() if isinstance(data, str) else data)
        if len(data) <= MESSAGE_MAX_BYTES:
            return utf8.decode(data)
    except ValueError:
        raise BadMessage("a message is UTF-8 text: got bytes that are not")
    raise BadMessage("a message has at most %d bytes: got %d or more" % (MESSAGE_MAX_BYTES, len(data)))


def name_problem(message):
    """Why a message does not begin with a name."""
    if not message.text:
        return "the message is empty: send a name and then its arguments, like 'blink 3'"
    if not message.name:
        return "a message begins with a name, like 'blink 3': got a space first"
    if not message.name[:NAME_MAX].strip(_NAME_CHARACTERS):
        return "a name has at most %d characters: got %d" % (NAME_MAX, len(message.name))
    return "a name is letters, digits, '-', '_' and '.': got %r" % message.name[:NAME_MAX]
