"""CoAP clients that are not ours, alike: libcoap's `coap-client` and aiocoap, each on a wire of its own."""

import asyncio
import shutil
import tempfile
import time

import aiocoap
from aiocoap.numbers.optionnumbers import OptionNumber
from coap_wire import HERE, TIMEOUT_S, Wire

from conftest import missing


def program(name):
    """The path of one of libcoap's programs; Debian's has no TLS in one of its names."""
    found = shutil.which(name + "-notls") or shutil.which(name)
    return found or missing(name)


class Answer:
    """What a client made of a response: `payload` is what it shows of it, the rest is from the wire;
    `said` is the payload of the last datagram."""

    def __init__(self, message, payload):
        self.mtype = message.mtype
        self.code = message.code
        self.opt = message.opt
        self.said = message.payload
        self.payload = payload

    def __repr__(self):
        return "%s %s %r" % (self.mtype, self.code, self.payload[:60])


def last_response(wire, start):
    """The newest response on the wire since it had `start` entries."""
    found = [passed.message for passed in wire.log[start:] if not passed.from_client]
    found = [message for message in found if message.code.is_response()]
    assert found, "no response:\n" + wire.text()
    return found[-1]


class Libcoap:
    """`coap-client`, started for each request."""

    name = "coap-client"

    def __init__(self, server):
        self.wire = Wire(server)
        self._program = program("coap-client")

    async def __aenter__(self):
        await self.wire.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.wire.__aexit__(*error)

    def _command(self, path, *words):
        return [self._program, *map(str, words), "coap://%s:%d/%s" % (HERE, self.wire.port, path)]

    async def request(self, method, path, payload=None, *, options=(), words=(), **rest):
        """The answer to one request. `options` are `(number, value)`, `words` more of its arguments."""
        words = ["-m", method, *_words(options, **rest), *words]
        start = len(self.wire.log)
        with tempfile.NamedTemporaryFile() as shown:
            await self.run(path, *words, *(["-f", "-"] if payload else []), "-o", shown.name, payload=payload)
            return Answer(last_response(self.wire, start), shown.read())

    async def run(self, path, *words, payload=None):
        """Run it to its end."""
        process = await asyncio.create_subprocess_exec(
            *self._command(path, "-B", TIMEOUT_S, *words),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(payload), TIMEOUT_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, said
        return said

    def observe(self, path, seconds=TIMEOUT_S, words=(), **rest):
        """An observation, as an asynchronous context manager."""
        return _LibcoapWatch(self._command(path, "-s", seconds, "-w", *_words((), **rest), *words))


def _words(options, confirmable=True, content_format=None, accept=None, block_size=None):
    words = [] if confirmable else ["-N"]
    if content_format is not None:
        words += ["-t", str(content_format)]
    if accept is not None:
        words += ["-A", str(accept)]
    if block_size:
        words += ["-b", str(block_size)]
    for number, value in options:
        words += ["-O", "%d,%s" % (number, "0x" + value.hex() if value else "")]
    return words


class Watch:
    """An observation by a foreign client, and all that it has shown."""

    def __init__(self):
        self.shown = b""
        self._changed = asyncio.Event()
        self._task = None

    async def shows(self, data):
        """Wait until `data` has been shown."""
        end_s = time.monotonic() + TIMEOUT_S
        while data not in self.shown:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), max(0, end_s - time.monotonic()))
            except asyncio.TimeoutError:
                raise AssertionError("%r is not in %r" % (data[:80], self.shown[-2000:])) from None

    def _show(self, data):
        self.shown += data
        self._changed.set()

    async def _stop(self):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class _LibcoapWatch(Watch):
    def __init__(self, command):
        super().__init__()
        self._command = command

    async def __aenter__(self):
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        self._task = asyncio.ensure_future(self._read())
        return self

    async def _read(self):
        while True:
            data = await self._process.stdout.read(65536)
            if not data:
                return
            self._show(data)

    async def __aexit__(self, *error):
        if self._process.returncode is None:
            self._process.terminate()  # it tells the server, unlike one that is killed
        await self._process.wait()
        await self._stop()

    async def switch_off(self):
        """End it without a word to the server."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._stop()

    async def ended(self):
        """Wait until it has ended by itself."""
        await asyncio.wait_for(self._process.wait(), TIMEOUT_S)


class Aiocoap:
    """aiocoap's client."""

    name = "aiocoap"

    def __init__(self, server):
        self.wire = Wire(server)

    async def __aenter__(self):
        await self.wire.__aenter__()
        self.context = await aiocoap.Context.create_client_context(transports=["simple6"])
        return self

    async def __aexit__(self, *error):
        await self.context.shutdown()
        await self.wire.__aexit__(*error)

    async def _message(self, method, path, payload, options, confirmable, content_format, accept, block_size):
        message = aiocoap.Message(
            code=getattr(aiocoap, method.upper()),
            uri="coap://%s:%d/%s" % (HERE, self.wire.port, path),
            payload=payload or b"",
            transport_tuning=aiocoap.Reliable if confirmable else aiocoap.Unreliable,
        )
        if content_format is not None:
            message.opt.content_format = content_format
        if accept is not None:
            message.opt.accept = accept
        for number, value in options:
            message.opt.add_option(OptionNumber(number).create_option(decode=value))
        if block_size:
            exponent = block_size.bit_length() - 5
            await self.context.find_remote_and_interface(message)
            message.remote.maximum_block_size_exp = exponent
            if method == "get":
                message.opt.block2 = (0, False, exponent)
        return message

    async def request(
        self,
        method,
        path,
        payload=None,
        *,
        options=(),
        confirmable=True,
        content_format=None,
        accept=None,
        block_size=None,
    ):
        """The answer to one request. `options` are `(number, value)`."""
        message = await self._message(method, path, payload, options, confirmable, content_format, accept, block_size)
        start = len(self.wire.log)
        response = await asyncio.wait_for(self.context.request(message).response, TIMEOUT_S)
        return Answer(last_response(self.wire, start), response.payload)

    def begin_with_empty_token(self):
        """Let the next request's token be the empty one."""
        self.context.request_interfaces[0]._token = (1 << 64) - 1

    def observe(self, path, confirmable=True, block_size=None):
        """An observation, as an asynchronous context manager."""
        observe = [(int(OptionNumber.OBSERVE), b"")]
        return _AiocoapWatch(self, self._message("get", path, None, observe, confirmable, None, None, block_size))


class _AiocoapWatch(Watch):
    def __init__(self, client, message):
        super().__init__()
        self._client = client
        self._message = message

    async def __aenter__(self):
        self._request = self._client.context.request(await self._message)
        self._task = asyncio.ensure_future(self._read())
        return self

    async def _read(self):
        self._show((await self._request.response).payload + b"\n")
        async for response in self._request.observation:
            self._show(response.payload + b"\n")

    async def __aexit__(self, *error):
        await self.forget()

    async def forget(self):
        """Follow it no longer; aiocoap tells the server by a Reset of the next notification."""
        if not self._request.observation.cancelled:
            self._request.observation.cancel()
        await self._stop()
