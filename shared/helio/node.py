"""`Node`: what users program with. It joins handlers and protocols to sockets.

    node = Node("kitchen")

    @node.on("blink", "COUNT: flash the LED")
    async def blink(message):
        await led.flash(message.integer(0, 1, 100))
        return "done"

    node.run()

What few nodes do is loaded when it is done: `confirmed` with a CoAP port, `calls` when this node
asks others.
"""

import asyncio
import os

from helio import __version__, runtime, utf8
from helio.errors import HelioError, UsageError
from helio.handlers import Handlers
from helio.limits import (
    ANSWER_FACTOR,
    ANSWER_MIN_BYTES,
    ANSWER_TIMEOUT_S,
    BURST_MAX,
    COAP_PORT,
    DISCOVER_TIMEOUT_S,
    PORT,
    TASKS_MAX,
    WHO_DELAY_MS,
)
from helio.message import is_name
from helio.plain import RECEIVE_BYTES, Plain
from helio.sockets import Sockets


class Node:
    """One node on the network, on a board or a desktop.

    `address` confines it to one of this machine's addresses; None means all it has, and those
    it gets later. Port 0 lets the system pick, None leaves that port out. After `start()`,
    `address` (None while there is no network), `port` and `coap_port` are what came of it.

    A peer outside this node's own networks gets no long answer before it has shown that it is
    where it says; with `trust_subnet=False` none does. `coap_limits` overrides some of BOARD or
    DESKTOP in `coap/limits.py`, as `{"nstart": 4}`. Raises UsageError.

    When `helio serve` has welcomed this node, `feeds` is the URL under which its feeds are, and
    `on_welcome`, where the program has put a function there, is called with the time in seconds
    since 1970. So is `on_stop`, without arguments, when the node has ended. A text in `trouble`
    is in its `status`.
    """

    feeds = on_welcome = on_stop = trouble = None

    def __init__(self, name, *, address=None, port=PORT, coap_port=COAP_PORT, trust_subnet=True, coap_limits=None):
        if not is_name(name):
            raise UsageError("%r cannot name a node: letters, digits, '-', '_', '.', at most 32" % (name,))
        self.name = name
        self.id = os.urandom(4).hex()  # two nodes may have one name, and one node several addresses
        self.address = address
        self.counts = {"received": 0, "answered": 0, "rejected": 0, "failed": 0, "dropped": 0, "forgotten": 0}
        self._confined_to = address
        self._trust_subnet = trust_subnet
        self._handlers = Handlers(self.counts, runtime.print_exception)
        self._handlers.add("status", self._status, "how this node is, as JSON")
        self._plain = Plain(name, self._handlers, self.counts, self._hello, self.deliver)
        self._sockets = None if port is None else Sockets(port, self._drain)
        self._coap = self._calls = None
        if coap_port is not None:
            from helio.coap_side import CoapSide

            self._coap = CoapSide(self, self._handlers, coap_port, coap_limits or {})
        self._interfaces = []
        self._tasks = set()
        self._inboxes = []
        self._stopped = None  # an Event while the node is started
        self._started_ms = 0
        self._trouble = None  # the last that was said of the sockets

    @property
    def port(self):
        """The UDP port for plain messages, None where that is left out."""
        return self._sockets and self._sockets.port

    @property
    def coap_port(self):
        """The UDP port for confirmed messages, None where that is left out."""
        return self._coap and self._coap.sockets.port

    # --- for programs

    def on(self, name, usage=""):
        """Decorator: the function or coroutine function answers messages called `name`.

        It takes one Message and returns str, bytes, dict, list or None. `usage` is the line
        that `help NAME` gives. Raises UsageError for a name that cannot be handled.
        """

        def add(function):
            self._handlers.add(name, function, usage)
            if self._coap:
                self._coap.confirmed.add_handler(name, usage)
            return function

        return add

    def publish(self, name, value):
        """Make or change the value at `/NAME`: str, bytes, or what JSON has. Observers are told.

        Raises UsageError for what cannot be a name, TypeError for what cannot be a value.
        """
        self.coap().publish(name, value)

    def add_resource(self, path, resource):
        """Let a `helio.coap.resource.Resource` answer at `path`, as "sensors/1"."""
        self.coap().server.table[path.encode()] = resource

    def notify(self, resource):
        """Tell the observers of a Resource that it has changed."""
        self.coap().notify(resource)

    async def tell(self, target, text):
        """Send one plain message; returns when it has left, and promises nothing.

        Raises BadMessage, UsageError, UnknownTarget or NetworkError.
        """
        await self._caller().tell(target, text)

    async def broadcast(self, text):
        """Send one plain message to all, once on every interface. Returns on how many."""
        return self._caller().broadcast(text)

    async def ask(self, target, text, timeout_s=ANSWER_TIMEOUT_S):
        """Send one plain message; returns the text after `ok ` that answers it.

        Raises Refused with the text of an `error …` answer, NoAnswer after `timeout_s`.
        """
        return await self._caller().ask(target, text, timeout_s)

    def send(self, target, text, timeout_s=ANSWER_TIMEOUT_S):
        """Await it: send one confirmed message; returns its answer: a str, or bytes where the peer says so.

        It is repeated until it is acknowledged, and handled once. Raises Refused with the
        peer's text, NoAnswer when there is no answer within `timeout_s`, UnknownTarget, UsageError.
        """
        return self._caller().send(target, text, timeout_s)

    def request(self, target, code, options=(), payload=b"", timeout_s=ANSWER_TIMEOUT_S, confirmable=True):
        """Await it: send one CoAP request; returns the `helio.coap.request.Response`, whatever its code.

        `options` as from `helio.coap.request.uri_options`. Raises NoAnswer, UnknownTarget,
        Refused for a Reset, BadMessage for blocks that do not fit together.
        """
        return self._caller().request(target, code, options, payload, timeout_s, confirmable)

    async def ping(self, target, timeout_s=ANSWER_TIMEOUT_S):
        """CoAP's ping: returns when `target` has answered. Raises NoAnswer, UnknownTarget."""
        await self._caller().ping(target, timeout_s)

    def observe(self, target, name):
        """The value that `target` publishes at `/NAME`, and each change: `async for value in …`.

        Of several changes that came meanwhile only the newest is given. It goes on when
        notifications are lost or the peer restarts. Raises Refused, NoAnswer, UnknownTarget
        when the first registration comes to nothing or the peer ends it.
        """
        return self._caller().observe(target, name)

    async def discover(self, timeout_s=DISCOVER_TIMEOUT_S):
        """Every node that answers: a list of dicts with `name`, `address`, `port`, `coap_port`,
        `board`, `firmware` and `messages`, None for what is not known."""
        return await self._caller().discover(timeout_s)

    def _caller(self):
        if self._calls is None:
            from helio.calls import Calls  # here: a node that only answers has no need of it

            self._calls = Calls(self)
        return self._calls

    def messages(self):
        """Every message from now on, answered or not: `async for message in node.messages()`.

        Up to 64 wait for a slow reader; older ones are then counted in `status` as dropped.
        It ends when the node stops.
        """
        from helio.inbox import Inbox  # here: few programs on boards read them

        inbox = Inbox(self.counts)
        self._inboxes.append(inbox)
        return inbox

    def run(self, *programs):
        """Start, and answer until `stop()` or Ctrl+C. Beside it run `programs`, coroutine functions
        without arguments; what one of them raises is raised."""
        try:
            runtime.run(self._run(programs))
        except KeyboardInterrupt:
            pass
        finally:
            self._close()

    async def start(self):
        """Bind the sockets and say hello. Raises PortInUse, or UsageError for a foreign address."""
        self._started_ms = runtime.ticks_ms()
        self._stopped = asyncio.Event()
        try:
            self._bind([runtime.interface(self._confined_to)] if self._confined_to else runtime.interfaces())
        except Exception:
            self._close()
            raise
        runtime.all_is_loaded()
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
        """Be at exactly these `(address, broadcast, netmask)` from now on, if this node was not confined
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

    def _drain(self, sock, own, interface, alone):
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
                self._answer(own, answer, address, len(data))
            elif len(self._tasks) < TASKS_MAX or not isinstance(answer, bytes):  # handlers have a limit of their own
                self.start_task(self._answer_later(own, answer, address, len(data)))
            else:  # a flood of `who`
                self.counts["dropped"] += 1

    async def _answer_later(self, sock, answer, address, request_bytes):
        if isinstance(answer, bytes):
            await asyncio.sleep(os.urandom(1)[0] * WHO_DELAY_MS / 255000)
        else:
            answer = await answer
        if answer:
            self._answer(sock, answer, address, request_bytes)

    def _answer(self, sock, answer, address, request_bytes):
        if len(answer) > ANSWER_MIN_BYTES and not self.is_trusted(address):
            # one who may not be where it says shall not multiply traffic with us
            answer = utf8.cut(answer, max(ANSWER_MIN_BYTES, ANSWER_FACTOR * request_bytes))
        try:
            sock.sendto(answer, address)
            self.counts["answered"] += 1
        except OSError:
            self.counts["dropped"] += 1

    def start_task(self, coroutine):
        """Run a coroutine beside all else, until it ends or the node stops."""

        async def run():
            try:
                await coroutine
            finally:
                self._tasks.discard(asyncio.current_task())

        self._tasks.add(asyncio.create_task(run()))

    def is_trusted(self, address):
        """Whether one at that address, as `recvfrom` gave it, may get answers of any length."""
        if not self._trust_subnet:
            return False
        host = runtime.endpoint(address)[0]
        for own in self._interfaces:
            if runtime.is_on_network(host, own):
                return True
        return False

    def coap(self):
        """The CoapSide of this node. Raises UsageError where it has none."""
        if self._coap is None:
            raise UsageError("this node has no CoAP port: make it without coap_port=None")
        return self._coap

    def deliver(self, message):
        """Give a message to whoever reads them."""
        if message.name == "hello" and self._calls and self._calls.followed:
            self._calls.heard(message)
        elif message.name == "welcome":
            from helio.welcome import take  # once in the life of most nodes

            take(self, message)
        for inbox in self._inboxes:
            inbox.put(message)

    def _hello(self, address):
        return "hello %s %s %s %s %s" % (self.name, address, self.port, self.coap_port or "-", runtime.BOARD)

    def _status(self, message):
        status = {
            "id": self.id,
            "name": self.name,
            "version": __version__,
            "interpreter": runtime.INTERPRETER,
            "board": runtime.BOARD,
            "uptime_s": runtime.ticks_diff(runtime.ticks_ms(), self._started_ms) // 1000,
            "free_memory_bytes": runtime.free_memory_bytes(),
        }
        status.update(self.counts)
        if self.trouble:
            status["trouble"] = self.trouble
        return status

    # --- sockets

    def _bind(self, interfaces):
        new = self._sockets.bind(interfaces) if self._sockets else ()
        if self._coap:
            self._coap.sockets.bind(interfaces)
            self._coap.set_alarm()
        self._interfaces = interfaces
        self.address = interfaces[0][0] if interfaces else self._confined_to
        for own in new:
            self.broadcast_plain(self._hello(own[0]).encode(), [own])

    def broadcast_plain(self, data, interfaces=None):
        """Send a datagram to all, on all interfaces or those given. Returns on how many."""
        if not self._sockets:
            return 0
        links = [(self._sockets.own(own[0]), own) for own in interfaces or self._interfaces]
        return runtime.broadcast(links, data, (self.port,))

    def _close(self):
        if self._calls:
            self._calls.end()
        for part in (self._sockets, self._coap):
            if part:
                part.close()
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
            if self.on_stop:
                self.on_stop()

    async def _run(self, programs):
        await self.start()
        if programs:
            from helio.beside import run  # here: a node that only answers has none

            await run(programs, self._stopped)
        else:
            await self._stopped.wait()
