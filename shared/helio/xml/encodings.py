"""Encodings of XML documents that are not UTF-8, as UTF-8; loaded when a document has one."""

# windows-1252 where it is not ISO-8859-1: 0x80 to 0x9F (Unicode's table); five are not assigned,
# and are the C1 characters, as on the web.
_WINDOWS = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ"

ASCII = ("us-ascii", "ascii")  # the names that it has
LATIN = ("iso-8859-1", "iso8859-1", "latin-1", "latin1", "l1")


def converter(name):
    """A function for the encoding called `name`, in small letters and with hyphens: from bytes and whether they are
    the last to their UTF-8, and what is wrong behind that or None. Raises ValueError when it is
    none that we read."""
    if name in ASCII:
        return _ascii
    if name in LATIN:
        return _latin
    if name in ("windows-1252", "cp1252"):
        return _windows
    if name == "utf-16":
        return Utf16().take
    raise ValueError("the encoding is %s, and helio reads UTF-8, UTF-16, ISO-8859-1, windows-1252 and US-ASCII" % name)


def _ascii(data, is_last):
    for i in range(len(data)):
        if data[i] >= 0x80:
            return data[:i], "a byte that is not US-ASCII"
    return data, None


def _latin(data, is_last):
    return "".join([chr(byte) for byte in data]).encode(), None


def _windows(data, is_last):
    return "".join([_WINDOWS[byte - 0x80] if 0x80 <= byte < 0xA0 else chr(byte) for byte in data]).encode(), None


class Utf16:
    """RFC 2781; the byte order is that of the mark, or of the `<` that begins the document."""

    def __init__(self):
        self._rest = b""
        self._high = None  # the place in a pair of the byte that is the high one

    def take(self, data, is_last):
        data = self._rest + data
        at = 0
        if self._high is None:
            if len(data) < 2:
                self._rest = data
                return b"", None
            self._high = 0 if data[0] in (0xFE, 0) else 1
            at = 2 if data[0] >= 0xFE else 0
        characters = []
        wrong = None
        high = self._high
        while at + 1 < len(data):
            code = data[at + high] << 8 | data[at + 1 - high]
            step = 2
            if 0xD800 <= code < 0xE000:
                if at + 3 >= len(data) and not is_last and code < 0xDC00:
                    break
                low = data[at + 2 + high] << 8 | data[at + 3 - high] if at + 3 < len(data) else 0
                if code >= 0xDC00 or not 0xDC00 <= low < 0xE000:
                    wrong = "half a surrogate pair"
                    break
                code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF)
                step = 4
            characters.append(chr(code))
            at += step
        self._rest = data[at:]
        if is_last and self._rest and not wrong:
            wrong = "half a character"
        return "".join(characters).encode(), wrong
