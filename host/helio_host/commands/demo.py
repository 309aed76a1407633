"""`helio demo`: a virtual board, the messages a desktop would send it, and what comes of each; then
another program on it, which reads a feed."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from helio.errors import HelioError, Refused
from helio.node import Node
from helio_host.cli import fail, print_json
from helio_host.commands.simulate import HEAP_KB, led_dot
from helio_host.installed import data_folder
from helio_host.virtual.board import default_python
from helio_host.virtual.simulator import Simulator

NETWORK = "127.0.1.0"  # not where `helio simulate` begins
READY_S = 15
CHANGES_S = 2
NEWS_S = 15
PAUSE_S = 0.6  # for reading
SAMPLE = Path(__file__).parent.parent / "sample.xml"
HEADLINES = ["Rain at noon, says the roof", "Tomatoes & beans are dry", "The cat is home"]
NEWS = "With another program, news.py, it reads a feed by itself and says what is new."
INTERPRETERS = {"micropython": "a real MicroPython", "cpython": "CPython"}


class Step:
    """One message, what it shows, and what is to come of it."""

    def __init__(self, name, text, why, reply, led, bad_network=False):
        self.name = name
        self.text = text
        self.why = why
        self.reply = reply  # the start of the answer
        self.led = led  # each change, as "off" or a colour
        self.bad_network = bad_network


STEPS = [
    Step("blink", "blink 3", "A message is a name and what its handler takes. The board does it, then answers.",
         "done", ["202020", "off"] * 3),
    Step("colour", "led FF8000", "Another name, another handler: this one sets the LED's colour.",
         "", ["FF8000"]),
    Step("wrong", "blink lots", "A mistake is answered too, with what would be right. Nothing blinks or breaks.",
         "blink takes a whole number, 1 to 100", []),
    Step("again", "blink 2", "Now the network loses it once, then delivers it twice. Sent again, done once.",
         "done", ["off", "FF8000"] * 2, bad_network=True),
]  # fmt: skip


@click.command()
@click.option("--fast", is_flag=True, help="Without the pauses for reading.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a step.")
def command(fast, as_json):
    """Watch a board answer messages: a virtual one, running a real MicroPython."""
    show = Silent() if as_json else Show(0 if fast else PAUSE_S)
    if not asyncio.run(_demo(show, as_json)):
        fail(HelioError("a step did not do what it says: please report what is shown above"), as_json)


async def _demo(show, as_json):
    seen = Seen(show)
    async with _board(seen), Node("desktop", address="127.0.0.1", port=None, coap_port=0) as desktop:
        board = await seen.ready()
        await show.opening()
        good = True
        for step in STEPS:
            await show.step(step)
            if step.bad_network:
                async with BadNetwork(board) as network:
                    result = await _do(step, desktop, network.address, seen)
                result["ok"] = result["ok"] and network.was_bad
            else:
                result = await _do(step, desktop, board, seen)
            good = good and result["ok"]
            if as_json:
                print_json(result)
            await show.answer(result)
    result = await _news(show)
    if as_json:
        print_json(result)
    await show.answer(result)
    await show.closing()
    return good and result["ok"]


def _board(seen, **options):
    return Simulator(
        seen.event, count=1, network=NETWORK, python="auto", heap_kb=HEAP_KB, port=0, coap_port=0, **options
    )


async def _news(show):
    """What comes of the board's reading the sample feed."""
    heard = []
    seen = Seen(show)
    async with _sample_feed() as url, Node("desktop", address="127.0.0.1", port=0, coap_port=None) as desktop:
        desktop.on("news")(lambda message: heard.append(message.rest))
        await show.news(url)
        settings = {"feed": url, "host": "127.0.0.1:%d" % desktop.port}
        async with _board(seen, app=data_folder("device") / "programs" / "news.py", settings=settings):
            await seen.ready()
            await _until(lambda: len(heard) >= len(HEADLINES), NEWS_S)
            led = await seen.changes(2 * len(HEADLINES))
    return {
        "step": "news",
        "sent": url,
        "reply": "; ".join(heard),
        "led": [{"on": event["on"], "colour": event["colour"]} for event in led],
        "ok": heard == HEADLINES and [event["on"] for event in led] == [True, False] * len(HEADLINES),
    }


