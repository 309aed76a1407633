"""The bytes of a document, in whatever encoding it says (XML 1.0 section 4.3.3 and appendix F),
as UTF-8."""

from helio import utf8
from helio.xml.texts import forbidden, invalid

_DECLARATION_MAX = 1024  # bytes; a declaration has at most a hundred
_KEYS = ("version", "encoding", "standalone")
_WIDE = ("utf-16", "utf-16le", "utf-16be", "iso-10646-ucs-2")
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Decoder:
    """`strict`: all characters are checked here, as pieces come. `encoding`: that of the document,
    if it is not to tell itself."""

    def __init__(self, strict, encoding=None):
        self.wrong = None  # what is wrong right behind what was given last
        self._strict = strict
        self._encoding = encoding and _usual(encoding)
        self._head = b""  # what came before the encoding was known; then None
        self._convert = None
        self._tail = b""  # the beginning of a character

    @property
    def is_needed(self):
        """Whether anything remains to be done."""
        return self._strict or self._convert is not None or self._head is not None

    def take(self, data, is_last):
        """The UTF-8 of `data` as far as it is whole and without fault."""
        if self._head is not None:
            try:
                data = self._begin(self._head + data, is_last)
            except ValueError as error:
                self.wrong = error.args[0]
                return b""
        elif self._convert:
            data, self.wrong = self._convert(data, is_last)
        if self._strict and self._head is None:
            data = self._checked(data, is_last)
        return data

    def _begin(self, data, is_last):
        """What is left to read when the encoding is known; b"" until then."""
        self._head = data
        if len(data) < 4 and not is_last:
            return b""
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
        has_mark = data.startswith(b"\xef\xbb\xbf")
        if has_mark:
            data = data[3:]
        text = _narrow(data) if wide else data
        named = None
        if text[:5] == b"<?xml"[: len(text)] and text[5:6] in (b" ", b"\t", b"\r", b"\n", b""):
            end = text.find(b"?>")
            if wide and b"\xff" in text:
                raise ValueError("an XML declaration in ASCII was expected")
            if end < 0 and not is_last and len(text) < _DECLARATION_MAX:
                return b""
            if end >= 0:
                named = _declared(text[5:end])
        self._head = None
        if self._encoding:
            named = self._encoding
        elif (named in _WIDE) != wide and named:
            raise ValueError("the declaration says %s, which this is not" % named)
        if has_mark or named in ("utf-8", "utf8") or not (named or wide):
            return data
        from helio.xml.encodings import converter

        self._convert = converter("utf-16" if wide else named)
        data, self.wrong = self._convert(data, is_last)
        return data

    def _checked(self, data, is_last):
        data = self._tail + data
        size = len(data) if is_last else whole(data)
        self._tail = data[size:]
        if self._tail:
            data = data[:size]
        at = forbidden(data)
        if at >= 0:
            data = data[:at]
            self.wrong = "a character that XML forbids"
        try:
            utf8.decode(data)
        except ValueError:
            data = data[: invalid(data)]
            self.wrong = "bytes that are not UTF-8"
        return data


def _narrow(data):
    """What UTF-16 begins with, as far as it is ASCII, and one \\xff for the rest of it."""
    zero = 0 if data[:2] in (b"\0<", b"\xfe\xff") else 1
    found = bytearray()
    for i in range(2 if data[0] >= 0xFE else 0, len(data) - 1, 2):
        if data[i + zero] or data[i + 1 - zero] > 126:
            found.append(0xFF)
            break
        found.append(data[i + 1 - zero])
        if found[-2:] == b"?>":
            break
    return bytes(found)


def _declared(data):
    """The encoding, in small letters and with hyphens, or None, that an XML declaration names; `data`
    is what it has between its marks (production 23). Raises ValueError."""
    for space in (b"\t", b"\r", b"\n"):
        data = data.replace(space, b" ")
    text = utf8.escape(data)
    place = -1
    encoding = None
    while text.strip(" "):
        key, equals, rest = text.partition("=")
        rest = rest.lstrip(" ")
        value, quote, text_after = rest[1:].partition(rest[:1] or " ")
        name = key.strip(" ")
        if key[:1] != " " or not quote or rest[0] not in "\"'" or name not in _KEYS[place + 1 :]:
            raise ValueError("an XML declaration with version, encoding and standalone was expected, in this order")
        if place < 0 and name != "version":
            raise ValueError("the XML declaration has no version")
        place = _KEYS.index(name)
        text = text_after
        if not _is_right(name, value):
            raise ValueError('the XML declaration has a wrong %s: "%s"' % (name, value[:40]))
        if name == "encoding":
            encoding = _usual(value)
    if place < 0:
        raise ValueError("the XML declaration has no version")
    return encoding


def _usual(encoding):
    """The name of an encoding as it is usual: utf-8 of UTF_8."""
    return encoding.lower().replace("_", "-")


def _is_right(name, value):
    if name == "version":
        return value[:2] == "1." and _only(value[2:], _DIGITS)
    if name == "standalone":
        return value in ("yes", "no")
    return _only(value, _LETTERS + _DIGITS + "._-") and value[0] in _LETTERS


def _only(value, characters):
    return bool(value) and all([char in characters for char in value])


def whole(data):
    """How many bytes of UTF-8 at the front of `data` are whole characters, if it is UTF-8."""
    size = len(data)
    for back in (1, 2, 3):
        if back > size or data[-back] < 0x80:
            break
        if data[-back] >= 0xC0:  # begins a character
            needs = 4 if data[-back] >= 0xF0 else 3 if data[-back] >= 0xE0 else 2
            return size - back if needs > back else size
    return size
