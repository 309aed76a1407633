"""A request and its response, and the requests that it leads to; no I/O, for the shells that fetch."""

from helio.errors import BadResponse, TooLarge, UsageError
from helio.http.limits import REDIRECTS_MAX
from helio.http.response import ResponseParser
from helio.http.url import Url
from helio.runtime_web import GZIP, Gunzip

USER_AGENT = "helio"
_REDIRECTS = (301, 302, 303, 307, 308)
_FOR_ONE_SERVER = ("authorization", "cookie", "host", "proxy-authorization")


class Exchange:
    """What both shells, `fetch` and `get`, know of a response.

    `url` is where it came from in the end, `status` an int, `headers` a mapping from names to str.
    `validator` says which version of the document this is: given with the next request it asks for
    the document only if there is another one by then, and `unchanged` says that there is none.
    """

    def __init__(self, url, method="GET", headers=None, validator=None, max_bytes=None, insecure=False):
        if method not in ("GET", "HEAD"):
            raise UsageError("helio asks with GET and HEAD, not with %s" % method)
        self.url = Url(url)
        self.status = None
        self.headers = None
        self._is_insecure = insecure
        self._method = method
        self._given = {} if headers is None else headers
        self._credentials = self.url.credentials
        self._validator = validator
        self._max_bytes = max_bytes
        self._redirects = 0
        self._parser = ResponseParser(method)
        self._unpacker = None
        self._count = 0

    @property
    def reason(self):
        """What the server calls the status, a str."""
        return self._parser.reason

    @property
    def unchanged(self):
        """Whether the document is still the one of the validator that was sent (304)."""
        return self.status == 304

    @property
    def validator(self):
        """`(etag, last_modified)`, each a str or None, to be given with the next request; None
        where the server named neither (RFC 9110 section 8.8)."""
        etag, modified = self.headers.get("etag"), self.headers.get("last-modified")
        if self.unchanged and etag is None and modified is None:
            return self._validator
        return None if etag is None and modified is None else (etag, modified)

    def _request(self):
        """The bytes that ask for `url`; what is received from now on answers them."""
        self._parser = ResponseParser(self._method)
        fields = {"Host": self.url.authority, "User-Agent": USER_AGENT, "Accept": "*/*"}
        if GZIP:
            fields["Accept-Encoding"] = GZIP
        if self._credentials:
            fields["Authorization"] = _basic(self._credentials)
        if self._validator:
            etag, modified = self._validator
            if etag:
                fields["If-None-Match"] = etag
            if modified:
                fields["If-Modified-Since"] = modified
        lines = ["%s %s HTTP/1.1" % (self._method, self.url.target)]
        given = [name.lower() for name in self._given]
        for source in (fields, self._given):
            for name in source:
                if source is self._given or name.lower() not in given:
                    lines.append("%s: %s" % (name, source[name]))
        for line in lines:
            if "\r" in line or "\n" in line:
                raise UsageError("a field of a request is one line, not %s" % repr(line)[:80])
        lines.append("\r\n")
        return "\r\n".join(lines).encode()

    def _receive(self, data):
        """The bytes of the document that `data` has; give it b"" while there is `_more` to come.

        Raises BadResponse, TooLarge.
        """
        parser = self._parser
        head_is_new = parser.headers is None
        try:
            piece = parser.feed(data)
        except BadResponse as error:
            raise self._named(error) from None
        if head_is_new and parser.headers is not None:
            self._begin_body()
        if self._unpacker:
            piece = self._unpacker.feed(piece)
            if parser.is_done and not self._unpacker.has_more:
                self._unpacker.close()
        self._count += len(piece)
        if self._max_bytes is not None and self._count > self._max_bytes and not self._next_url():
            raise self._too_large()
        return piece

    def _end_of_connection(self):
        """Nothing comes any more. Raises BadResponse when that is too early."""
        try:
            self._parser.close()
        except BadResponse as error:
            raise self._named(error) from None
        if self._unpacker and not self._unpacker.has_more:
            self._unpacker.close()

    def _begin_body(self):
        parser = self._parser
        self.status = parser.status
        self.headers = parser.headers
        self._unpacker = None
        if self._next_url():
            return  # whatever it says more of itself
        coding = parser.headers.get("transfer-encoding", "chunked")
        if coding.lower() not in ("chunked", "identity", "identity, chunked"):
            raise BadResponse("%s sends the document as %s, which nobody asked for" % (self.url.host, coding[:40]))
        coding = parser.headers.get("content-encoding", "").lower()
        if not parser.has_body:
            return
        if coding in ("gzip", "x-gzip") and GZIP:
            self._unpacker = Gunzip()
        elif coding not in ("", "identity", "none"):  # the last is no coding, but there are servers that say it
            raise BadResponse("%s sends the document as %s, which nobody asked for" % (self.url.host, coding[:40]))
        elif self._max_bytes is not None and parser.length is not None and parser.length > self._max_bytes:
            raise self._too_large()

    def _named(self, error):
        return BadResponse("%s: %s" % (self.url.authority, error))  # the parser does not know whose response it reads

    def _too_large(self):
        return TooLarge("%s has more than the %d bytes that were wanted" % (self.url, self._max_bytes))

    @property
    def _more(self):
        return self._unpacker is not None and self._unpacker.has_more

    @property
    def _is_over(self):
        return self._parser.is_done and not self._more

    def _next_url(self):
        location = self.headers.get("location") if self.status in _REDIRECTS else None
        if location is None:
            return None
        try:
            return self.url.join(location)
        except UsageError as error:
            raise BadResponse("%s sends us on, but %s" % (self.url.host, error))

    def _sent_on(self):
        """Whether the response sends us on, to what is now `url`. Raises BadResponse."""
        url = self._next_url()
        if url is None:
            return False
        self._end()
        self._redirects += 1
        if self._redirects > REDIRECTS_MAX:
            raise BadResponse("sent on more than %d times, last to %s" % (REDIRECTS_MAX, url))
        if self.url.scheme == "https" and url.scheme != "https":
            raise BadResponse("%s sends us on to %s, which is not secure" % (self.url.host, url))
        if url.origin != self.url.origin:
            self._credentials = None
            self._given = {name: self._given[name] for name in self._given if name.lower() not in _FOR_ONE_SERVER}
        self.url = url
        self.status = self.headers = None
        self._count = 0
        return True


def _basic(credentials):
    """RFC 7617."""
    from binascii import b2a_base64

    bytes_ = bytearray()
    parts = credentials.encode().split(b"%")
    bytes_.extend(parts[0])
    for part in parts[1:]:
        try:
            bytes_.append(int(part[:2], 16))
            bytes_.extend(part[2:])
        except ValueError:
            bytes_.extend(b"%" + part)
    return "Basic " + str(b2a_base64(bytes_), "ascii").strip()
