"""Answers a board's `hello` with `welcome`: the time, and where the feeds are."""

import asyncio
import time

from helio import runtime, runtime_asking
from helio.blocking import interfaces, open_listening
from helio.errors import HelioError, PortInUse
from helio.limits import BURST_MAX, INTERFACES_EVERY_MS, PORT
from helio.lookup import read_hello
from helio.plain import RECEIVE_BYTES
from helio.welcome import welcome_text
from helio_host.ports import port_holder


class Welcome:
    """Welcomes boards on the plain port of all this machine's addresses, or of `address` only, and
    sends them to `http_port`, as an async context manager. `say(text)` is told why it does not, and
    when it does again."""

    def __init__(self, address, http_port, say):
        self._address = address
        self._http_port = http_port
        self._say = say
        self._trouble = None
        self._links = []
        self._following = None

    async def __aenter__(self):
        self._own = interfaces(self._address)
        self._try_to_open()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *error):
        self._following.cancel()
        self._close()

    def _try_to_open(self):
        trouble = None
        try:
            self._open()
        except PortInUse:
            holder = port_holder(PORT, [own[0] for own in self._own])
            trouble = "port %d is in use by another program: end it%s" % (PORT, holder)
        except HelioError as error:
            trouble = str(error)
        if trouble != self._trouble:
            self._trouble = trouble
            if trouble:
                self._say("boards are not told of this when they start: %s" % trouble)
            else:
                self._say("boards are told of this when they start, from now on")

    def _open(self):
        self._links, _ = open_listening(PORT, self._address)
        loop = asyncio.get_running_loop()
        for sock, _ in self._links:
            loop.add_reader(sock, self._drain, sock)
        # nodes that said hello before we were here say it again
        runtime.broadcast([link for link in self._links if link[1]], b"who", [PORT])

    def _close(self):
        loop = asyncio.get_running_loop()
        for sock, _ in self._links:
            loop.remove_reader(sock)
        runtime_asking.close(self._links)
        self._links = []

    async def _follow(self):
        """Be at the addresses that this machine has now: it may have joined another network, or have ended the
        program that had the port."""
        while True:
            await asyncio.sleep(INTERFACES_EVERY_MS / 1000)
            own = interfaces(self._address)
            if own != self._own or not self._links:
                self._own = own
                self._close()
                self._try_to_open()

    def _drain(self, sock):
        for _ in range(BURST_MAX):
            try:
                data, address = sock.recvfrom(RECEIVE_BYTES)
            except OSError:
                return
            if read_hello(data):
                self._answer(runtime.endpoint(address))

    def _answer(self, endpoint):
        own = self._address or runtime.source_address(endpoint[0])
        if own is None:  # it has gone, or has lied about where it is
            return
        text = welcome_text(time.time(), "http://%s:%d/feeds/" % (own, self._http_port))
        socks = [sock for sock, link in self._links if link and link[0] == own]
        try:
            (socks or [self._links[0][0]])[0].sendto(text.encode(), endpoint)
        except OSError:
            pass
