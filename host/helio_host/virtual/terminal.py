"""The two terminals of a virtual board: its console, and the serial port that leads to it."""

import asyncio
import os
import signal
import termios
import tty

RAW_REPL = b"raw REPL; CTRL-B to exit\r\n"
FRIENDLY_REPL = b'Type "help()" for more information.\r\n'
PROMPT = b">>> "
CTRL_A = b"\x01"
CTRL_C = b"\x03"
PAUSE_S = 0.01  # before what could not be read or written is tried again
BUSY_S = 1  # how long a program may take to sleep, so that Ctrl+C can end it; then it is ended as it is
BUSY_PAUSE_S = 0.002
HOLD_S = 0.3  # how long a program may take to end on Ctrl+C
TYPED_MAX_BYTES = 65536
ABSENT_S = 1  # who has read nothing for so long, nor typed since the start, is not there
UNREAD_MAX_BYTES = 262144


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
    as they come, while `has_room()` is true. Owns the descriptor."""

    def __init__(self, fd, on_line, on_data=None, has_room=lambda: True):
        self._fd = fd
        self._on_line = on_line
        self._on_data = on_data
        self._has_room = has_room
        self._rest = b""
        self._pause = None
        os.set_blocking(fd, False)
        self._read_on()

    def _read_on(self):
        if self._has_room():
            self._pause = None
            asyncio.get_running_loop().add_reader(self._fd, self._read_or_pause)
        else:
            self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._read_on)

    def _read_or_pause(self):
        self.read()
        if not self._has_room():
            asyncio.get_running_loop().remove_reader(self._fd)
            self._read_on()

    def close(self):
        """Read what is left, and close."""
        if self._pause:
            self._pause.cancel()
        asyncio.get_running_loop().remove_reader(self._fd)
        while self.read():
            pass
        if self._rest:
            self._on_line(self._rest)
        os.close(self._fd)

    def read(self):
        """Take what has come; returns whether there was anything."""
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
    """The serial port that leads to a board's console: `send` is called with what the board says, and
    `receive` is to be with what is typed. `path` is where mpremote and its like find it.

    It outlives the board's restarts. What nobody reads is lost, as on a real cable; what is
    typed while the board starts waits for it.
    """

    def __init__(self, path, send, has_room=lambda: True):
        self.path = path
        self.has_room = has_room  # whether the board may say more
        self.in_use = False  # whether someone has typed since the board started
        self.raw = False  # whether the board is in its raw REPL
        self._send_out = send
        self._console = None
        self._raw_at_prompt = False
        self._typed = b""
        self._hold = None  # a timer while what was typed is held back
        self._busy_until_s = None  # when Ctrl+C is no longer held back for a program that is busy
        self._tail = b""

    def connect(self, console, raw):
        """Lead what is typed to the console (a descriptor) of a board that listens; with
        `raw`, take its prompt to the raw REPL as soon as it is there."""
        self._console = console
        self._raw_at_prompt = raw
        self.in_use = raw  # then someone has typed what brought it here
        self.raw = False
        self._send()

    def disconnect(self):
        """The board is gone for now."""
        self._console = None
        self._busy_until_s = None
        self._release()
        self._tail = b""

    def write(self, data):
        """Show what the board printed. Line ends are those of a board, CR LF, except in the raw
        REPL, where programs and not people read."""
        self._tail = (self._tail + data)[-4096:]
        raw, friendly = self._tail.rfind(RAW_REPL), self._tail.rfind(FRIENDLY_REPL)
        if raw != friendly:
            self.raw = raw > friendly
        if self._tail.endswith(PROMPT):
            if self._raw_at_prompt:
                self._raw_at_prompt = False
                os.write(self._console, CTRL_A)
            self._release()
            self._send()
        if not self.raw:
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self._send_out(data)

    def receive(self, data):
        """Take what was typed."""
        self._typed = (self._typed + data)[-TYPED_MAX_BYTES:]
        self._send()

    def close(self):
        """Nothing of it is open."""

    def forget(self):
        """What was typed so far was for someone else."""
        self._typed = b""

    def _send(self):
        if self._console is None or self._hold or not self._typed:
            return
        self.in_use = True
        end = self._typed.find(CTRL_C) + 1
        if not end or self.raw or self._tail.endswith(PROMPT):
            end = len(self._typed)
        elif self._is_too_busy():
            asyncio.get_running_loop().call_later(BUSY_PAUSE_S, self._send)
            return
        else:
            # the prompt that this brings forth throws away what was typed before it
            self._hold = asyncio.get_running_loop().call_later(HOLD_S, self._release_and_send)
        # before it has what was typed: with that it goes on, and may not listen any more or again
        is_deaf = CTRL_C in self._typed[:end] and self._is_deaf()
        try:
            sent = os.write(self._console, self._typed[:end])
        except OSError:  # its buffer is full, or it is gone
            sent = 0
        if is_deaf and CTRL_C in self._typed[:sent]:
            os.kill(os.tcgetpgrp(self._console), signal.SIGINT)
        self._typed = self._typed[sent:]
        if sent < end:
            asyncio.get_running_loop().call_later(PAUSE_S, self._send)

    def _is_too_busy(self):
        """Whether Ctrl+C is to wait a little: one that meets the unix MicroPython as it reads source leaves a lock
        behind, and it hangs when it next reads some. On a board it does not."""
        now_s = asyncio.get_running_loop().time()
        self._busy_until_s = self._busy_until_s or now_s + BUSY_S
        if now_s < self._busy_until_s and not _sleeps(os.tcgetpgrp(self._console)):
            return True
        self._busy_until_s = None
        return False

    def _is_deaf(self):
        """Whether Ctrl+C needs a signal of ours: the unix MicroPython runs what came by raw paste with its terminal
        set so that Ctrl+C is a byte like others, which on a board it is not."""
        is_running = self.raw and not self._tail.endswith((b">", b"\x01"))
        is_byte = not termios.tcgetattr(self._console)[3] & termios.ISIG
        return is_running and is_byte and _catches_interrupt(os.tcgetpgrp(self._console))

    def _release(self):
        if self._hold:
            self._hold.cancel()
            self._hold = None

    def _release_and_send(self):
        self._release()
        self._send()


def _sleeps(process):
    """Whether a process waits for something; so it is said where nobody knows."""
    try:
        with open("/proc/%d/stat" % process) as file:
            return file.read().rpartition(") ")[2][0] == "S"
    except (OSError, IndexError):  # gone, or another system than Linux
        return True


def _catches_interrupt(process):
    """Whether a process wants to hear of Ctrl+C now: not while `micropython.kbd_intr(-1)` holds."""
    try:
        with open("/proc/%d/status" % process) as file:
            caught = int(file.read().partition("SigCgt:")[2].split()[0], 16)
    except (OSError, ValueError, IndexError):  # gone, or another system than Linux
        return False
    return bool(caught >> signal.SIGINT - 1 & 1)


class Pty(SerialPort):
    """One that is a pseudo-terminal."""

    def __init__(self):
        self._unread = bytearray()  # which the terminal has no room for
        self._taken_s = 0  # when it last had
        self._absence = None
        self._ours, self._theirs = os.openpty()  # theirs stays open here: users come and go
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        super().__init__(os.ttyname(self._theirs), self._write)
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def close(self):
        """Take the port away."""
        if self._absence:
            self._absence.cancel()
        asyncio.get_running_loop().remove_reader(self._ours)
        asyncio.get_running_loop().remove_writer(self._ours)
        os.close(self._ours)
        os.close(self._theirs)

    def _write(self, data):
        self._unread += data
        self._write_on()

    def _write_on(self):
        loop = asyncio.get_running_loop()
        try:
            del self._unread[: os.write(self._ours, self._unread)]
            self._taken_s = loop.time()
        except OSError:  # its buffer is full
            pass
        # for somebody who reads slowly some is kept, for nobody nothing
        is_read = self.in_use or loop.time() < self._taken_s + ABSENT_S
        del self._unread[UNREAD_MAX_BYTES if is_read else 0 :]
        if self._absence:
            self._absence.cancel()
            self._absence = None
        if self._unread:
            loop.add_writer(self._ours, self._write_on)
            self._absence = loop.call_later(ABSENT_S, self._write_on)
        else:
            loop.remove_writer(self._ours)

    def _read(self):
        try:
            data = os.read(self._ours, 4096)
        except OSError:
            return
        self.receive(data)
