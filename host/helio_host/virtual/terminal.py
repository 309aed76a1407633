"""The two terminals of a virtual board: its console, and the serial port that leads to it."""

import asyncio
import os
import termios
import tty

RAW_REPL = b"raw REPL; CTRL-B to exit\r\n"
FRIENDLY_REPL = b'Type "help()" for more information.\r\n'


def open_console():
    """`(our end, the board's end)` of a terminal on which Ctrl+C interrupts the board."""
    ours, boards = os.openpty()
    tty.setraw(boards)
    attributes = termios.tcgetattr(boards)
    attributes[3] |= termios.ISIG
    termios.tcsetattr(boards, termios.TCSANOW, attributes)
    return ours, boards


class Lines:
    """Reads `fd` under asyncio and calls `on_line` with each line, and `on_data` with all bytes
    as they come. Owns the descriptor."""

    def __init__(self, fd, on_line, on_data=None):
        self._fd = fd
        self._on_line = on_line
        self._on_data = on_data
        self._rest = b""
        os.set_blocking(fd, False)
        asyncio.get_running_loop().add_reader(fd, self._read)

    def close(self):
        """Read what is left, and close."""
        asyncio.get_running_loop().remove_reader(self._fd)
        while self._read():
            pass
        if self._rest:
            self._on_line(self._rest)
        os.close(self._fd)

    def _read(self):
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        if self._on_data:
            self._on_data(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._on_line(line.rstrip(b"\r"))
        return bool(data)


class SerialPort:
    """A pseudo-terminal for mpremote and its like, whose far end is a board's console.

    It outlives the board's restarts. What nobody reads is lost, as on a real cable.
    """

    def __init__(self):
        self._ours, self._theirs = os.openpty()  # theirs stays open here: users come and go
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        self.in_use = False  # whether someone has typed since the board started
        self._console = None
        self._raw = False
        self._tail = b""

    def connect(self, console):
        """Lead what is typed to the console (a descriptor) of a board that has started."""
        self._console = console
        self.in_use = self._raw = False
        asyncio.get_running_loop().add_reader(self._ours, self._typed)

    def disconnect(self):
        """The board is gone for now."""
        asyncio.get_running_loop().remove_reader(self._ours)
        self._console = None

    def write(self, data):
        """Show what the board printed. Line ends are those of a board, CR LF, except in the raw
        REPL, where programs and not people read."""
        self._tail = (self._tail + data)[-4096:]
        raw, friendly = self._tail.rfind(RAW_REPL), self._tail.rfind(FRIENDLY_REPL)
        if raw != friendly:
            self._raw = raw > friendly
        if not self._raw:
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        try:
            os.write(self._ours, data)
        except OSError:
            pass

    def close(self):
        """Take the port away."""
        os.close(self._ours)
        os.close(self._theirs)

    def _typed(self):
        try:
            data = os.read(self._ours, 4096)
            self.in_use = True
            os.write(self._console, data)
        except OSError:
            pass
