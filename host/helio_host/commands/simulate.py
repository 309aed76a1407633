"""`helio simulate`: virtual boards, and what one would see and hear of them."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from helio.errors import UsageError
from helio.limits import COAP_PORT, PORT
from helio_host.cli import print_json, printable, stdout_may_close
from helio_host.virtual.chips import CHIPS
from helio_host.virtual.simulator import LED_KINDS, Simulator

HEAP_KB = 320  # an ESP32's 160 KB: the objects of a 64-bit interpreter are twice as large
LOG_LINES = 8
MESSAGE_SHOWN = 60  # characters of a message in the table: one may have 64 KB

_port = click.IntRange(0, 65535)
_file = click.Path(exists=True, dir_okay=False)


@click.command()
@click.option("--boards", "count", type=click.IntRange(1, 200), default=1, show_default=True, help="How many.")
@click.option("--app", type=_file, help="Your program, in place of main.py.")
@click.option("--file", "files", type=_file, multiple=True, help="For the program; may be repeated.")
@click.option("--python", type=click.Choice(["auto", "micropython", "cpython"]), default="auto", show_default=True)
@click.option("--heap", "heap_kb", type=click.IntRange(32), default=HEAP_KB, show_default=True, metavar="KB")
@click.option("--led", type=click.Choice([*LED_KINDS]), help="In place of a NeoPixel.")
@click.option("--blank", "is_blank", is_flag=True, help="With nothing in the flash, on a cable to flash them by.")
@click.option("--chip", type=click.Choice(list(CHIPS), case_sensitive=False), help="Of a blank board; else an ESP32.")
@click.option("--link-rate", type=click.IntRange(1000), metavar="BYTES", help="A second, on a blank board's cable.")
@click.option("--network", default="127.0.0.0", show_default=True, help="Boards have this address plus 2 and up.")
@click.option("--port", type=_port, default=PORT, show_default=True, help="For plain messages; 0: any free one.")
@click.option("--coap-port", type=_port, default=COAP_PORT, show_default=True, help="For confirmed ones; the same.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an event.")
def command(as_json, is_blank, chip, **options):
    """Run virtual boards: a real MicroPython each, at 127.0.0.2 and up, until Ctrl+C."""
    if chip and not is_blank:
        raise UsageError("--chip is that of a --blank board")
    options["blank"] = (chip or "ESP32") if is_blank else None
    options["files"], options["settings"] = _without_settings(options["files"])
    asyncio.run(_simulate(_view(as_json), options))


def _without_settings(files):
    """The files but for a settings.json, and what that says, a dict, or None. Raises UsageError."""
    settings = None
    for path in files:
        if Path(path).name == "settings.json":
            try:
                settings = json.loads(Path(path).read_text(encoding="utf-8"))
            except (ValueError, OSError) as error:
                raise UsageError("%s cannot be read: %s" % (path, error)) from None
            if not isinstance(settings, dict):
                raise UsageError('%s is to be like {"feed": "https://…"}' % path)
    return [path for path in files if Path(path).name != "settings.json"], settings


def _view(as_json):
    if as_json:
        return JsonView()
    return LiveView() if sys.stdout.isatty() and not Console().is_dumb_terminal else LineView()


async def _simulate(view, options):
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)

    def end_with_stdout():
        loop.remove_reader(sys.stdout)
        stop.set()

    if stdout_may_close():
        loop.add_reader(sys.stdout, end_with_stdout)  # nothing to read ever comes but its end

    def emit(event):
        try:
            view.show(event)
        except BrokenPipeError:  # whoever read our stdout has seen enough
            stop.set()

    with view:
        async with Simulator(emit, **options):
            await stop.wait()


class JsonView:
    """Each event as a line of JSON."""

    def show(self, event):
        if event["event"] != "message":
            print_json(event)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


class LineView(JsonView):
    """Each event as a line for people."""

    def show(self, event):
        print("%s: %s" % (event["board"], describe(event)), flush=True)


def describe(event):
    """One event in words."""
    kind = event["event"]
    if kind == "ready":
        places = [("port", "port"), ("CoAP port", "coap_port"), ("serial port", "serial")]
        if not event["address"]:
            return "MicroPython runs, serial port %s" % event["serial"]
        known = ["%s %s" % (words, event[key]) for words, key in places if event[key] is not None]
        return ", ".join(["ready at %s" % event["address"]] + known)
    if kind == "blank":
        return "blank, serial port %s" % event["serial"]
    if kind == "led":
        return "LED " + ("on " + event.get("colour", "") if event["on"] else "off").strip()
    if kind == "log":
        return printable(event["text"])
    if kind == "message":
        return "message from %s: %s" % (event["from"], printable(event["text"]))
    died = "died with status %s, and starts again" % event["code"] if event["code"] else "was reset, and starts again"
    return "\n".join([died, *[printable(line) for line in (event["traceback"] or "").rstrip().split("\n")]]).rstrip()


class LiveView:
    """A table of the boards that follows what they do, and under it the latest of what they said."""

    def __init__(self):
        self._rows = {}
        self._log = []
        self._live = Live(get_renderable=self._render, auto_refresh=True, refresh_per_second=12)

    def __enter__(self):
        self._live.__enter__()
        return self

    def __exit__(self, *error):
        self._live.__exit__(*error)

    def show(self, event):
        row = self._rows.setdefault(event["board"], {"state": "starting"})
        kind = event["event"]
        if kind == "ready":
            row.update(event, state=event["address"] or "MicroPython runs")
        elif kind == "blank":
            row.update(event, state="blank")
        elif kind == "led":
            row["led"] = event
        elif kind == "message":
            row["message"] = event["text"]
        else:
            if kind == "exit":
                row.update(state="starting again", port=None, coap_port=None, led=None)
            lines = ["%s: %s" % (event["board"], line) for line in describe(event).split("\n")]
            self._log = (self._log + lines)[-max(LOG_LINES, len(lines)) :]  # a traceback is shown whole
        self._live.refresh()

    def _render(self):
        table = Table("board", "LED", "address", "port", "CoAP", "last message", "serial port")
        for name, row in self._rows.items():
            ports = [str(row.get(key) or "") for key in ("port", "coap_port")]
            message = Text(_cut(printable(row.get("message", ""))))
            table.add_row(name, led_dot(row.get("led")), row["state"], *ports, message, row.get("serial") or "")
        first = next(iter(self._rows), "board-1")
        blank = [row["serial"] for row in self._rows.values() if row["state"] == "blank"]
        command = "helio flash --port %s" % blank[0] if blank else "helio send %s blink 3" % first
        hint = Text("In another terminal: %s        Ctrl+C ends it" % command, style="dim")
        return Group(table, *[Text(line, overflow="ellipsis", no_wrap=True) for line in self._log], hint)


def _cut(text):
    return text if len(text) <= MESSAGE_SHOWN else text[: MESSAGE_SHOWN - 1] + "…"


def led_dot(led):
    """A LED event as a dot in its colour."""
    if not led or not led["on"]:
        return Text("○", style="dim")
    colour = led.get("colour", "FF0000")
    # a dim LED is seen in the dark, a dim dot is not
    strongest = max(int(colour[i : i + 2], 16) for i in (0, 2, 4))
    parts = [int(colour[i : i + 2], 16) * 255 // strongest for i in (0, 2, 4)]
    return Text("●", style="bold #%02x%02x%02x" % tuple(parts))
