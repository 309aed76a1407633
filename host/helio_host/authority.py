"""Which authority vouches for a https:// server: the root certificate that its chain ends in."""

import socket
import ssl

from helio.errors import NetworkError, Untrusted
from helio.runtime_web_cpython import connection_error

TIMEOUT_S = 15
_DER = 2  # _ssl.ENCODING_DER


def find_root(url):
    """The certificate of the authority, DER, bytes, that the chain of the server of a `Url` ends in; a
    connection that trusts nobody else has been made to prove it.

    Raises UnknownTarget, NetworkError, Untrusted when this machine does not trust the server either.
    """
    root = _connect(url, ssl.create_default_context())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root)
    try:
        _connect(url, context)
    except Untrusted as error:
        raise Untrusted("%s has several chains, and none of them holds by itself: %s" % (url.host, error)) from None
    return root


def _connect(url, context):
    """The last certificate of the chain that was verified."""
    try:
        with (
            socket.create_connection((url.host, url.port), TIMEOUT_S) as sock,
            context.wrap_socket(sock, server_hostname=url.host) as secure,
        ):
            return _verified_chain(secure)[-1]
    except (OSError, UnicodeError) as error:
        error = connection_error(error, url)
        if isinstance(error, OSError):
            error = NetworkError("no connection to %s (%s)" % (url.authority, error.strerror or error))
        raise error from None


def _verified_chain(secure):
    """DER, from the server's own to the root's."""
    if hasattr(secure, "get_verified_chain"):
        return secure.get_verified_chain()
    # before Python 3.13 only the object below the socket has it
    return [certificate.public_bytes(_DER) for certificate in secure._sslobj.get_verified_chain()]
