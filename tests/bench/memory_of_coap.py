"""Heap that CoAP keeps, for `memory.py`: in use after each step, compiled, on MicroPython.

memory_of_coap.py FOLDER    (of the compiled core)
"""

import gc
import sys

sys.path.insert(0, sys.argv[1])

EXCHANGES = OBSERVERS = 8


def used():
    gc.collect()
    return gc.mem_alloc()


start = used()

import helio.node  # noqa: E402

print("importing helio.node: %d bytes" % (used() - start))

node = helio.node.Node("bench", address="127.0.0.1", port=0, coap_port=0)
print("with a Node that has a CoAP port: %d bytes" % (used() - start))

from helio import runtime  # noqa: E402
from helio.coap.codec import CON, GET, OBSERVE, POST, URI_PATH, encode  # noqa: E402

node.publish("temperature", 21.5)
messages = node.coap().messages
messages.transmit = lambda data, endpoint: None
messages._is_trusted = lambda endpoint: True
ping = encode(CON, POST, 0, b"", ((URI_PATH, b"ping"),), b"")
watch = encode(CON, GET, 0, b"", ((OBSERVE, b""), (URI_PATH, b"temperature")), b"")


first, peer, other = [(runtime.socket_address("127.0.0.1", port), None) for port in (1, 2, 3)]


def receive(template, endpoint, number):
    messages.receive(template[:2] + bytes((0, number)) + template[4:], endpoint, False, 0)


receive(ping, first, 0)
receive(watch, first, 1)
before = used()
for number in range(EXCHANGES):
    receive(ping, peer, number)
print("per exchange that is remembered: %d bytes" % ((used() - before) // EXCHANGES))
before = used()
for number in range(OBSERVERS):
    receive(watch[:1].replace(b"\x40", b"\x41") + watch[1:4] + bytes((number,)) + watch[4:], peer, 100 + number)
assert node.coap().server.observer_count() == OBSERVERS + 1
print("per observer: %d bytes" % ((used() - before) // OBSERVERS))

from helio.coap.request import Client  # noqa: E402

client = Client(messages)
messages._nstart = EXCHANGES + 1
ignore = len
client.request(other, POST, ((URI_PATH, b"ping"),), b"", 0, ignore, ignore)
before = used()
for _ in range(EXCHANGES):
    client.request(other, POST, ((URI_PATH, b"ping"),), b"", 0, ignore, ignore)
print("per request of ours that is under way: %d bytes" % ((used() - before) // EXCHANGES))
