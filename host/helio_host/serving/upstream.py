"""Asking for documents over HTTP, with care: of whom, how often redirected, how much and how long.

Addresses that are not public are refused where they are resolved, so that neither a redirect nor a
name that changes its address leads into the house; but for what was configured to be there.
"""

import asyncio
import ipaddress
import zlib

import aiohttp
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from helio import __version__
from helio.errors import NetworkError, NoAnswer, Refused, UsageError
from helio.http.fetch import web_error
from helio.http.url import Url
from helio.runtime_web_cpython import connection_error
from helio_host.cli import printable
from helio_host.serving.limits import CONNECT_TIMEOUT_S, REDIRECTS_MAX, UPSTREAM_MAX_BYTES, UPSTREAM_TIMEOUT_S

HEADERS = {
    "User-Agent": "helio/%s (helio serve: a cache of feeds and weather for small boards)" % __version__,
    "Accept": "application/rss+xml, application/atom+xml, application/xml, text/xml, application/json, */*;q=0.1",
    "Accept-Encoding": "gzip",
}
_PIECE_BYTES = 65536
_GZIP = 16 + zlib.MAX_WBITS
_REDIRECTS = (301, 302, 303, 307, 308)
_AT_HOME = (".localhost", ".local", ".lan", ".home", ".home.arpa", ".internal")  # names that are never public
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address is in its last four bytes


class PrivateAddress(OSError):
    """A host is at an address that is not public, and was not configured to be."""


class Answer:
    """What a server said: `status`, `reason` in its words, `headers`, `url` (a str, where the redirects
    ended), and `body`, the bytes of a 200, unpacked."""

    def __init__(self, status, reason, headers, url, body):
        self.status = status
        self.reason = reason
        self.headers = headers
        self.url = url
        self.body = body


