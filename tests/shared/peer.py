"""What tests of nodes share: a peer that is nothing but a socket, and a free port."""

from helio import runtime, runtime_asking

BROADCAST = "127.255.255.255"
FENCE = "help ping"
FENCE_ANSWER = "ok ping answers at once"
WAIT_MS = 5000  # longer than anything here takes: only a failing test waits it out


def free_port(address="127.0.0.1"):
    """A port that is free on an address, and so on all who share it."""
    sock, port = runtime.open_any_port(address)
    sock.close()
    return port


class Peer:
    """A socket at `address` that sends and receives text."""

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self._sock, self.port = runtime.open_any_port(address)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._sock.close()

    def send(self, data, host, port):
        """Send one datagram, bytes or str."""
        data = data.encode() if isinstance(data, str) else data
        self._sock.sendto(data, runtime.socket_address(host, port))

    async def receive(self):
        """The next datagram's text. Fails when none comes."""
        return (await self.receive_from())[0]

    async def receive_from(self):
        """The next datagram's text and where it came from, `(text, (host, port))`."""
        assert await runtime_asking.readable(self._sock, WAIT_MS), "nothing came"
        data, address = self._sock.recvfrom(1100)
        return data.decode(), runtime.endpoint(address)

    async def ask(self, data, host, port):
        """What answers one datagram."""
        self.send(data, host, port)
        return await self.receive()

    async def sent_by(self, host, port):
        """All that a node has sent to this peer so far, a list of texts. Three questions more,
        one after the other, give the answers that wait for their turn the time to come."""
        came = []
        for _ in range(3):
            self.send(FENCE, host, port)
            while True:
                text = await self.receive()
                if text == FENCE_ANSWER:
                    break
                came.append(text)
        return came
