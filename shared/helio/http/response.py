"""An HTTP/1.1 response without I/O (RFC 9112): bytes in, bytes of the body out.

What says where the body ends is read to the letter: two readers who differ there can be made to see
different responses. Bytes are never looked at one by one.
"""

from helio import utf8
from helio.errors import BadResponse
from helio.http.limits import FIELDS_MAX, HEAD_MAX_BYTES, LINE_MAX_BYTES

_TOKEN = b"abcdefghijklmnopqrstuvwxyz-0123456789_!#$%&'*+.^`|~ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # RFC 9110 section 5.6.2
_HEX = b"0123456789abcdefABCDEF"
_LENGTH_DIGITS_MAX = 15  # 2 to the 50th bytes are no body


class Headers:
    """The fields of a head: a mapping from names, in which case does not count, to str. The values of
    a field that came several times are joined by `, ` (RFC 9110 section 5.3)."""

    def __init__(self):
        self._values = {}

    def get(self, name, default=None):
        return self._values.get(name.lower(), default)

    def __getitem__(self, name):
        return self._values[name.lower()]

    def __contains__(self, name):
        return name.lower() in self._values

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def items(self):
        return self._values.items()

    def add(self, name, value):
        name = name.lower()
        before = self._values.get(name)
        self._values[name] = value if before is None else before + ", " + value


