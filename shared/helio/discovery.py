"""Finding every node there is: by broadcast (`who`) and by CoAP multicast at once."""

import asyncio
import json

from helio import runtime, runtime_asking
from helio.coap.codec import BAD_REQUEST
from helio.coap.request import uri_options
from helio.errors import HelioError
from helio.handlers import printable
from helio.limits import COAP_GROUP, COAP_PORT, PORT
from helio.lookup import read_hello

_ASK_EVERY_MS = 700  # a datagram may be lost
_CORE = uri_options(".well-known/core")
_DETAILS_MS = 1000  # what a node that was found last has to say what it is


async def discover(node, calls, timeout_s):
    """As `Node.discover`."""
    return await _Discovery(node, calls).run(int(timeout_s * 1000))


class _Discovery:
    def __init__(self, node, calls):
        self._node = node
        self._calls = calls
        self._found = {}  # {(address, CoAP port or None, plain port where there is no other): dict}
        self._tasks = []

    async def run(self, timeout_ms):
        started_ms = runtime.ticks_ms()
        elapsed_ms = 0
        asked = 0
        asking = runtime_asking.open_broadcast(self._node._interfaces)
        groups = []
        try:
            while elapsed_ms < timeout_ms:
                if elapsed_ms >= asked * _ASK_EVERY_MS:
                    asked += 1
                    runtime.broadcast(asking, b"who", {self._node.port or PORT, PORT})
                    groups += self._ask_groups()
                await asyncio.sleep(0.01)
                runtime_asking.drain(asking, self._hello)
                elapsed_ms = runtime.ticks_diff(runtime.ticks_ms(), started_ms)
        finally:
            runtime_asking.close(asking)
            for group in groups:
                group.cancel(self._node.coap().now_ms())
        await self._finish_details()
        return self._once_each()

    def _ask_groups(self):
        """Ask by multicast, from each interface."""
        node = self._node
        if not node.coap_port:
            return []
        client = self._calls.client()
        coap = node.coap()
        groups = []
        for own in coap.sockets.interfaces:
            for port in {node.coap_port, COAP_PORT}:
                endpoint = runtime.socket_address(COAP_GROUP, port), coap.sockets.own(own[0])
                groups.append(client.request_all(endpoint, _CORE, coap.now_ms(), self._links))
        coap.set_alarm()
        return groups

    def _hello(self, data):
        hello = read_hello(data)
        if hello:
            name, address, port, coap_port, board = hello
            entry = self._entry(address, coap_port, port)
            entry.update({"name": name, "port": port, "board": board})

    def _links(self, response):
        address, port = runtime.endpoint(response.endpoint[0])
        entry = self._entry(address, port, None)
        if response.code < BAD_REQUEST:
            entry["messages"] = _paths(response.payload)

    def _entry(self, address, coap_port, port):
        key = address, coap_port, None if coap_port else port
        entry = self._found.get(key)
        if entry is None:
            entry = self._found[key] = {
                "name": None,
                "address": address,
                "port": port,
                "coap_port": coap_port,
                "board": None,
                "firmware": None,
                "messages": None,
                "id": None,
            }
            self._tasks.append(asyncio.create_task(self._details(entry)))
        return entry

    async def _details(self, entry):
        """Ask a node what it is and what it answers to; one that says nothing is left as it is."""
        try:
            if entry["coap_port"] and self._node.coap_port:
                target = entry["address"], entry["coap_port"]
                status = await self._calls.send(target, "status", _DETAILS_MS / 1000)
                if entry["messages"] is None:
                    entry["messages"] = (await self._calls.send(target, "help", _DETAILS_MS / 1000)).split()
            else:
                target = entry["address"], entry["port"]
                status = await self._calls.ask(target, "status", _DETAILS_MS / 1000)
                entry["messages"] = (await self._calls.ask(target, "help", _DETAILS_MS / 1000)).split()
            status = json.loads(status)
            entry["name"] = entry["name"] or status.get("name")
            entry["board"] = entry["board"] or status.get("board")
            entry["firmware"] = status.get("interpreter")
            entry["id"] = status.get("id")
        except (HelioError, ValueError, TypeError, AttributeError):  # no node of helio, perhaps
            pass

    async def _finish_details(self):
        for task in self._tasks:
            await task

    def _once_each(self):
        """What was found, in order, but for ourselves; a node with several addresses at the first."""
        seen = {self._node.id}
        nodes = []
        for entry in sorted(self._found.values(), key=_order):
            id = entry.pop("id")
            if id is None or id not in seen:
                seen.add(id)
                nodes.append(entry)
        return nodes


def _order(entry):
    address = entry["address"]
    return entry["name"] or "~", address.startswith("127."), [int(byte) for byte in address.split(".")]


def _paths(links):
    """The paths of a document in the link format (RFC 6690), without their first slash."""
    paths = []
    for link in links.split(b"<")[1:]:
        end = link.find(b">")
        if link[:1] == b"/" and end > 0:
            paths.append(printable(link[1:end]).decode())
    return paths
