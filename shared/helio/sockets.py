"""The sockets of one port of a node: for each interface one for what is sent to it alone, and one
for what is sent to all, for no datagram tells which it was.
"""

from helio import runtime


class Sockets:
    """The sockets of `port`; 0 lets the system pick one.

    `drain(sock, own, interface, alone)` is called when something has come to `sock`; `own` is
    the one to answer from, `alone` whether it was sent to this node alone. `open_group(interface,
    port)` opens what hears all, where that is not broadcasts but, for each interface, a group.
    """

    def __init__(self, port, drain, open_group=None):
        self.port = port
        self._drain = drain
        self._open_group = open_group
        self._table = {}  # {(own address or where all are heard, alone): (socket, stop watching, interface)}
        self.interfaces = []

    def bind(self, interfaces):
        """Be at exactly these interfaces. Returns those that are new. Raises PortInUse, UsageError."""
        wanted = {(own[0], True): own for own in interfaces}
        for own in reversed(interfaces):
            wanted[own[0] if self._open_group else runtime.group_address(own), False] = own
        for key in [key for key in self._table if wanted.get(key) != self._table[key][2]]:
            self._shut(key)
        new = [own for own in interfaces if (own[0], True) not in self._table]
        self.interfaces = [own for own in self.interfaces if own in interfaces]
        for alone in (True, False):
            for key in wanted:
                if key[1] == alone and key not in self._table:
                    self._open(key, wanted[key])
        self.interfaces = interfaces
        return new

    def _open(self, key, interface):
        address, alone = key
        if not alone and self._open_group:
            sock = self._open_group(interface, self.port)
        elif alone and self.port == 0:
            sock, self.port = runtime.open_any_port(address)
        else:
            sock = runtime.open_udp(address, self.port, group=not alone)
        own = sock if alone else self.own(interface[0])
        stop = runtime.watch(sock, lambda: self._drain(sock, own, interface, alone))
        self._table[key] = sock, stop, interface

    def own(self, address):
        """The socket of one of the node's own addresses; for any other, of the first."""
        key = address, True
        return self._table[key if key in self._table else (self.interfaces[0][0], True)][0]

    def _shut(self, key):
        sock, stop, _ = self._table.pop(key)
        stop()
        sock.close()

    def close(self):
        """Close them all."""
        for key in list(self._table):
            self._shut(key)
        self.interfaces = []