@asynccontextmanager
async def _sample_feed():
    """Serves the sample as `helio serve` does; the URL of what a board reads."""
    from aiohttp import web  # here, for it takes its time

    from helio_host.serving.app import make_app
    from helio_host.serving.served import Served
    from helio_host.serving.sources import Source

    async with Served([Source("news", path=SAMPLE)], lambda name, problem: None) as served:
        runner = web.AppRunner(make_app(served), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield "http://127.0.0.1:%d/feeds/news" % runner.addresses[0][1]
        finally:
            await runner.cleanup()


async def _do(step, desktop, target, seen):
    seen.led = []
    reply = await _send(desktop, target, step.text)
    led = await seen.changes(len(step.led))
    told = [event["colour"] if event["on"] else "off" for event in led]
    return {
        "step": step.name,
        "sent": step.text,
        "reply": reply,
        "led": [{"on": event["on"], "colour": event["colour"]} for event in led],
        "ok": reply.startswith(step.reply) and told == step.led,
    }


class BadNetwork(asyncio.DatagramProtocol):
    """Carries datagrams between the desktop and a board, whose address this is: of those to the
    board the first is lost, each other delivered twice. An async context manager."""

    def __init__(self, board):
        self._board = board
        self._desktop = None
        self.address = None  # where to send what is for the board
        self.was_bad = False  # whether it has lost one, and delivered one twice
        self._lost = False

    async def __aenter__(self):
        network = "127.0.0.1", 0
        self._socket, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, network)
        self.address = self._socket.get_extra_info("sockname")
        return self

    async def __aexit__(self, *error):
        self._socket.close()

    def datagram_received(self, data, sender):
        if sender == self._board:
            self._socket.sendto(data, self._desktop)
        elif not self._lost:
            self._lost = True
        else:
            self._desktop = sender
            for _ in range(2):
                self._socket.sendto(data, self._board)
            self.was_bad = True


class Seen:
    """What the board was seen to do."""

    def __init__(self, show):
        self._show = show
        self._board = asyncio.get_running_loop().create_future()
        self._said = []
        self.led = []

    def event(self, event):
        """Takes the simulator's events."""
        if event["event"] == "led":
            self.led.append(event)
            self._show.led(event)
        elif event["event"] == "ready" and not self._board.done():
            self._board.set_result((event["address"], event["coap_port"]))
        else:
            self._said.append(event.get("text") or event.get("traceback") or "")

    async def ready(self):
        """Where the board listens, once it does: its address and CoAP port."""
        try:
            return await asyncio.wait_for(self._board, READY_S)
        except asyncio.TimeoutError:
            raise HelioError("the virtual board did not start; it said:\n" + "\n".join(self._said))

    async def changes(self, count):
        """The changes of the LED, once there are `count`, or no more can be on their way."""
        await _until(lambda: len(self.led) >= count, CHANGES_S)
        await asyncio.sleep(0.1)  # one too many would be a mistake too
        return self.led


async def _until(condition, timeout_s):
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            break
        await asyncio.sleep(0.02)


async def _send(desktop, target, text):
    try:
        return await desktop.send(target, text)
    except Refused as error:
        return str(error)
    except HelioError as error:
        return "nothing: %s" % error


class Silent:
    """Shows nothing: with --json the results are enough."""

    async def opening(self):
        pass

    closing = opening

    async def step(self, step):
        pass

    news = answer = step

    def led(self, event):
        pass


class Terminal(Console):
    """A console whose reader may go away as with any other command: rich would make it a failure."""

    def on_broken_pipe(self):
        raise BrokenPipeError


class Show:
    """Tells it to a person, a line at a time."""

    def __init__(self, pause_s):
        self._pause_s = pause_s
        self._console = Terminal(highlight=False)

    async def opening(self):
        self._console.print(
            "[bold]board-1[/] has started. It is a virtual board, running %s." % INTERPRETERS[default_python()]
        )
        await asyncio.sleep(self._pause_s)

    async def step(self, step):
        self._console.print("\n[dim]%s[/]" % step.why)
        await asyncio.sleep(self._pause_s)
        self._console.print("  desktop → board-1   [bold]%s[/]" % step.text)
        self._console.print("  LED                ", end="")
        self._dots = 0

    async def news(self, url):
        self._console.print("\n[dim]%s[/]" % NEWS)
        await asyncio.sleep(self._pause_s)
        self._console.print("  board-1 → desktop   [bold]GET /feeds/news[/]")
        self._console.print("  LED                ", end="")
        self._dots = 0

    def led(self, event):
        self._console.print(" ", led_dot(event), sep="", end="")
        self._dots += 1

    async def answer(self, result):
        self._console.print("" if self._dots else Text(" stays as it was", style="dim"))
        good = "[green]as it should be[/]" if result["ok"] else "[red]not as it should be[/]"
        for line in result["reply"].split("; "):
            reply = Text(line, style="bold") if line else Text("(it is done)", style="dim")
            self._console.print(Text("  board-1 → desktop   ") + reply)
        self._console.print("  " + good)
        await asyncio.sleep(self._pause_s)

    async def closing(self):
        self._console.print(
            "\nNow you. In one terminal:   [bold]helio simulate[/]\n"
            "in another:                 [bold]helio send board-1 blink 3[/]\n"
            "and to see what it can do:  [bold]helio help board-1[/]"
        )
