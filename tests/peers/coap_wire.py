"""A wire between a CoAP client and a server: what passes is kept, as aiocoap reads it, and may be lost."""

import asyncio
import itertools
import time

import aiocoap

HERE = "127.0.0.1"
TIMEOUT_S = 40  # only ever waited for in full when a test fails

# An observer that is gone is notified on, by each server it had: no wire gets another's ports.
_own_addresses = ("127.1.%d.%d" % divmod(number, 256) for number in itertools.count(1))


class Passed:
    """One datagram that came to the wire."""

    def __init__(self, from_client, data, lost):
        self.from_client = from_client
        self.data = data
        self.message = aiocoap.Message.decode(data)
        self.lost = lost

    def __repr__(self):
        message = self.message
        options = ", ".join(["%s=%r" % (int(option.number), option.encode()) for option in message.opt.option_list()])
        return "%s%s %s %s mid=%d token=%s [%s] %r" % (
            *("-> " if self.from_client else "<- ", "lost " if self.lost else "", message.mtype, message.code),
            *(message.mid, message.token.hex(), options, message.payload[:40]),
        )


class Wire(asyncio.DatagramProtocol):
    """It stands where the server would, at `port`, and passes on what comes.

    `lose(passed)` says what is lost; `log` is everything, in order.
    """

    def __init__(self, server):
        self.server = server
        self.log = []
        self.lose = lambda passed: False
        self._changed = asyncio.Event()
        self._address = next(_own_addresses)
        self._links = {}  # {client's address: the socket that stands for it}

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HERE, 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *error):
        for transport in [self._transport, *self._links.values()]:
            transport.close()

    def datagram_received(self, data, address):
        if self._passes(True, data):
            asyncio.ensure_future(self._to_server(data, address))

    async def _to_server(self, data, address):
        if address not in self._links:
            loop = asyncio.get_running_loop()
            back = _Back(self, address)
            self._links[address], _ = await loop.create_datagram_endpoint(lambda: back, local_addr=(self._address, 0))
        self._links[address].sendto(data, self.server)

    def to_client(self, data, address):
        """Pass on what the server sent."""
        if self._passes(False, data):
            self._transport.sendto(data, address)

    def _passes(self, from_client, data):
        passed = Passed(from_client, data, False)
        passed.lost = bool(self.lose(passed))
        self.log.append(passed)
        self._changed.set()
        return not passed.lost

    def forget_links(self):
        """Let what comes next come to the server from new ports."""
        for transport in self._links.values():
            transport.close()
        self._links = {}

    async def until(self, condition):
        """What `condition()` gives, once that is true; it is tried after each datagram."""
        end_s = time.monotonic() + TIMEOUT_S
        while True:
            found = condition()
            if found:
                return found
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), max(0, end_s - time.monotonic()))
            except asyncio.TimeoutError:
                raise AssertionError("waited in vain; there were\n" + self.text()) from None

    def find(self, from_client, **wanted):
        """The messages of one side with these attributes; `mtype` and `code` as aiocoap's."""
        return [
            passed.message
            for passed in self.log
            if passed.from_client == from_client
            and all(getattr(passed.message, name) == value for name, value in wanted.items())
        ]

    def requests(self):
        """What the client asked, retransmissions included."""
        return [message for message in self.find(True) if message.code.is_request()]

    def responses(self):
        """What the server answered, retransmissions and notifications included."""
        return [message for message in self.find(False) if message.code.is_response()]

    def sent_by_server(self, mid):
        """The datagrams of the server's with this message ID."""
        return [passed.data for passed in self.log if not passed.from_client and passed.message.mid == mid]

    def notifications(self):
        """The responses after the first."""
        return self.responses()[1:]

    def text(self):
        """The latest that passed, for a person to read."""
        return "\n".join(map(repr, self.log[-40:]))


class _Back(asyncio.DatagramProtocol):
    """The way back from the server to one client."""

    def __init__(self, wire, address):
        self._wire = wire
        self._address = address

    def datagram_received(self, data, address):
        self._wire.to_client(data, self._address)