class ResponseParser:
    """Reads one response. `feed` what came, until `is_done`; `close` when the connection has ended.

    `headers` is None until the head has come; from then on `status`, an int, and `reason`, a str,
    are there too, `has_body`, whether one is to follow, and `length`, the bytes that it will have or
    None where that is not known. `is_kept` says, once all has come, whether another response may follow
    on the connection, and `rest` what came behind this one. Interim responses (1xx) are passed over.
    """

    def __init__(self, method="GET"):
        self.status = None
        self.reason = ""
        self.headers = None
        self.has_body = method != "HEAD"
        self.length = None
        self.is_done = False
        self.is_kept = False
        self.rest = b""
        self._pending = b""  # the beginning of a line
        self._read = self._status_line  # takes the next line; None: what comes is of the body
        self._left = None  # bytes of the body or of the chunk; None: all there are
        self._is_chunked = False
        self._size = 0  # bytes of the head, of what chunks have beside their data, and of the trailer
        self._fields = Headers()
        self._name = None  # of the field that may go on in the next line
        self._value = b""
        self._count = 0

    def feed(self, data):
        """The bytes of the body that `data`, bytes, has. Raises BadResponse."""
        if self._read is None and not self.is_done and (self._left is None or len(data) < self._left):
            if self._left is not None:
                self._left -= len(data)
            return data
        if self._pending:
            data = self._pending + data
            self._pending = b""
        found = []
        at = 0
        while at < len(data) and not self.is_done:
            if self._read is None:
                end = len(data) if self._left is None else min(len(data), at + self._left)
                found.append(data[at:end])
                if self._left is not None:
                    self._left -= end - at
                    if not self._left:
                        self._end_of_part()
                at = end
            else:
                end = data.find(b"\n", at)
                if (end if end >= 0 else len(data)) - at > LINE_MAX_BYTES:
                    raise BadResponse("the server sent a line of more than %d bytes" % LINE_MAX_BYTES)
                if end < 0:
                    self._pending = data[at:]
                    break
                line = data[at:end]
                at = end + 1
                self._read(line)
                if self._left and self._is_chunked:
                    at = self._whole_chunks(data, at, found)
        if self.is_done:
            self.rest += data[at:]  # it may be fed again for what is still packed
        return found[0] if len(found) == 1 else b"".join(found)

    def close(self):
        """The connection has ended. Raises BadResponse when the response had not."""
        if self.is_done:
            return
        if self.headers is None:
            if self._pending or self._size:
                raise BadResponse("the connection ended within the head of the response")
            raise BadResponse("the server closed the connection without an answer")
        if self._is_chunked:
            raise BadResponse("the connection ended before the last chunk: the body is not complete")
        if self._left is not None:
            got = self.length - self._left
            raise BadResponse(
                "the connection ended after %d of %d bytes: the body is not complete" % (got, self.length)
            )
        self.is_done = True

    # --- the head: each function takes a line without its LF, and says by `_read` who takes the next

    def _status_line(self, line):
        line = self._line_of_head(line)
        if not line and self._size <= 2:
            return  # a server's empty line too many behind the response before
        version, _, rest = line.partition(b" ")
        status, _, reason = rest.partition(b" ")
        if version[:7] != b"HTTP/1." or len(version) != 8 or not version[7:].isdigit():
            raise BadResponse("this is no HTTP/1 response, for it begins with %s" % _shown(line))
        if len(status) != 3 or not status.isdigit() or status < b"100":
            raise BadResponse("the status line has no status of three digits: %s" % _shown(line))
        self.status = int(status)
        self.reason = _text(reason)
        self.is_kept = version != b"HTTP/1.0"
        self._read = self._field

    def _field(self, line):
        line = self._line_of_head(line)
        if line[:1] in (b" ", b"\t"):  # it goes on with the field before, as was once allowed: section 5.2
            if self._name is None:
                raise BadResponse("the first field begins with a blank")
            self._value = (self._value + b" " + line.strip(b" \t")).strip(b" ")
            return
        if self._name is not None:
            self._end_of_field()
        if not line:
            self._end_of_head() if self.headers is None else self._end_of_body()
            return
        name, colon, value = line.partition(b":")
        if not colon or not name or name.strip(_TOKEN):
            raise BadResponse("a line of the head is not like NAME: VALUE but %s" % _shown(line))
        self._count += 1
        if self._count > FIELDS_MAX:
            raise BadResponse("the response has more than %d fields" % FIELDS_MAX)
        self._name = name
        self._value = value.strip(b" \t")

    def _line_of_head(self, line):
        if line[-1:] == b"\r":
            line = line[:-1]
        self._grow(len(line) + 2)
        if b"\r" in line or b"\0" in line:
            raise BadResponse("a CR or NUL within a line of the head: %s" % _shown(line))
        return line

    def _grow(self, size):
        self._size += size
        if self._size > HEAD_MAX_BYTES:
            raise BadResponse("the response has more than %d bytes beside its body" % HEAD_MAX_BYTES)

    def _end_of_field(self):
        name = str(self._name, "utf-8")
        if name.lower() == "content-length" and name in self._fields:
            raise BadResponse("the response has two Content-Length")
        self._fields.add(name, _text(self._value))
        self._name = None

    def _end_of_head(self):
        headers = self._fields
        self._fields = Headers()
        self._count = 0
        if self.status == 101:
            raise BadResponse("the server changes to another protocol, which nobody asked for")
        if self.status < 200:
            self._read = self._status_line
            return
        options = [option.strip() for option in headers.get("connection", "").lower().split(",")]
        if "close" in options:
            self.is_kept = False
        elif "keep-alive" in options and "transfer-encoding" not in headers:  # of HTTP/1.0 not both: section 6.1
            self.is_kept = True
        self.headers = headers
        self._find_end(headers.get("transfer-encoding"), headers.get("content-length"))

    # --- where the body ends: section 6.3

    def _find_end(self, coding, length):
        if length is not None:
            if coding is not None:
                raise BadResponse("the response has both Content-Length and Transfer-Encoding")
            if not length or length.strip("0123456789") or len(length.lstrip("0")) > _LENGTH_DIGITS_MAX:
                raise BadResponse("Content-Length is to be one number, not %s" % length[:40])
        if not self.has_body or self.status in (204, 304):
            self.has_body = False
            self.is_done = True
            return
        if coding is not None:
            codings = [name.strip(" \t") for name in coding.lower().split(",")]
            codings = [name for name in codings if name]
            for name in codings or [""]:
                if not name or name.strip("abcdefghijklmnopqrstuvwxyz-"):
                    raise BadResponse("Transfer-Encoding is to be a list of names, not %s" % coding[:40])
            if codings.count("chunked") > 1:
                raise BadResponse("chunked is to be there once only, not as %s" % coding[:40])
            if codings[-1] == "chunked":
                self._is_chunked = True
                self._read = self._chunk_size
                return
        if length is not None:
            self.length = self._left = int(length)
            self.has_body = self.length > 0
            self.is_done = not self.has_body
        else:
            self.is_kept = False
        self._read = None

    def _end_of_part(self):
        if self._is_chunked:
            self._read = self._chunk_end
        else:
            self.is_done = True

    def _end_of_body(self):
        self.is_done = True

    # --- chunks: section 7.1

    def _chunk_size(self, line):
        if line[-1:] != b"\r":
            raise BadResponse("the line of a chunk's size does not end in CR LF: %s" % _shown(line))
        if b"\r" in line[:-1] or b"\0" in line:
            raise BadResponse("a CR or NUL within the line of a chunk's size: %s" % _shown(line))
        size, semicolon, extensions = line[:-1].partition(b";")
        if semicolon:
            self._grow(len(extensions))
            size = size.rstrip(b" \t")
            if not _are_extensions(extensions):
                raise BadResponse("extensions of a chunk are like ;NAME=VALUE, not %s" % _shown(line))
        digits = size.lstrip(b"0")
        if not size or size.strip(_HEX) or len(digits) > _LENGTH_DIGITS_MAX:
            raise BadResponse("the size of a chunk is to be a hexadecimal number, not %s" % _shown(line))
        self._left = int(digits or b"0", 16)
        self._read = None if self._left else self._field

    def _whole_chunks(self, data, at, found):
        """Take the chunk that begins at `at`, and those behind it, as far as they are whole and have no
        extensions; the rest is for who reads line by line. Returns where that begins."""
        size = self._left
        while True:
            end = at + size
            if data[end : end + 2] != b"\r\n":
                self._left = size
                self._read = None
                return at
            found.append(data[at:end])
            at = end + 2
            end = data.find(b"\r\n", at, at + _LENGTH_DIGITS_MAX)
            digits = data[at:end]
            if end < 0 or not digits or digits.strip(_HEX):
                break
            size = int(digits, 16)
            if not size:
                break
            at = end + 2
        self._left = 0
        self._read = self._chunk_size
        return at

    def _chunk_end(self, line):
        if line != b"\r":
            raise BadResponse("a chunk is longer than its size says: %s" % _shown(line))
        self._read = self._chunk_size


def _are_extensions(text):
    """Whether it is `NAME [= VALUE]`, several with `;` between: section 7.1.1."""
    while True:
        rest = text.lstrip(b" \t")
        text = rest.lstrip(_TOKEN)
        if text == rest:
            return False
        text = text.lstrip(b" \t")
        if text[:1] == b"=":
            rest = text[1:].lstrip(b" \t")
            text = _behind_quoted(rest) if rest[:1] == b'"' else rest.lstrip(_TOKEN)
            if text == rest:
                return False
            text = text.lstrip(b" \t")
        if not text:
            return True
        if text[:1] != b";":
            return False
        text = text[1:]


def _behind_quoted(text):
    """What follows a quoted string (RFC 9110 section 5.6.4); all of it where that has no end."""
    at = 1
    while True:
        end = text.find(b'"', at)
        if end < 0 or b"\r" in text[:end]:
            return text
        escape = text.find(b"\\", at, end)
        if escape < 0:
            return text[end + 1 :]
        at = escape + 2


def _shown(line):
    return utf8.escape(line[:40].rstrip(b"\r"))


def _text(value):
    try:
        return utf8.decode(value)
    except ValueError:
        return "".join([chr(byte) for byte in value])  # ISO-8859-1, as it once was