class Client:
    """Fetches from anywhere public, and from the `(host, port)` pairs in `allowed`; to be closed."""

    def __init__(self, allowed):
        self._allowed = frozenset(allowed)
        self._session = aiohttp.ClientSession(
            # not limited: who waited for others would be taken for a server that does not answer
            connector=aiohttp.TCPConnector(resolver=_Resolver(self._allowed), limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=UPSTREAM_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            auto_decompress=False,  # a few KB may unpack to gigabytes: we look while unpacking
            headers=HEADERS,
        )

    async def close(self):
        """Close the connections."""
        await self._session.close()

    async def get(self, url, validators=None):
        """The Answer at `url`. `validators` is `(url, headers)`: headers to ask with where the redirects
        lead to just that URL. Raises NoAnswer, Refused or NetworkError, in one sentence."""
        try:
            return await asyncio.wait_for(self._follow(URL(url), validators), UPSTREAM_TIMEOUT_S)
        except asyncio.TimeoutError:
            raise NoAnswer("%s did not answer in time" % host_of(url)) from None
        except zlib.error:
            raise Refused("%s says it sends gzip, and does not" % host_of(url)) from None
        except PrivateAddress as error:
            raise Refused(str(error)) from None
        except aiohttp.ClientConnectorError as error:
            raise _meaning(error) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError("%s %s" % (host_of(url), _reason(error))) from None

    async def _follow(self, url, validators):
        for _ in range(REDIRECTS_MAX + 1):
            self._check(url)
            asked_with = validators[1] if validators and validators[0] == str(url) else {}
            async with self._session.get(url, headers=asked_with, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or not location:
                    body = await _read(response) if response.status == 200 else b""
                    return Answer(response.status, response.reason or "", response.headers, str(url), body)
            then = url.join(URL(location))
            if url.scheme == "https" and then.scheme == "http":
                raise Refused("%s redirects to %s, which is not secure" % (url.host, printable(str(then))[:100]))
            url = then
        raise Refused("%s redirects more than %d times" % (url.host, REDIRECTS_MAX))

    def _check(self, url):
        """What no resolver will be asked about."""
        if url.scheme not in ("http", "https") or not url.host:
            raise Refused("a redirect leads to %s, which is no http:// or https://" % printable(str(url))[:100])
        host = url.raw_host
        if (":" in host or host.replace(".", "").isdigit()) and (host, url.port) not in self._allowed:
            if not is_public(host):
                raise PrivateAddress(_refusal(host, host, url.port))


class _Resolver(ThreadedResolver):
    def __init__(self, allowed):
        super().__init__()
        self._allowed = allowed

    async def resolve(self, host, port=0, family=0):
        found = await super().resolve(host, port, family)
        if (host, port) in self._allowed:
            return found
        public = [address for address in found if is_public(address["host"])]
        if not public:
            raise PrivateAddress(_refusal(host, found[0]["host"] if found else "no address", port))
        return public


def _refusal(host, address, port):
    where = host if host == address else "%s (%s)" % (host, address)
    what_to_do = "to allow its port %d, have a source there with private = true in a --config file" % port
    return "%s is a private address: %s" % (where, what_to_do)


def _meaning(error):
    """The error that says why there is no connection."""
    if isinstance(error.os_error, PrivateAddress):
        return Refused(str(error.os_error))
    url = Url(str(URL.build(scheme="https" if error.port == 443 else "http", host=error.host, port=error.port)))
    meaning = connection_error(error.os_error, url)
    return web_error(meaning, url) if isinstance(meaning, OSError) else meaning


def _reason(error):
    """What went wrong with a server, in words without the URL, which may have secrets in it."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "closed the connection without an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "broke off before all of the document had come"
    if isinstance(error, aiohttp.ClientResponseError):
        return "does not speak HTTP as it should"
    if isinstance(error, ValueError):  # aiohttp.InvalidURL is one too
        return "redirects to what is no URL"
    words = getattr(error, "message", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return "cannot be reached: %s" % printable(str(words))[:200]


def is_public(address):
    """Whether an address, a str, is one that the whole internet shares."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # as 127.1, which the system would take for 127.0.0.1
        return False
    if ip.version == 6:
        ip = ip.ipv4_mapped or ip.sixtofour or ip
        if ip in _NAT64:
            ip = ipaddress.ip_address(ip.packed[-4:])
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def origin(url):
    """`(host, port)` of a URL. Raises UsageError for what is no http:// or https:// URL."""
    try:
        parsed = URL(url)
        if parsed.scheme in ("http", "https") and parsed.raw_host and parsed.port:
            return parsed.raw_host, parsed.port
    except ValueError:
        pass
    raise UsageError("%r is no URL: write it like https://example.org/feed.xml" % printable(url)[:100])


def is_at_home(host):
    """Whether a host is written so that nobody can mean a public one: an address that is not, or a
    name that only a home network knows."""
    if ":" in host or host.replace(".", "").isdigit():
        return not is_public(host)
    return "." not in host.rstrip(".") or host.rstrip(".").endswith(_AT_HOME)


def host_of(url):
    """The host of a URL, for an error."""
    return origin(url)[0]


def without_secrets(url):
    """A URL for people: without a password, and without a query, where keys of services are."""
    parsed = URL(url)
    return str(parsed.with_user(None).with_query(None).with_fragment(None)) + ("?…" if parsed.query_string else "")


async def _read(response):
    """The whole body, unpacked. Raises Refused when it is too large or packed in another way."""
    too_large = Refused("%s sends more than %d bytes" % (response.url.host, UPSTREAM_MAX_BYTES))
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip", ""):
        raise Refused("%s sends %s, which it was not asked for" % (response.url.host, printable(packing)[:20]))
    if (response.content_length or 0) > UPSTREAM_MAX_BYTES:
        raise too_large
    unpacker = zlib.decompressobj(_GZIP) if "gzip" in packing else None
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE_BYTES):
        body += unpacker.decompress(piece, UPSTREAM_MAX_BYTES + 1 - len(body)) if unpacker else piece
        if len(body) > UPSTREAM_MAX_BYTES:
            raise too_large
    if unpacker and not unpacker.eof:
        raise Refused("%s sends less than all of its document" % response.url.host)
    return bytes(body)
