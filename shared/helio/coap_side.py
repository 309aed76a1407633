"""The CoAP side of one node: around the protocol without I/O, its sockets and its clock.

Loaded when a node with a CoAP port is made. An endpoint here is `(address, socket)`: the peer's
address as `recvfrom` gives it, and our socket that it talks to.
"""

import asyncio
import socket

from helio import runtime
from helio.coap import limits
from helio.confirmed import Confirmed
from helio.errors import UsageError
from helio.limits import ALARM_MAX_MS, BURST_MAX, COAP_GROUP
from helio.sockets import Sockets

_RECEIVE_BYTES = limits.COAP_DATAGRAM_MAX_BYTES + 1  # to know that it was too long
_IPPROTO_IP, _IP_MULTICAST_ALL = 0, 49  # the latter is Linux's


class CoapSide:
    """The CoAP side of `node`, of which it is a part, on `port`.

    `changes` overrides some of the limits that the protocol is given. Raises UsageError.
    """

    def __init__(self, node, handlers, port, changes):
        memory = dict(limits.BOARD if runtime.MICROPYTHON else limits.DESKTOP)
        for key in changes:
            if key not in memory:
                raise UsageError("%r is no limit of CoAP: there are %s" % (key, ", ".join(sorted(memory))))
        memory.update(changes)
        self._node = node
        self._counts = node.counts
        self._alarm = None  # the task that waits for the next `tick`, which comes at
        self._alarm_ms = 0
        self.now_ms = runtime.clock()  # a function: milliseconds that only grow
        self._wakes = 0  # of `_drain`, and how many datagrams the last one found
        self._found = 0
        self.sockets = Sockets(port, self._drain, _open_multicast)
        self.confirmed = Confirmed(
            handlers,
            node.counts,
            lambda endpoint: runtime.endpoint(endpoint[0]),
            self._transmit,
            lambda endpoint: node.is_trusted(endpoint[0]),
            memory,
            node.deliver,
            runtime.print_exception,
            self._spawn,
        )
        self.server = self.confirmed.server
        self.messages = self.confirmed.messages

    def publish(self, name, value):
        """As `Node.publish`."""
        self.confirmed.publish(name, value, self.now_ms())
        self.set_alarm()

    def notify(self, resource):
        """As `Node.notify`."""
        self.server.notify(resource, self.now_ms())
        self.set_alarm()

    def _drain(self, sock, own, interface, alone):
        receive = self.messages.receive
        now_ms = self.now_ms()
        # To ask whether more is there costs as much as a datagram, and a wake twice as much: after
        # a wake that found one, only now and then.
        self._wakes += 1
        limit = BURST_MAX if self._found > 1 or not self._wakes & 7 else 1
        found = 0
        while found < limit:
            try:
                data, address = sock.recvfrom(_RECEIVE_BYTES)
            except OSError:
                break
            found += 1
            try:
                if alone:
                    receive(data, (address, own), False, now_ms)
                elif runtime.endpoint(address) != (interface[0], self.sockets.port):  # what we sent comes back too
                    receive(data, (address, own), True, now_ms)
            except MemoryError:  # it is repeated, or was in vain; the node goes on
                self._counts["dropped"] += 1
        self._found = found
        self._counts["received"] += found
        self.set_alarm()

    def _transmit(self, data, endpoint):
        try:
            endpoint[1].sendto(data, endpoint[0])
        except OSError:
            self._counts["dropped"] += 1

    def _spawn(self, request, reply):
        self._node.start_task(self._respond(request, reply))

    async def _respond(self, request, reply):
        request.respond_with(await reply, self.now_ms())
        self.set_alarm()

    def set_alarm(self):
        """Have `tick` called when the message layer wants it; once a day for the clock's sake."""
        due_ms = self.messages.next_ms
        if self._alarm and (due_ms is None or due_ms >= self._alarm_ms) or not self.sockets.interfaces:
            return
        if self._alarm:
            self._alarm.cancel()
        now_ms = self.now_ms()
        wait_ms = ALARM_MAX_MS if due_ms is None else min(ALARM_MAX_MS, max(0, due_ms - now_ms))
        self._alarm_ms = now_ms + wait_ms
        self._alarm = asyncio.create_task(self._tick_after(wait_ms))

    async def _tick_after(self, wait_ms):
        await asyncio.sleep(wait_ms / 1000)
        self._alarm = None
        self.messages.tick(self.now_ms())
        self.set_alarm()

    def close(self):
        """Close the sockets, and wait for nothing."""
        self.sockets.close()
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None


def _open_multicast(interface, port):
    """A socket that hears what is sent to all CoAP nodes on one interface."""
    exactly = runtime.HEARS_EXACTLY
    sock = runtime.open_udp(COAP_GROUP if exactly else "0.0.0.0", port, group=True)
    try:
        if exactly:  # else it hears what other sockets of this machine have joined
            sock.setsockopt(_IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        group = bytes([int(byte) for byte in (COAP_GROUP + "." + interface[0]).split(".")])
        sock.setsockopt(_IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    except OSError:  # an interface that knows no multicast: the node is still found by broadcast
        pass
    return sock
