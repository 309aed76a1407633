"""One virtual board: its folder, its process, its console, and what its pins do."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from helio import runtime_asking
from helio.coap.codec import CON, RST, encode
from helio_host.installed import core_folder, device_files
from helio_host.virtual.led import LedView
from helio_host.virtual.terminal import Lines, Pty, open_console

HERE = Path(__file__).parent
RESTART_S = 0.5  # between the death of a board and its next start
ARGUMENT_MAX = 255  # of a longer one MicroPython dies; all that we give it is ASCII
PWRON_RESET, HARD_RESET, WDT_RESET, SOFT_RESET = 1, 2, 3, 5  # as in MicroPython's `machine`
READY_S = 10  # how long a node that says it listens may take to answer
_PING, _PONG = encode(CON, 0, 1, b"", (), b""), encode(RST, 0, 1, b"", (), b"")  # CoAP's
WIFI = [{"ssid": "helio-virtual", "password": "virtual"}]


def default_python():
    """`micropython` where its wheel is installed, else `cpython`."""
    return "micropython" if find_spec("micropython_run") else "cpython"


class VirtualBoard:
    """A board that runs until `stop()`, and starts again whenever it dies.

    `emit(event)` is called with each event, a dict as `helio simulate --json` prints it, and
    with `{"event": "message", "text", "from"}` for each message that reached its node.
    """

    def __init__(
        self,
        name,
        address,
        emit,
        *,
        python,
        heap_kb,
        led,
        port,
        coap_port,
        app=None,
        files=(),
        settings=None,
        serial=None,
        mac=None,
    ):
        self.name = name
        self.address = address
        self._emit = lambda event, **more: emit({"board": name, "event": event, **more})
        self._python = python
        self._heap_kb = heap_kb
        self._ports = {"port": port, "coap_port": coap_port}
        self._led_settings = led
        self._folder = Path(tempfile.mkdtemp(prefix="helio-%s-" % name))
        self._mac = mac
        self._serial = serial or (Pty() if python == "micropython" else None)
        self._started = False
        self._running = None
        if not serial:
            lay_out(self._folder, {"name": name, "wifi": WIFI, "led": led, **(settings or {})}, app, files)

    @property
    def serial(self):
        """The path of its serial port, for mpremote; None where it has none."""
        return self._serial.path if self._serial else None

    def start(self):
        """Power it up."""
        self._running = asyncio.create_task(self.run())

    async def stop(self):
        """Power it down, and remove what it left."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._serial:
            self._serial.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def press_reset(self):
        """The button of the board: it starts as after power-up."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.start()

    def erase(self):
        """Remove all that is on its file system."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()

    async def run(self):
        """Power it up; it runs until this is cancelled."""
        raw, cause, watchdog_ms = False, PWRON_RESET, None
        self._started = False
        while True:
            life = _Life(self._emit, LedView(self._led_settings), self._serial)
            code = await life.live(lambda fd, raw, cause=cause: self._command(fd, raw, cause), raw, watchdog_ms)
            raw, cause, watchdog_ms = life.left_raw_repl, life.reset_cause(code), life.watchdog_ms
            if cause != SOFT_RESET:  # which alone a watchdog survives
                watchdog_ms = None
            self._started = True
            if self._serial and code == 0:
                self._serial.write(b"\r\nMPY: soft reboot\r\n")
            self._emit("exit", code=code, traceback=life.traceback)
            await asyncio.sleep(RESTART_S if code else 0)

    def _command(self, reports_fd, raw, cause):
        # after a soft reset in the raw REPL, a board comes back to that, without running main.py
        config = {
            "root": str(self._folder),
            "programs": ["boot.py"] if raw else ["boot.py", "main.py"],
            "report": reports_fd,
            "stand_ins": str(HERE / "stand_ins"),
            "address": self.address,
            "joined": self._started,
            "reset_cause": cause,
            **({"mac": self._mac.hex()} if self._mac else {}),
            **self._ports,
        }
        text = json.dumps(config)
        pieces = [text[i : i + ARGUMENT_MAX] for i in range(0, len(text), ARGUMENT_MAX)]
        spawn = [sys.executable, str(HERE / "spawn.py"), self._python, str(self._heap_kb)]
        return [*spawn, str(HERE / "start.py"), *pieces]


