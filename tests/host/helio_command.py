"""Runs the `helio` command as a user would, beside the tests; nothing of it leaves this machine."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

HELIO = str(Path(sys.executable).parent / "helio")
TIMEOUT_S = 40  # only ever waited for in full when a test fails
HERE = "127.0.0.1"

# The command with another port in place of 10001, which all helio on a machine share.
_WITH_PORT = "import sys; from helio import limits; limits.PORT = %d; from helio_host.cli import main; sys.exit(main())"


def command(*words, port=None):
    """The argv of `helio WORDS`; `port` stands in for the port that nobody gave."""
    start = [HELIO] if port is None else [sys.executable, "-c", _WITH_PORT % port]
    return [*start, *[str(word) for word in words]]


def helio(*words, port=None, **options):
    """Run `helio WORDS` to its end; what it said and its status. It has shown no traceback."""
    run = subprocess.run(
        command(*words, port=port),
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        timeout=TIMEOUT_S,
        encoding="utf-8",
        **options,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run


class Running:
    """`helio WORDS` while it runs, as a context manager.

    It carries a mark in its environment, as whatever it starts does: `processes()` finds them.
    """

    def __init__(self, *words, port=None, stdout=subprocess.PIPE, **environment):
        self._mark = "HELIO_TEST=" + uuid.uuid4().hex
        name, _, value = self._mark.partition("=")
        self.process = subprocess.Popen(
            command(*words, port=port),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, **environment, name: value},
        )
        self.out = self.process.stdout and Lines(self.process.stdout)
        self.err = Lines(self.process.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()  # it removes what it made, unlike one that is killed
        try:
            self.process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def end(self, signum=signal.SIGTERM):
        """Send the signal; returns the status it ended with. It has shown no traceback."""
        self.process.send_signal(signum)
        return self.wait()

    def wait(self):
        """Its status, once it has ended by itself. It has shown no traceback."""
        status = self.process.wait(TIMEOUT_S)
        errors = self.err.rest()
        assert "Traceback" not in errors and "Exception ignored" not in errors, errors
        return status

    def processes(self):
        """The ids of the processes that it started, itself included, and that still run."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:  # gone
                pass
        return found

    def leaves_nothing(self):
        """Whether all that it started is gone, or goes now."""
        return eventually(lambda: not self.processes())


class Lines:
    """The lines of a pipe, to be waited for."""

    def __init__(self, stream):
        self._stream = stream
        self._data = b""

    def next(self):
        """The next line, without its end."""
        while b"\n" not in self._data:
            assert self._read(), "it ended; the last it said: %r" % self._data
        line, _, self._data = self._data.partition(b"\n")
        return line.decode()

    def until(self, matches):
        """The next line for which `matches(line)` is true. Others that never end are not waited out."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            line = self.next()
            if matches(line):
                return line
            assert time.monotonic() < deadline, "it goes on without that line; the last: %r" % line

    def has(self, data):
        """Wait until `data` (bytes) has come, whether or not its line has ended; then it is read."""
        while data not in self._data:
            assert self._read(), "it ended; the last it said: %r" % self._data
        self._data = self._data.partition(data)[2]

    def rest(self):
        """All that is still to come, once whoever writes has ended."""
        while self._read():
            pass
        return self._data.decode()

    def close(self):
        """Read no further, as `head` does."""
        self._stream.close()

    def _read(self):
        ready, _, _ = select.select([self._stream], [], [], TIMEOUT_S)
        assert ready, "nothing more came; the last was %r" % self._data
        data = os.read(self._stream.fileno(), 65536)
        self._data += data
        return bool(data)


class Terminal:
    """`helio WORDS` at a terminal, as a context manager."""

    def __init__(self, *words):
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            command(*words), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.said = b""
        self._at = 0  # how much of it `until` has passed

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def until(self, data):
        """Wait until it has said so, bytes, after what was waited for before."""
        while data not in self.said[self._at :]:
            ready, _, _ = select.select([self._ours], [], [], TIMEOUT_S)
            assert ready, "nothing more came: %r" % self.said
            try:
                self.said += os.read(self._ours, 4096)
            except OSError:  # nobody is at the other end any more
                raise AssertionError("it ended: %r" % self.said) from None
        self._at = self.said.index(data, self._at) + len(data)

    def until_raw(self):
        """Wait until every byte that is typed goes to it as it is."""
        end_s = time.monotonic() + TIMEOUT_S
        while termios.tcgetattr(self._ours)[3] & termios.ICANON:
            assert time.monotonic() < end_s, "it reads lines: %r" % self.said

    def type(self, data):
        """Type bytes at it."""
        self._until_it_waits()
        os.write(self._ours, data)

    def interrupt(self):
        """Ctrl+C, which this terminal, as nobody's controlling one, does not make of the byte."""
        self._until_it_waits()
        self._process.send_signal(signal.SIGINT)

    def _until_it_waits(self):
        # Between the last byte of a question and the wait for its answer, getpass throws away what is typed, and
        # CPython puts off Ctrl+C until there is an answer.
        stat = Path("/proc/%d/stat" % self._process.pid)
        assert eventually(lambda: stat.read_text().rpartition(") ")[2][0] == "S")

    def status(self):
        """Its status, once it has ended by itself."""
        return self._process.wait(TIMEOUT_S)


@contextmanager
def answering(node):
    """`node` started, and answering in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(node.start(), loop).result(TIMEOUT_S)
        yield node
    finally:
        asyncio.run_coroutine_threadsafe(node.stop(), loop).result(TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def udp(address=HERE):
    """A plain socket on a port of its own, as any program's."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(TIMEOUT_S)
    sock.bind((address, 0))
    return sock


def free_port():
    """A port that nobody uses on any address, a moment ago."""
    with udp("0.0.0.0") as sock:
        return sock.getsockname()[1]


def eventually(condition):
    """Whether `condition()` becomes true."""
    end_s = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.02)
    return True
