"""Targets, and how a node is found by its name, without I/O.

A target is `NAME`, `ADDRESS`, `NAME:PORT` or `ADDRESS:PORT`. A name is asked for by broadcast
(`who NAME`), and answered by the node of that name with `hello NAME ADDRESS PORT …`.
"""

from helio.errors import BadMessage, NoAnswer, UnknownTarget, UsageError
from helio.limits import WHO_REPEAT_MS
from helio.message import Message, is_name


def parse_target(target):
    """`(host, port or None, whether host is a name)` of a target.

    A pair `(host, port)`, such as a message's sender, is a target too. Raises UsageError.
    """
    if isinstance(target, tuple):
        target = "%s:%d" % target
    if not isinstance(target, str):
        raise UsageError("a target is a name or an address, like 'kitchen': got %s" % type(target))
    if target == "all":
        raise UsageError("'all' is for plain messages: tell('all', …); or ask each that discover() finds")
    host, colon, port = target.partition(":")
    number = None
    if colon:
        number = int(port) if port and len(port) < 6 and not port.strip("0123456789") else 0
        if not 0 < number < 65536:
            raise UsageError("%r has no port after its colon: write it like kitchen:10001" % target)
    if "." in host and not host.strip("0123456789."):
        parts = host.split(".")
        if len(parts) != 4 or not all([0 < len(part) < 4 and int(part) < 256 for part in parts]):
            raise UsageError("%r is not an address: four numbers up to 255, like 192.168.1.55" % host)
        return ".".join([str(int(part)) for part in parts]), number, False  # the system reads 010 as 8
    if host == "localhost":
        return "127.0.0.1", number, False
    if not is_name(host):
        raise UsageError("%r is neither a name nor an address: write kitchen, or 192.168.1.55" % target)
    return host, number, True


def read_hello(data):
    """`(name, address, port, CoAP port, board)` of a `hello …`, or None for what is none; a port
    that the node has not is None."""
    try:
        message = Message.parse(data)
        name, address, port, coap_port, board = (message.args + ["-", ""])[:5]
        address, port, is_name_too = parse_target(address if port == "-" else address + ":" + port)
        coap_port = None if coap_port == "-" else parse_target(address + ":" + coap_port)[1]
    except (BadMessage, UsageError, ValueError):  # ValueError: too few words
        return None
    if message.name != "hello" or is_name_too or not is_name(name):
        return None
    return name, address, port, coap_port, board


class Who:
    """One search for the node called `name`: what to ask when, and who said hello.

    Times are milliseconds since the search began; it is over after `WHO_TIMEOUT_MS`.
    """

    def __init__(self, name):
        self._name = name
        self._asked = 0
        self.endpoint = None  # (address, port, CoAP port or None) once the node has answered
        self.names = []  # of the nodes that answered instead
        self.host = name if "." in name else name + ".local"  # to look up when nobody answers

    def due(self, elapsed_ms):
        """The datagram to broadcast now, or None. Every second one asks who else is there."""
        if elapsed_ms < self._asked * WHO_REPEAT_MS:
            return None
        self._asked += 1
        return b"who" if self._asked % 2 == 0 else b"who " + self._name.encode()

    def receive(self, data):
        """Take in what came back; what is no `hello` from an address is passed over."""
        hello = read_hello(data)
        if hello and hello[0] == self._name:
            self.endpoint = hello[1:4]
        elif hello and hello[0] not in self.names:
            self.names.append(hello[0])

    def place(self, confirmed):
        """`(address, port)` of the node that has answered. Raises NoAnswer where it speaks no CoAP."""
        address, port, coap_port = self.endpoint
        if confirmed and not coap_port:
            raise NoAnswer("%s takes plain messages only: send this one as a plain one" % self._name)
        return address, coap_port if confirmed else port

    def unknown(self):
        """The UnknownTarget to raise when nobody of that name has answered."""
        others = "these did: " + ", ".join(sorted(self.names)) if self.names else "nor did any other node"
        return UnknownTarget("nobody called %r answered; %s" % (self._name, others))
