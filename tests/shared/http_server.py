"""A web server that does what a test wants of it, right or wrong, at a socket on the loopback network.

An answer is a list of steps: bytes to send, HOLD to send nothing until the client has gone, CLOSE, and under
asyncio an Event to wait for.
After the last step the next request is read from the same connection.
"""

import _thread
import asyncio
import socket

from peer import free_port

from helio import runtime

HOST = "127.0.0.1"
WAIT_S = 20  # longer than anything here takes: only a failing test waits it out
HOLD = "hold"
CLOSE = "close"


def answer(body=b"", *fields, status="200 OK", length=None):
    """The bytes of a whole response; `fields` are lines, `length` what it says of its body."""
    length = len(body) if length is None else length
    lines = ["HTTP/1.1 " + status, "Content-Length: %d" % length]
    lines.extend(fields)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def one_by_one(data):
    """The steps that send bytes each by itself."""
    return [data[i : i + 1] for i in range(len(data))]


class Server:
    """Gives one of `answers` to each request, under asyncio; `requests` are their heads, bytes."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.connections = 0
        self._open = 0
        self._changed = asyncio.Event()

    async def __aenter__(self):
        while True:
            port = free_port()
            try:
                self._server = await asyncio.start_server(self._serve, HOST, port)
                break
            except OSError:  # free for datagrams only
                pass
        self.authority = "%s:%d" % (HOST, port)
        self.url = "http://" + self.authority
        return self

    async def __aexit__(self, *error):
        self._server.close()
        await self._server.wait_closed()

    async def closed(self):
        """Wait until the client has closed every connection."""
        await self._until(lambda: not self._open)

    async def asked(self, count=1):
        """Wait until so many requests have come."""
        await self._until(lambda: len(self.requests) >= count)

    async def _until(self, condition):
        while True:
            self._changed.clear()  # before it is looked at: what changes from here on wakes us
            if condition():
                return
            await asyncio.wait_for(self._changed.wait(), WAIT_S)

    async def _serve(self, reader, writer):
        self.connections += 1
        self._open += 1
        try:
            while await self._answer(reader, writer):
                pass
        except OSError:  # the client has gone
            pass
        finally:
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:
                pass
            self._open -= 1
            self._changed.set()

    async def _answer(self, reader, writer):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = await reader.readline()
            if not line:
                return False
            head += line
        self.requests.append(head)
        self._changed.set()
        for step in self.answers.pop(0):
            if step == CLOSE:
                return False
            if step == HOLD:
                await reader.read(1)
                return False
            if hasattr(step, "wait"):
                await step.wait()
                continue
            writer.write(step)
            await writer.drain()
        return True


class ThreadServer:
    """The same in a thread, for a client that lets nothing else run; one connection after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        while True:
            port = free_port()
            try:
                self._socket.bind(runtime.socket_address(HOST, port))
                break
            except OSError:  # free for datagrams only
                pass
        self._socket.listen(4)
        self.url = "http://%s:%d" % (HOST, port)
        self._done = _thread.allocate_lock()
        self._done.acquire()

    def __enter__(self):
        _thread.start_new_thread(self._run, ())
        return self

    def __exit__(self, kind, *error):
        if kind is None:
            self._done.acquire()  # every answer was given, and its connection closed by the client

    def _run(self):
        try:
            while self.answers:
                connection, _ = self._socket.accept()
                try:
                    while self.answers and self._answer(connection):
                        pass
                    while connection.recv(100):
                        pass
                except OSError:
                    pass
                finally:
                    connection.close()
        finally:
            self._socket.close()
            self._done.release()

    def _answer(self, connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = connection.recv(1000)
            if not data:
                return False
            head += data
        self.requests.append(head)
        for step in self.answers.pop(0):
            if step == CLOSE:
                connection.close()
                return False
            if step == HOLD:
                connection.recv(1)
                return False
            connection.send(step)
        return True