class _Life:
    """A board from power-up to the end of its process."""

    def __init__(self, emit, led, serial):
        self.traceback = None
        self.left_raw_repl = False  # whether the board was reset from there
        self._emit = emit
        self._led = led
        self._serial = serial
        self._ready = False
        self._was_reset = False
        self._was_hung = False
        self.watchdog_ms = None  # within which it is to be fed
        self._watchdog = None
        self._process = None
        self._connect = None
        self._probe = None

    def reset_cause(self, code):
        """What its successor sees, where this life ended with `code`."""
        if self._was_hung:
            return WDT_RESET
        if self._was_reset:
            return HARD_RESET
        return SOFT_RESET if code >= 0 else PWRON_RESET

    async def live(self, command, raw, watchdog_ms):
        """Run the process that `command(fd to report to, raw)` gives, into its raw REPL or not, with a watchdog
        that was on before or None; returns its exit code."""
        console, console_end = open_console()
        reports, reports_end = os.pipe()
        wires = (self._serial.write, self._serial.has_room) if self._serial else ()
        read_console = Lines(console, self._on_console_line, *wires)
        read_reports = Lines(reports, self._on_report)
        self._connect = lambda: self._serial and self._serial.connect(console, raw)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command(reports_end, raw),
                stdin=console_end,
                stdout=console_end,
                stderr=console_end,
                pass_fds=[reports_end],
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
            if watchdog_ms:
                self._feed(watchdog_ms)
            code = await self._process.wait()
            if self._was_reset:
                return 1 if self.traceback else 0
            read_console.read()  # all it said, before what it did is judged
            self.left_raw_repl = code == 0 and bool(self._serial) and self._serial.raw
            return code
        finally:
            if self._probe:
                self._probe.cancel()
            if self._watchdog:
                self._watchdog.cancel()
            if self._process and self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
            if self._serial:
                self._serial.disconnect()
            os.close(console_end)
            os.close(reports_end)
            read_reports.close()
            read_console.close()

    def _on_console_line(self, line):
        if not (self._serial and self._serial.in_use):
            self._emit("log", text=line.decode(errors="replace"))

    def _on_report(self, line):
        try:
            report = json.loads(line)
        except ValueError:  # cut short, where the program was stopped while it reported
            return
        if "started" in report:
            self._connect()
            if not report["started"]:  # a bare MicroPython
                self._emit("ready", address=None, port=None, coap_port=None, serial=self._serial and self._serial.path)
        elif "node" in report:
            if self._probe:
                self._probe.cancel()
            self._probe = asyncio.create_task(self._until_ready(report))
        elif "message" in report:
            if self._ready:
                self._emit("message", text=report["message"], **{"from": report["from"]})
        elif "traceback" in report:
            self.traceback = report["traceback"]
        elif "reset" in report:
            self._was_reset = True
            self._process.kill()
        elif "watchdog" in report:
            self._feed(report["watchdog"])
        else:
            led = self._led.change(report)
            if led:
                self._emit("led", **led)

    def _feed(self, watchdog_ms):
        if self._watchdog:
            self._watchdog.cancel()
        self.watchdog_ms = watchdog_ms
        self._watchdog = asyncio.get_running_loop().call_later(watchdog_ms / 1000, self._bite)

    def _bite(self):
        self._was_hung = True
        self._process.kill()

    async def _until_ready(self, report):
        address, port, coap_port = report["address"], report["port"], report["coap_port"]
        if await _answers(address, port, b"ping", b"ok") and await _answers(address, coap_port, _PING, _PONG):
            serial = self._serial.path if self._serial else None
            self._ready = True
            self._emit("ready", address=address, port=port, coap_port=coap_port, serial=serial)


async def _answers(address, port, question, answer):
    """Whether a question comes back with something that begins so, in time; a port that is None
    has none to give."""
    if port is None:
        return True
    sock = runtime_asking.connect_udp(None, address, port)
    try:
        end_s = time.monotonic() + READY_S
        while time.monotonic() < end_s:
            try:
                sock.send(question)
                if await runtime_asking.readable(sock, 200):
                    return sock.recv(64).startswith(answer)
            except OSError:  # not bound yet
                await asyncio.sleep(0.02)
        return False
    finally:
        sock.close()


def lay_out(folder, settings, app=None, files=()):
    """Put onto a board's file system what `helio deploy` would: the core, `device/`, settings
    and the program, `app` (a path) in place of `main.py`; and `files` (paths) beside it."""
    shutil.copytree(core_folder(), folder / "lib/helio", ignore=shutil.ignore_patterns("__pycache__"))
    for name, path in device_files().items():
        target = folder / name[1:]
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    if app:
        shutil.copy(app, folder / "main.py")
    for path in files:
        shutil.copy(path, folder)
    (folder / "settings.json").write_text(json.dumps(settings))
