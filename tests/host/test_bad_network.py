"""Confirmed messages to a virtual board over a network that loses, doubles and delays datagrams."""

import asyncio
import random

from simulated import Simulated

from helio.errors import NoAnswer
from helio.node import Node

SENDERS, MESSAGES = 12, 3
LOST, DOUBLED, DELAYED = 0.2, 0.1, 0.2  # of all datagrams
DELAY_MAX_S = 0.3


def test_each_message_is_handled_once_or_its_sender_told():
    asyncio.run(send_over_a_bad_network())


async def send_over_a_bad_network():
    async with Simulated() as simulated:
        ready = await simulated.next("ready")
        network = BadNetwork(random.Random(7), (ready["address"], ready["coap_port"]))
        outcomes = {}

        async def send(number):
            port = await network.open()
            async with Node("desk", address="127.0.0.1", port=None, coap_port=0) as node:
                for i in range(MESSAGES):
                    text = "say %d.%d" % (number, i)
                    try:
                        outcomes[text] = await node.send(("127.0.0.1", port), text, timeout_s=8)
                    except NoAnswer:
                        outcomes[text] = None

        await asyncio.gather(*[send(number) for number in range(SENDERS)])
        network.close()
        await simulated.until(lambda: len(simulated.of("log")) >= list(outcomes.values()).count(""))
        handled = [event["text"] for event in simulated.of("log") if "." in event["text"]]
        assert len(handled) == len(set(handled)), "one was handled twice"
        for text, reply in outcomes.items():
            assert reply in ("", None), text
            assert reply is None or text[4:] in handled, text
        assert len(outcomes) == SENDERS * MESSAGES and list(outcomes.values()).count("") > SENDERS
        assert network.lost > 10 and network.doubled > 3


class BadNetwork:
    """Carries datagrams to `target` and back, badly, from a seed."""

    def __init__(self, chance, target):
        self._chance = chance
        self._target = target
        self._transports = []
        self.lost = self.doubled = 0

    async def open(self):
        """A port whose datagrams go to the target, and the answers to who used it last."""
        loop = asyncio.get_running_loop()
        inner, there = await loop.create_datagram_endpoint(lambda: End(self), remote_addr=self._target)
        outer, here = await loop.create_datagram_endpoint(lambda: End(self), local_addr=("127.0.0.1", 0))
        here.send = inner.sendto
        there.send = lambda data: outer.sendto(data, here.peer)
        self._transports += inner, outer
        return outer.get_extra_info("sockname")[1]

    def carry(self, send, data):
        """Send a datagram, or not, or twice, or later."""
        if self._chance.random() < LOST:
            self.lost += 1
            return
        copies = 2 if self._chance.random() < DOUBLED else 1
        self.doubled += copies - 1
        for _ in range(copies):
            delay_s = self._chance.random() * DELAY_MAX_S if self._chance.random() < DELAYED else 0
            asyncio.get_running_loop().call_later(delay_s, self._send, send, data)

    def _send(self, send, data):
        if self._transports:
            send(data)

    def close(self):
        for transport in self._transports:
            transport.close()
        self._transports = []


class End(asyncio.DatagramProtocol):
    def __init__(self, network):
        self._network = network
        self.peer = None

    def datagram_received(self, data, address):
        self.peer = address
        self._network.carry(self.send, data)
