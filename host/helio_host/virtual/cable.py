"""The cable of a blank virtual board: a serial port at rfc2217://127.0.0.1:PORT (RFC 2217), whose lines
DTR and RTS hold the board in reset or its bootloader, as the two transistors of a DevKit do."""

import asyncio
import socket
import time

from serial.rfc2217 import IAC, PortManager

HOST = "127.0.0.1"
_PIECE_BYTES = 4096
_LEAVING_S = 0.5
_WAITING_MAX_BYTES = 32768  # for somebody who reads slowly, before a board is to wait with saying more


class Cable:
    """One user at a time; to a second one it is busy. `on_data` is called with what was sent to the board,
    `on_lines` with `(dtr, rts)`, each whether it is asserted. `bytes_a_second` limits both directions."""

    def __init__(self, on_data, on_lines, bytes_a_second=None):
        self._on_data = on_data
        self._on_lines = on_lines
        self._rate = bytes_a_second
        self._server = None
        self._user = None  # a StreamWriter
        self._serving = None  # the task that reads what the user sends
        self._port = None  # what the user set
        self._out = b""  # waits for its turn
        self._sending = None

    async def open(self):
        """Have a port; returns its URL."""
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        return "rfc2217://%s:%d" % self._server.sockets[0].getsockname()[:2]

    async def close(self):
        """Pull it out."""
        if self._server:
            self._server.close()
        if self._user:
            self._user.transport.abort()
            await asyncio.gather(self._serving, return_exceptions=True)

    @property
    def has_room(self):
        """Whether what the board says now would be on its way soon; answers to the user's settings wait behind it."""
        if not self._user:
            return True
        return len(self._out) + self._user.transport.get_write_buffer_size() < _WAITING_MAX_BYTES

    def send(self, data):
        """Send the user what the board says; without one it is lost."""
        if not self._user:
            return
        data = data.replace(IAC, IAC + IAC)
        if not self._rate:
            self._user.write(data)
            return
        self._out += data
        if not self._sending:
            self._sending = asyncio.create_task(self._send_slowly())

    async def _send_slowly(self):
        turns = _Turns(self._rate)
        while self._out and self._user:
            piece, self._out = self._out[:_PIECE_BYTES], self._out[_PIECE_BYTES:]
            await turns.wait(len(piece))
            if self._user:
                self._user.write(piece)
        self._out = b""
        self._sending = None

    async def _serve(self, reader, writer):
        if self._user:  # who may be about to go: one program often follows another
            await asyncio.wait([self._serving], timeout=_LEAVING_S)
        if self._user:
            writer.transport.abort()
            return
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _WAITING_MAX_BYTES)
        self._user = writer
        self._serving = asyncio.current_task()
        self._port = _Port(self._on_lines, self._port)
        manager = PortManager(self._port, writer)
        turns = _Turns(self._rate)
        try:
            while data := await reader.read(_PIECE_BYTES):
                if self._rate:
                    await turns.wait(len(data))
                typed = b"".join(manager.filter(data))
                if typed:
                    self._on_data(typed)
        except (OSError, ValueError, KeyError, TypeError):  # gone, or no RFC 2217
            pass
        finally:
            self._user = None
            writer.transport.abort()


class _Turns:
    """When so many bytes may be next, at a rate."""

    def __init__(self, bytes_a_second):
        self._rate = bytes_a_second
        self._free_s = 0

    async def wait(self, size):
        now_s = time.monotonic()
        self._free_s = max(now_s, self._free_s) + size / self._rate
        await asyncio.sleep(self._free_s - now_s)


class _Port:
    """What a PortManager sets. The lines stay as they are from one user to the next."""

    baudrate = 115200
    bytesize = 8
    parity = "N"
    stopbits = 1
    xonxoff = rtscts = break_condition = False
    cts = dsr = cd = True
    ri = False

    def __init__(self, on_lines, before):
        self._on_lines = on_lines
        self._dtr = before._dtr if before else False
        self._rts = before._rts if before else False

    @property
    def dtr(self):
        return self._dtr

    @dtr.setter
    def dtr(self, is_asserted):
        self._dtr = is_asserted
        self._on_lines(self._dtr, self._rts)

    @property
    def rts(self):
        return self._rts

    @rts.setter
    def rts(self, is_asserted):
        self._rts = is_asserted
        self._on_lines(self._dtr, self._rts)

    def reset_input_buffer(self):
        """Nothing waits here."""

    def reset_output_buffer(self):
        """The same."""
