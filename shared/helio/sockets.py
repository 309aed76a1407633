"""The sockets of one port of a node: for each interface one for what is sent to it alone, and one
for what is sent to all, for no datagram tells which it was.
"""

from helio import runtime
from helio.errors import NetworkError


class Link:
    """One socket that is watched: `interface` is the one it is for, `alone` whether it hears what
    is sent to that alone, `own` the socket to answer from."""

    def __init__(self, sock, interface, alone):
        self.sock = sock
        self.interface = interface
        self.alone = alone
        self.own = sock

    def close(self):
        self.stop()
        self.sock.close()


class Sockets:
    """The sockets of `port`; 0 lets the system pick one.

    `drain(link)` is called when something has come to one of them. With `multicast`, all that
    hear what is sent to that group are meant by "all", else all that hear broadcasts.
    """

    def __init__(self, port, drain, multicast=None):
        self.port = port
        self._drain = drain
        self._multicast = multicast
        self._links = {}  # (own address or where all are heard, whether it is for us alone): Link
        self.interfaces = []

    def bind(self, interfaces):
        """Be at exactly these interfaces. Returns those that are new. Raises PortInUse, UsageError."""
        wanted = {(own[0], True): own for own in interfaces}
        for own in reversed(interfaces):
            # a group is heard by a socket for each interface, broadcasts where they are sent to
            wanted[own[0] if self._multicast else runtime.group_address(own), False] = own
        for key in [key for key in self._links if wanted.get(key) != self._links[key].interface]:
            self._links.pop(key).close()
        new = [own for own in interfaces if (own[0], True) not in self._links]
        self.interfaces = [own for own in self.interfaces if own in interfaces]
        for alone in (True, False):
            for key in wanted:
                if key[1] == alone and key not in self._links:
                    self._open(key, wanted[key])
        self.interfaces = interfaces
        return new

    def _open(self, key, interface):
        address, alone = key
        if not alone and self._multicast:
            sock = runtime.open_multicast(self._multicast, self.port, interface)
        elif alone and self.port == 0:
            sock, self.port = runtime.open_any_port(address)
        else:
            sock = runtime.open_udp(address, self.port, group=not alone)
        link = Link(sock, interface, alone)
        if not alone:
            link.own = self._links[interface[0], True].sock
        link.stop = runtime.watch(sock, lambda: self._drain(link))
        self._links[key] = link

    def own(self, host):
        """The socket to send to `host` from. Raises NetworkError while there is no network."""
        if not self.interfaces:
            raise NetworkError("this node has no network yet: wait until it has joined one")
        own = runtime.source_address(host) if len(self.interfaces) > 1 else None
        key = own, True
        return self._links[key if key in self._links else (self.interfaces[0][0], True)].sock

    def to_all(self, interfaces=None):
        """`[(socket, interface), …]` to send to all from, for `runtime.broadcast`."""
        return [(self._links[own[0], True].sock, own) for own in interfaces or self.interfaces]

    def close(self):
        for link in self._links.values():
            link.close()
        self._links = {}
        self.interfaces = []
