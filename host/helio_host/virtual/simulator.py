"""Several virtual boards at addresses of their own on the loopback network."""

import errno
import fcntl
import ipaddress
import os
import socket
import tempfile

from helio.errors import PortInUse, UsageError
from helio_host.boards import load_board
from helio_host.virtual.board import VirtualBoard, default_python
from helio_host.virtual.chips import CHIPS

ADDRESSES_TRIED = 250
LED_KINDS = {
    "pin": {"kind": "pin", "pin": 2, "active": 1},
    "inverted": {"kind": "pin", "pin": 2, "active": 0},
    "none": {"kind": "none"},
}


class Simulator:
    """The boards `board-1`, `board-2`, … of one network, as an async context manager.

    `emit` is called with every event of every board (`VirtualBoard`). With `blank`, the name of a chip,
    they have nothing in their flash (`BlankBoard`).
    """

    def __init__(
        self,
        emit,
        *,
        count,
        network="127.0.0.0",
        port,
        coap_port,
        python,
        heap_kb,
        led=None,
        app=None,
        files=(),
        settings=None,
        blank=None,
        link_rate=None,
    ):
        if python == "auto":
            python = default_python()
        elif python == "micropython" and default_python() != python:
            raise UsageError("there is no MicroPython for this machine: leave out --python, or use --python cpython")
        if blank and (app or files or settings):
            raise UsageError("a blank board has no program and no files: leave out --blank, or --app and --file")
        if blank and python != "micropython":
            raise UsageError("a blank board becomes a MicroPython board, which this machine has none for")
        if link_rate and not blank:
            raise UsageError("--link-rate is that of a --blank board's cable")
        _check_names(files)
        self._places = _free_places(network, count, port, coap_port)
        self.boards = []
        self._options = {"python": python, "heap_kb": heap_kb, "led": _led(led), "app": app, "files": files}
        self._options["settings"] = settings
        self._emit = emit
        self._blank = blank
        self._link_rate = link_rate

    async def __aenter__(self):
        try:
            for place in self._places:
                board = self._board(place)
                self.boards.append(board)
                board.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    def _board(self, place):
        options = {**self._options, "port": place.port, "coap_port": place.coap_port}
        if not self._blank:
            return VirtualBoard(place.name, place.address, self._emit, **options)
        from helio_host.virtual.blank import BlankBoard  # which needs pyserial

        more = {"chip": CHIPS[self._blank], "link_rate": self._link_rate}
        return BlankBoard(place.name, place.address, self._emit, **more, **options)

    async def __aexit__(self, *error):
        for board in self.boards:
            await board.stop()
        for place in self._places:
            place.release()


class _Place:
    """An address for one board, ours alone until `release()`."""

    def __init__(self, name, address, port, coap_port):
        self.name = name
        self.address = address
        self.port = port
        self.coap_port = coap_port
        self._lock = None

    def take(self):
        """Whether the place is free; then it is ours. Raises OSError where it cannot exist."""
        for port in (self.port, self.coap_port):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                try:
                    sock.bind((self.address, port))
                except OSError as error:
                    if error.errno == errno.EADDRINUSE:
                        return False
                    raise
        if not self.port:
            return True
        # the board binds later: until then another simulator must be told
        self._lock = _open_lock("helio-%s-%d.lock" % (self.address, self.port))
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            self.release()
            return False

    def release(self):
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _open_lock(name):
    path = os.path.join(tempfile.gettempdir(), name)
    try:
        return os.open(path, os.O_RDONLY)  # another user's too: a lock needs no right to write
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)


def _free_places(network, count, port, coap_port):
    try:
        first = ipaddress.IPv4Address(network)
        if not first.is_loopback:
            raise ValueError
    except ValueError:
        raise UsageError("virtual boards live at 127.x.y.z: give a --network like 127.0.0.0")
    places = []
    for number in range(1, ADDRESSES_TRIED + 1):
        place = _Place("board-%d" % number, str(first + 1 + number), port, coap_port)
        try:
            free = place.take()
        except OSError:  # macOS has 127.0.0.1 only
            place = _Place("board-%d" % number, "127.0.0.1", 0, 0)
            free = place.take()
        if free:
            places.append(place)
        if len(places) == count:
            return places
    for place in places:
        place.release()
    raise PortInUse(
        "port %d or %d is in use on %s and the %d after it: end what holds it, or choose --port and --coap-port"
        % (port, coap_port, first + 2, ADDRESSES_TRIED - 1)
    )


def _check_names(files):
    taken = {"boot.py", "lib", "main.py", "settings.json"}
    for name in map(os.path.basename, files):
        if name in taken:
            raise UsageError("a board has a %s already: give your file another name" % name)
        taken.add(name)


def _led(kind):
    if kind in LED_KINDS:
        return LED_KINDS[kind]
    return load_board("virtual").led
