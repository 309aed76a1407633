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

from helio import __version__, runtime
from helio.errors import HelioError, UsageError
from helio.handlers import Handlers
from helio.limits import (
    ALARM_MAX_MS,
    ANSWER_MIN_BYTES,
    ANSWER_TIMEOUT_S,
    BURST_MAX,
    COAP_GROUP,
    COAP_PORT,
    COAP_RECEIVE_BYTES,
    DISCOVER_TIMEOUT_S,
    MESSAGES_MAX,
    PORT,
    TASKS_MAX,
    WHO_DELAY_MS,
)
from helio.message import is_name
from helio.plain import RECEIVE_BYTES, Plain, cut_for_stranger, encoded
from helio.sockets import Sockets


class Node:
    """One node on the network, on a board or a desktop.

    `address` confines it to one of this machine's addresses; None means all it has, and those
    it gets later. Port 0 lets the system pick, None leaves that port out. After `start()`,
    `address` (None while there is no network), `port` and `coap_port` are what came of it.

    A peer outside this node's own networks gets no long answer before it has shown that it is
    where it says; with `trust_subnet=False` none does. `coap_limits` overrides some of BOARD or
    DESKTOP in `coap/limits.py`, as `{"nstart": 4}`. Raises UsageError.
    """

    def __init__(self, name, *, address=None, port=PORT, coap_port=COAP_PORT, trust_subnet=True, coap_limits=None):
        if not is_name(name):
            raise UsageError("%r cannot name a node: letters, digits, '-', '_', '.', at most 32" % (name,))
        self.name = name
        self.address = address
        self.counts = {"received": 0, "answered": 0, "rejected": 0, "failed": 0, "dropped": 0, "forgotten": 0}
        self._confined_to = address
        self._trust_subnet = trust_subnet
        self._handlers = Handlers(self.counts, runtime.print_exception)
        self._handlers.add("status", self._status, "how this node is, as JSON")
        self._plain = Plain(name, self._handlers, self.counts, self._hello, self._deliver)
        self._sockets = None if port is None else Sockets(port, self._drain)
        self._coap_sockets = self._confirmed = self._calls = None
        if coap_port is not None:
            self._speak_coap(coap_port, coap_limits or {})
        self._interfaces = []
        self._tasks = set()
        self._inboxes = []
        self._stopped = None  # an Event while the node is started
        self._started_ms = 0
        self._trouble = None  # the last that was said of the sockets
        self._clock = runtime.Clock()
        self._alarm = None  # undoes the call for `_tick`, which comes at
        self._alarm_ms = 0

    def _speak_coap(self, port, changes):
        from helio.coap import limits
        from helio.confirmed import Confirmed

        memory = dict(limits.BOARD if runtime.MICROPYTHON else limits.DESKTOP)
        for key in changes:
            if key not in memory:
                raise UsageError("%r is no limit of CoAP: there are %s" % (key, ", ".join(sorted(memory))))
        memory.update(changes)
        self._coap_sockets = Sockets(port, self._drain_coap, COAP_GROUP)
        self._confirmed = Confirmed(
            self._handlers,
            self.counts,
            lambda endpoint: runtime.endpoint(endpoint[0]),
            self._transmit,
            lambda endpoint: self._is_trusted(endpoint[0]),
            memory,
            self._deliver,
            runtime.print_exception,
            self._spawn,
        )

    @property
    def port(self):
        """The UDP port for plain messages, None where that is left out."""
        return self._sockets and self._sockets.port

    @property
    def coap_port(self):
        """The UDP port for confirmed messages, None where that is left out."""
        return self._coap_sockets and self._coap_sockets.port

    # --- for programs

    def on(self, name, usage=""):
        """Decorator: the function or coroutine function answers messages called `name`.

        It takes one Message and returns str, bytes, dict, list or None. `usage` is the line
        that `help NAME` gives. Raises UsageError for a name that cannot be handled.
        """

        def add(function):
            self._handlers.add(name, function, usage)
            if self._confirmed:
                self._confirmed.add_handler(name, usage)
            return function

        return add

    def publish(self, name, value):
        """Make or change the value at `/NAME`: str, bytes, or what JSON has. Observers are told.

        Raises UsageError for what cannot be a name, TypeError for what cannot be a value.
        """
        self._coap().publish(name, value, self._clock.now_ms())
        self._set_alarm()

    def add_resource(self, path, resource):
        """Let a `helio.coap.resource.Resource` answer at `path`, as "sensors/1"."""
        self._coap().server.table[path.encode()] = resource

    def notify(self, resource):
        """Tell the observers of a Resource that it has changed."""
        self._coap().server.notify(resource, self._clock.now_ms())
        self._set_alarm()

    def _coap(self):
        if self._confirmed is None:
            raise UsageError("this node has no CoAP port: make it without coap_port=None")
        return self._confirmed

    async def tell(self, target, text):
        """Send one plain message; returns when it has left, and promises nothing.

        Raises BadMessage, UsageError, UnknownTarget or NetworkError.
        """
        await self._caller().tell(target, encoded(text))

    async def broadcast(self, text):
        """Send one plain message to all, once on every interface. Returns on how many."""
        return self._broadcast(encoded(text))

    async def ask(self, target, text, timeout_s=ANSWER_TIMEOUT_S):
        """Send one plain message; returns the text after `ok ` that answers it.

        Raises Refused with the text of an `error …` answer, NoAnswer after `timeout_s`.
        """
        return await self._caller().ask(target, encoded(text), timeout_s)

    async def send(self, target, text, timeout_s=ANSWER_TIMEOUT_S):
        """Send one confirmed message; returns its answer: a str, or bytes where the peer says so.

        It is repeated until it is acknowledged, and handled once. Raises Refused with the
        peer's text, NoAnswer when `timeout_s` pass in silence, UnknownTarget, UsageError.
        """
        return await self._caller().send(target, text, timeout_s)

    async def request(self, target, code, options=(), payload=b"", timeout_s=ANSWER_TIMEOUT_S, confirmable=True):
        """Send one CoAP request; returns the `helio.coap.request.Response`, whatever its code.

        `options` as from `helio.coap.request.uri_options`. Raises NoAnswer, UnknownTarget,
        Refused for a Reset, BadMessage for blocks that do not fit together.
        """
        return await self._caller().request(target, code, options, payload, timeout_s, confirmable)

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

    def _drain(self, link):
        own_address = link.interface[0]
        for _ in range(BURST_MAX):
            try:
                data, address = link.sock.recvfrom(RECEIVE_BYTES)
            except OSError:
                return
            sender = runtime.endpoint(address)
            if not link.alone and sender == (own_address, self.port):
                continue  # what we sent to all comes back to us too
            self.counts["received"] += 1
            answer = self._plain.receive(data, sender, link.alone, own_address)
            if answer is None:
                pass
            elif link.alone and isinstance(answer, bytes):
                self._answer(link.own, answer, address, len(data))
            elif len(self._tasks) < TASKS_MAX or not isinstance(answer, bytes):  # handlers have a limit of their own
                self._start(self._answer_later(link.own, answer, address, len(data)))
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
        if len(answer) > ANSWER_MIN_BYTES and not self._is_trusted(address):
            answer = cut_for_stranger(answer, request_bytes)
        try:
            sock.sendto(answer, address)
            self.counts["answered"] += 1
        except OSError:
            self.counts["dropped"] += 1

    def _drain_coap(self, link):
        messages = self._confirmed.messages
        now_ms = self._clock.now_ms()
        for _ in range(BURST_MAX):
            try:
                data, address = link.sock.recvfrom(COAP_RECEIVE_BYTES)
            except OSError as error:
                if runtime.is_unreachable(error):  # for something that was sent: what it was may wait
                    continue
                break
            if not link.alone and runtime.endpoint(address) == (link.interface[0], self.coap_port):
                continue
            self.counts["received"] += 1
            messages.receive(data, (address, link.own), not link.alone, now_ms)
        self._set_alarm()

    def _transmit(self, data, endpoint):
        try:
            endpoint[1].sendto(data, endpoint[0])
        except OSError:
            self.counts["dropped"] += 1

    def _spawn(self, request, reply):
        self._start(self._respond_later(request, reply))

    async def _respond_later(self, request, reply):
        request.respond_with(await reply, self._clock.now_ms())
        self._set_alarm()

    def _start(self, coroutine):
        async def run():
            try:
                await coroutine
            finally:
                self._tasks.discard(asyncio.current_task())

        self._tasks.add(asyncio.create_task(run()))

    def _is_trusted(self, address):
        if not self._trust_subnet:
            return False
        host = runtime.endpoint(address)[0]
        for own in self._interfaces:
            if runtime.is_on_network(host, own):
                return True
        return False

    # --- time

    def _set_alarm(self):
        """Have `_tick` called when the message layer wants it; once a day for the clock's sake."""
        due_ms = self._confirmed.messages.next_ms
        if self._alarm and (due_ms is None or due_ms >= self._alarm_ms) or not self._stopped:
            return
        if self._alarm:
            self._alarm()
        now_ms = self._clock.now_ms()
        wait_ms = ALARM_MAX_MS if due_ms is None else min(ALARM_MAX_MS, max(0, due_ms - now_ms))
        self._alarm_ms = now_ms + wait_ms
        self._alarm = runtime.call_later(wait_ms, self._tick)

    def _tick(self):
        self._alarm = None
        self._confirmed.messages.tick(self._clock.now_ms())
        self._set_alarm()

    # --- what came of it

    def _deliver(self, message):
        if message.name == "hello" and self._calls and self._calls.followed:
            self._calls.heard(message)
        for inbox in self._inboxes:
            inbox.put(message)

    def _hello(self, address):
        return "hello %s %s %s %s %s" % (self.name, address, self.port, self.coap_port or "-", runtime.BOARD)

    def _status(self, message):
        status = {
            "name": self.name,
            "version": __version__,
            "interpreter": runtime.INTERPRETER,
            "board": runtime.BOARD,
            "uptime_s": runtime.ticks_diff(runtime.ticks_ms(), self._started_ms) // 1000,
            "free_memory_bytes": runtime.free_memory_bytes(),
        }
        status.update(self.counts)
        return status

    # --- sockets

    def _bind(self, interfaces):
        new = interfaces
        for sockets in (self._sockets, self._coap_sockets):
            if sockets:
                new = sockets.bind(interfaces)
        self._interfaces = interfaces
        self.address = interfaces[0][0] if interfaces else self._confined_to
        if self._confirmed:
            self._set_alarm()
        if self._sockets:
            for own in new:
                self._broadcast(self._hello(own[0]).encode(), [own])

    def _broadcast(self, data, interfaces=None):
        if not self._sockets:
            return 0
        return runtime.broadcast(self._sockets.to_all(interfaces), data, (self.port,))

    def _close(self):
        if self._calls:
            self._calls.end()
        for sockets in (self._sockets, self._coap_sockets):
            if sockets:
                sockets.close()
        self._interfaces = []
        if self._alarm:
            self._alarm()
            self._alarm = None
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
