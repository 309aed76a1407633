"""The addresses of the web (RFC 3986): taken apart, and a relative one joined to its base."""

from helio.errors import UsageError
from helio.http.limits import URL_MAX_BYTES, URL_SHOWN_MAX

_PORTS = {"http": 80, "https": 443}
_HOST = "abcdefghijklmnopqrstuvwxyz0123456789-._"  # as they are used; the rest comes as `xn--…`
_TARGET = (  # what may stand in a request as it is: section 2.2 and 2.3, and `%`
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?@!$&'()*+,;=%[]|"
)


class Url:
    """An address of the web. `scheme` is http or https, `host` is in small letters and without the
    brackets of an IPv6 address, `port` is an int, `target` is what the server is asked for (path and
    query, from `/`), `credentials` are `USER:PASSWORD` as written, or None. `str()` leaves those out.

    Raises UsageError when `text` is no such address.
    """

    def __init__(self, text):
        text = text.strip()
        scheme, colon, rest = text.partition("://")
        self.scheme = scheme.lower()
        if not colon:
            raise _wrong(text, "it is to begin with http:// or https://")
        if self.scheme not in _PORTS:
            raise _wrong(text, "only http:// and https:// can be read")
        rest = rest.partition("#")[0]
        end = len(rest)
        for mark in "/?\\":
            at = rest.find(mark, 0, end)
            end = end if at < 0 else at
        authority = rest[:end]
        self.target = _quoted(rest[end:], text)
        if self.target[:1] != "/":
            self.target = "/" + self.target
        credentials, at, authority = authority.rpartition("@")
        self.credentials = credentials if at else None
        if authority[:1] == "[":
            host, bracket, port = authority[1:].partition("]")
            if not bracket or host.lower().strip("0123456789abcdef:.") or ":" not in host:
                raise _wrong(text, "[…] is to hold an IPv6 address")
            if port and port[0] != ":":
                raise _wrong(text, "only a port can stand behind [%s]" % host)
            port = port[1:]
            self.host = host.lower()
        else:
            host, _, port = authority.partition(":")
            self.host = _host_name(host.lower(), text)
        if port.strip("0123456789") or len(port) > 5 or port and not 0 < int(port) < 65536:
            raise _wrong(text, "its port is to be a number from 1 to 65535")
        self.port = int(port) if port else _PORTS[self.scheme]

    @property
    def authority(self):
        """The host, and the port where it is not the usual one: the value of the field Host."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else "%s:%d" % (host, self.port)

    @property
    def origin(self):
        """`(scheme, host, port)`: what credentials and open connections belong to (RFC 6454)."""
        return self.scheme, self.host, self.port

    def __str__(self):
        return "%s://%s%s" % (self.scheme, self.authority, self.target)

    def join(self, reference):
        """The Url that `reference`, a str, means on a page at this one (section 5.2)."""
        reference = reference.strip().partition("#")[0]
        for mark, start in (("//", self.scheme + ":"), ("/", self._base()), ("?", self._base() + self._path())):
            if reference.startswith(mark):
                return Url(start + reference)
        if _has_scheme(reference):
            return Url(reference)
        if not reference:
            return Url(self._base() + self.target)
        return Url(self._base() + self._path().rpartition("/")[0] + "/" + reference)

    def _base(self):
        return "%s://%s" % (self.scheme, self.authority)

    def _path(self):
        return self.target.partition("?")[0]


def _has_scheme(reference):
    scheme, colon, _ = reference.partition(":")
    return colon and scheme and not scheme.lower().strip("abcdefghijklmnopqrstuvwxyz0123456789+-.")


def _host_name(host, text):
    if not host:
        raise _wrong(text, "it has no host")
    if host.strip(_HOST):
        try:
            host = str(host.encode("idna"), "ascii")  # MicroPython has no IDNA and gives UTF-8
        except UnicodeError:
            raise _wrong(text, "nothing has a host of that name")
    if host.strip(_HOST):
        raise _wrong(text, "its host has characters that none can have")
    return host


def _quoted(target, text):
    target = _without_dots(target)
    if target.strip(_TARGET):
        found = []
        for byte in target.encode():
            character = chr(byte)
            if byte < 32 or byte == 127:
                raise _wrong(text, "it has a control character")
            found.append(character if character in _TARGET else "%%%02X" % byte)
        target = "".join(found)
    if len(target) > URL_MAX_BYTES:
        raise _wrong(text, "it has more than %d bytes" % URL_MAX_BYTES)
    return target


def _without_dots(target):
    """Section 5.2.4: `.` and `..` are gone from the path."""
    path, question, query = target.partition("?")
    if "/." not in path:
        return target
    kept = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) + question + query


def _wrong(text, why):
    shown = " ".join(text[:URL_SHOWN_MAX].split())  # one line
    return UsageError("%s is no web address: %s" % (shown or "''", why))
