"""`Node`: what users program with. It joins handlers and protocols to sockets.

    node = Node("kitchen")

    @node.on("blink", "COUNT: flash the LED")
    async def blink(message):
        await led.flash(message.integer(0, 1, 100))
        return "done"

    node.run()

For each interface a node holds one socket for what is sent to it alone and one for what is
sent to all: no datagram tells which it was.
"""

import asyncio
import os

from helio import __version__, runtime
from helio.errors import HelioError, NetworkError, UsageError
from helio.handlers import Handlers
from helio.limits import (
    ANSWER_TIMEOUT_S,
    BURST_MAX,
    COAP_PORT,
    HOST_TIMEOUT_MS,
    MESSAGES_MAX,
    PORT,
    TASKS_MAX,
    WHO_DELAY_MS,
    WHO_TIMEOUT_MS,
)
from helio.message import is_name
from helio.plain import RECEIVE_BYTES, Plain, encoded, no_answer, read_answer


class Node:
    """One node on the network, on a board or a desktop.

    `address` confines it to one of this machine's addresses; None means all it has, and those
    it gets later. Port 0 lets the system pick, None leaves that port out. After `start()`,
    `address` (None while there is no network), `port` and `coap_port` are what came of it;
    confirmed messages are not spoken yet, so `coap_port` is then None.
    """

    def __init__(self, name, *, address=None, port=PORT, coap_port=COAP_PORT):
        if not is_name(name):
            raise UsageError("%r cannot name a node: letters, digits, '-', '_', '.', at most 32" % (name,))
        self.name = name
        self.address = address
        self.port = port
        self.coap_port = coap_port
        self.counts = {"received": 0, "answered": 0, "rejected": 0, "failed": 0, "dropped": 0}
        self._confined_to = address
        self._handlers = Handlers(self.counts, runtime.print_exception)
        self._handlers.add("status", self._status, "how this node is, as JSON")
        self._plain = Plain(name, self._handlers, self.counts, self._hello, self._deliver)
        self._interfaces = []
        self._sockets = {}  # (bound address, whether it is for us alone): (socket, stop, interface)
        self._tasks = set()
        self._inboxes = []
        self._stopped = None  # an Event while the node is started
        self._started_ms = 0
        self._trouble = None  # the last that was said of the sockets

    # --- for programs

    def on(self, name, usage=""):
        """Decorator: the function or coroutine function answers messages called `name`.

        It takes one Message and returns str, bytes, dict, list or None. `usage` is the line
        that `help NAME` gives. Raises UsageError for a name that cannot be handled.
        """

        def add(function):
            self._handlers.add(name, function, usage)
            return function

        return add

    async def tell(self, target, text):
        """Send one plain message; returns when it has left, and promises nothing.

        Raises BadMessage, UsageError, UnknownTarget or NetworkError.
        """
        data = encoded(text)
        if target == "all":
            self._broadcast(data)
            return
        host, port = await self._resolve(target)
        try:
            self._own_socket(host).sendto(data, runtime.socket_address(host, port))
        except OSError as error:
            raise runtime.network_error(error, host, port)

    async def broadcast(self, text):
        """Send one plain message to all, once on every interface. Returns on how many."""
        return self._broadcast(encoded(text))

    async def ask(self, target, text, timeout_s=ANSWER_TIMEOUT_S):
        """Send one plain message; returns the text after `ok ` that answers it.

        Raises Refused with the text of an `error …` answer, NoAnswer after `timeout_s`.
        """
        data = encoded(text)
        host, port = await self._resolve(target)
        sock = runtime.connect_udp(self._confined_to, host, port)  # one a question: no answer goes astray
        try:
            timeout_ms = int(timeout_s * 1000)
            started_ms = runtime.ticks_ms()
            sock.send(data)
            while await runtime.readable(sock, timeout_ms - runtime.ticks_diff(runtime.ticks_ms(), started_ms)):
                answer = read_answer(sock.recv(RECEIVE_BYTES))
                if answer is not None:
                    return answer
        except OSError as error:
            raise runtime.network_error(error, host, port)
        finally:
            sock.close()
        raise no_answer(host, port, timeout_s)

    def messages(self):
        """Every message from now on, answered or not: `async for message in node.messages()`.

        Up to 64 wait for a slow reader; older ones are then counted in `status` as dropped.
        It ends when the node stops.
        """
        inbox = _Inbox(self.counts)
        self._inboxes.append(inbox)
        return inbox

    def run(self):
        """Start, and answer until `stop()` or Ctrl+C."""
        try:
            runtime.run(self._run())
        except KeyboardInterrupt:
            pass
        finally:
            self._close()

    async def start(self):
        """Bind the sockets and say hello. Raises PortInUse, or UsageError for a foreign address."""
        self._started_ms = runtime.ticks_ms()
        self._stopped = asyncio.Event()
        self.coap_port = None
        try:
            self._bind([runtime.interface(self._confined_to)] if self._confined_to else runtime.interfaces())
        except Exception:
            self._close()
            raise
        for service in runtime.services:
            self._tasks.add(asyncio.create_task(service(self)))

    async def stop(self):
        """Close the sockets and end what still runs."""
        self._close()

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *error):
        await self.stop()

    def set_interfaces(self, interfaces):
        """Be at exactly these `(address, broadcast)` from now on, if this node was not confined
        to one address. To be called again and again: a port in use may become free."""
        if not self._stopped or self._confined_to or interfaces == self._interfaces:
            return
        try:
            self._bind(interfaces)
        except HelioError as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                runtime.warn(self._trouble)

    # --- what came

    def _drain(self, sock, interface, alone):
        for _ in range(BURST_MAX):
            try:
                data, address = sock.recvfrom(RECEIVE_BYTES)
            except OSError:
                return
            sender = runtime.endpoint(address)
            if not alone and sender == (interface[0], self.port):
                continue  # what we sent to all comes back to us too
            self.counts["received"] += 1
            answer = self._plain.receive(data, sender, alone, interface[0])
            if answer is None:
                pass
            elif alone and isinstance(answer, bytes):
                self._answer(sock, answer, address)
            elif len(self._tasks) < TASKS_MAX or not isinstance(answer, bytes):  # handlers have a limit of their own
                own = self._sockets[interface[0], True][0]
                self._tasks.add(asyncio.create_task(self._answer_later(own, answer, address)))
            else:  # a flood of `who`
                self.counts["dropped"] += 1

    async def _answer_later(self, sock, answer, address):
        try:
            if isinstance(answer, bytes):
                await asyncio.sleep(os.urandom(1)[0] * WHO_DELAY_MS / 255000)
            else:
                answer = await answer
            if answer:
                self._answer(sock, answer, address)
        finally:
            self._tasks.discard(asyncio.current_task())

    def _answer(self, sock, answer, address):
        try:
            sock.sendto(answer, address)
            self.counts["answered"] += 1
        except OSError:
            self.counts["dropped"] += 1

    def _deliver(self, message):
        for inbox in self._inboxes:
            inbox.put(message)

    def _hello(self, address):
        return "hello %s %s %s %s %s" % (self.name, address, self.port, self.coap_port or "-", runtime.BOARD)

    def _status(self, message):
        status = {
            "name": self.name,
            "version": __version__,
            "interpreter": runtime.INTERPRETER,
            "uptime_s": runtime.ticks_diff(runtime.ticks_ms(), self._started_ms) // 1000,
            "free_memory_bytes": runtime.free_memory_bytes(),
        }
        status.update(self.counts)
        return status

    # --- what goes out

    async def _resolve(self, target):
        from helio.lookup import Who, parse_target  # here: a board that only answers has no need of it

        host, port, is_name = parse_target(target)
        if is_name:
            host, found_port = await self._find(Who(host), port)
            port = port or found_port
        return host, port or PORT

    async def _find(self, who, port):
        """`(address, port or None)` of the node that is sought; asks on our port and on `port`."""
        started_ms = runtime.ticks_ms()
        elapsed_ms = 0
        asking = runtime.open_broadcast(self._interfaces)
        try:
            while elapsed_ms < WHO_TIMEOUT_MS and not who.endpoint:
                data = who.due(elapsed_ms)
                if data:
                    runtime.broadcast(asking, data, {self.port or PORT, port or PORT})
                await asyncio.sleep(0.01)
                runtime.drain(asking, who.receive)
                elapsed_ms = runtime.ticks_diff(runtime.ticks_ms(), started_ms)
        finally:
            runtime.close(asking)
        if who.endpoint:
            return who.endpoint
        address = await runtime.lookup_host(who.host, HOST_TIMEOUT_MS)
        if not address:
            raise who.unknown()
        return address, None

    def _own_socket(self, host):
        if not self._interfaces:
            raise NetworkError("this node has no network yet: wait until it has joined one")
        own = runtime.source_address(host) if len(self._interfaces) > 1 else None
        key = own, True
        return self._sockets[key if key in self._sockets else (self.address, True)][0]

    def _broadcast(self, data, interfaces=None):
        links = [(self._sockets[own[0], True][0], own) for own in interfaces or self._interfaces]
        return runtime.broadcast(links, data, (self.port,))

    # --- sockets

    def _bind(self, interfaces):
        if self.port is None:
            return
        wanted = {(own[0], True): own for own in interfaces}
        for own in reversed(interfaces):
            wanted[runtime.group_address(own), False] = own
        for key in [key for key in self._sockets if wanted.get(key) != self._sockets[key][2]]:
            _shut(self._sockets.pop(key))
        new = [own for own in interfaces if (own[0], True) not in self._sockets]
        self._interfaces = [own for own in self._interfaces if own in interfaces]
        for alone in (True, False):
            for key in wanted:
                if key[1] == alone and key not in self._sockets:
                    self._open(key, wanted[key])
        self._interfaces = interfaces
        self.address = interfaces[0][0] if interfaces else self._confined_to
        for own in new:
            self._broadcast(self._hello(own[0]).encode(), [own])

    def _open(self, key, interface):
        address, alone = key
        if alone and self.port == 0:
            sock, self.port = runtime.open_any_port(address)
        else:
            sock = runtime.open_udp(address, self.port, group=not alone)
        stop = runtime.watch(sock, lambda: self._drain(sock, interface, alone))
        self._sockets[key] = sock, stop, interface

    def _close(self):
        for entry in self._sockets.values():
            _shut(entry)
        self._sockets = {}
        self._interfaces = []
        current = runtime.current_task()
        for task in list(self._tasks):
            if task is not current:
                task.cancel()
        self._tasks = set()
        for inbox in self._inboxes:
            inbox.end()
        self._inboxes = []
        if self._stopped:
            self._stopped.set()
            self._stopped = None

    async def _run(self):
        await self.start()
        await self._stopped.wait()


def _shut(entry):
    sock, stop = entry[:2]
    stop()
    sock.close()


class _Inbox:
    """The messages that wait for one reader."""

    def __init__(self, counts):
        self._counts = counts
        self._waiting = []
        self._ended = False
        self._event = asyncio.Event()

    def put(self, message):
        if len(self._waiting) >= MESSAGES_MAX:
            self._waiting.pop(0)
            self._counts["dropped"] += 1
        self._waiting.append(message)
        self._event.set()

    def end(self):
        self._ended = True
        self._event.set()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._event.clear()
            await self._event.wait()
        return self._waiting.pop(0)
