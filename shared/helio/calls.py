"""What a node asks others: plain and confirmed messages, requests, values, who there is.

Loaded when a node first asks, for one that only answers has no need of it.
"""

import asyncio

from helio import runtime, runtime_asking
from helio.errors import NetworkError, NoAnswer, UsageError
from helio.limits import COAP_PORT, HOST_TIMEOUT_MS, PORT, WHO_TIMEOUT_MS
from helio.lookup import Who, parse_target, read_hello
from helio.plain import RECEIVE_BYTES
from helio.question import encoded, no_answer, read_answer


class Calls:
    """The calls of one node, which it is a part of."""

    def __init__(self, node):
        self._node = node
        self._coap = node._coap
        self._client = None
        self._waiters = set()
        self.followed = set()  # each Following that has not ended

    # --- plain messages

    def broadcast(self, text):
        """As `Node.broadcast`."""
        return self._node.broadcast_plain(encoded(text))

    async def tell(self, target, text):
        """As `Node.tell`."""
        node = self._node
        data = encoded(text)
        if target == "all":
            node.broadcast_plain(data)
            return
        host, port = await self.resolve(target)
        if not node._sockets:
            raise UsageError("this node has no port for plain messages: make it without port=None")
        try:
            self._own_socket(node._sockets, host).sendto(data, runtime.socket_address(host, port))
        except OSError as error:
            raise runtime_asking.network_error(error, host, port)

    async def ask(self, target, text, timeout_s):
        """As `Node.ask`."""
        data = encoded(text)
        host, port = await self.resolve(target)
        sock = runtime_asking.connect_udp(self._node._confined_to, host, port)  # one a question: no answer goes astray
        try:
            timeout_ms = int(timeout_s * 1000)
            started_ms = runtime.ticks_ms()
            sock.send(data)
            while await runtime_asking.readable(sock, timeout_ms - runtime.ticks_diff(runtime.ticks_ms(), started_ms)):
                answer = read_answer(sock.recv(RECEIVE_BYTES))
                if answer is not None:
                    return answer
        except OSError as error:
            raise runtime_asking.network_error(error, host, port)
        finally:
            sock.close()
        raise no_answer(host, port, timeout_s)

    # --- confirmed messages

    async def send(self, target, text, timeout_s):
        """As `Node.send`."""
        from helio.coap.reply import message_request, read_reply

        code, options, payload = message_request(text)
        return read_reply(await self.request(target, code, options, payload, timeout_s, True))

    async def request(self, target, code, options, payload, timeout_s, confirmable):
        """As `Node.request`."""
        client = self._client or self.client()
        endpoint = self.endpoint_at(*target) if isinstance(target, tuple) else await self.endpoint(target)
        coap = self._coap
        waiter = runtime_asking.Waiter()
        request = client.request(
            endpoint,
            code,
            options,
            payload,
            coap.now_ms(),
            waiter.done,
            waiter.failed,
            confirmable,
            int(timeout_s * 1000),
        )
        try:
            return await self._outcome(request, waiter)
        except NoAnswer as error:
            raise NoAnswer("%s: %s" % (_words(target), error))

    async def ping(self, target, timeout_s):
        """As `Node.ping`."""
        client = self.client()
        endpoint = await self.endpoint(target)
        waiter = runtime_asking.Waiter()
        timeout_ms = int(timeout_s * 1000)
        request = client.ping(endpoint, self._coap.now_ms(), waiter.done, waiter.failed, timeout_ms)
        try:
            await self._outcome(request, waiter)
        except NoAnswer as error:
            raise NoAnswer("%s: %s" % (_words(target), error))

    def client(self):
        """The `helio.coap.request.Client` of the node. Raises UsageError where it has no CoAP port."""
        if self._client is None:
            from helio.coap.request import Client

            self._client = Client(self._node.coap().messages)  # raises where there is no CoAP port
        return self._client

    async def _outcome(self, request, waiter):
        """What the request that `waiter` waits for comes to."""
        coap = self._coap
        coap.set_alarm()
        self._waiters.add(waiter)
        try:
            return await waiter.wait()
        finally:
            self._waiters.discard(waiter)
            if not waiter.is_over:  # we were cancelled
                request.cancel(coap.now_ms())

    def observe(self, target, name):
        """As `Node.observe`."""
        from helio.following import Following  # few programs follow anything

        return Following(self, self._node.coap(), target, name)

    async def discover(self, timeout_s):
        """As `Node.discover`."""
        from helio.discovery import discover

        return await discover(self._node, self, timeout_s)

    def heard(self, message):
        """A node has said hello: who follows its values is to register again."""
        hello = read_hello(message.text)
        for following in list(self.followed) if hello else ():
            following.heard(hello)

    def end(self):
        """End what waits: the node stops."""
        for following in list(self.followed):
            following.close()
        for waiter in list(self._waiters):
            waiter.failed(NoAnswer("this node was stopped before an answer came"))

    # --- where a target is

    async def endpoint(self, target):
        """The endpoint of the CoAP side of a target. Raises what `resolve` does."""
        return self.endpoint_at(*await self.resolve(target, True))

    def endpoint_at(self, host, port):
        """The endpoint at an address. Raises NetworkError while there is no network."""
        return runtime.socket_address(host, port), self._own_socket(self._coap.sockets, host)

    def _own_socket(self, sockets, host):
        if not sockets.interfaces:
            raise NetworkError("this node has no network yet: wait until it has joined one")
        own = runtime_asking.source_address(host) if len(sockets.interfaces) > 1 else None
        return sockets.own(own)

    async def resolve(self, target, confirmed=False):
        """`(address, port)` of a target. Raises UsageError, UnknownTarget, NoAnswer."""
        if isinstance(target, tuple):
            return target
        host, port, is_name = parse_target(target)
        if is_name:
            host, found_port = await self._find(Who(host), port, confirmed)
            port = port or found_port
        return host, port or (COAP_PORT if confirmed else PORT)

    async def _find(self, who, port, confirmed):
        """`(address, port or None)` of the node that is sought; asks on our port, on the usual
        one, and on `port`."""
        started_ms = runtime.ticks_ms()
        elapsed_ms = 0
        node = self._node
        ports = {node.port or PORT, PORT if confirmed or not port else port}
        asking = runtime_asking.open_broadcast(node._interfaces)
        try:
            while elapsed_ms < WHO_TIMEOUT_MS and not who.endpoint:
                data = who.due(elapsed_ms)
                if data:
                    runtime.broadcast(asking, data, ports)
                await asyncio.sleep(0.01)
                runtime_asking.drain(asking, who.receive)
                elapsed_ms = runtime.ticks_diff(runtime.ticks_ms(), started_ms)
        finally:
            runtime_asking.close(asking)
        if who.endpoint:
            return who.place(confirmed)
        address = await runtime_asking.lookup_host(who.host, HOST_TIMEOUT_MS)
        if not address:
            raise who.unknown()
        return address, None


def _words(target):
    return "%s port %d" % target if isinstance(target, tuple) else target
