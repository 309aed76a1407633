"""Virtual boards: a datagram in, and what their pins do is exactly what was asked for; programs
that end or die, and the serial port."""

import asyncio
import json
import tempfile

import pytest
from helio_command import free_port
from simulated import Serial, Simulated, both, mpremote, shown

from asynchronous import asynchronous
from helio_host.installed import data_folder


@pytest.fixture
def program(tmp_path):
    """Writes a program for `--app`; gives its path."""

    def write(text):
        path = tmp_path / "app.py"
        path.write_text(text)
        return str(path)

    return write


# --- the LED


@both
@asynchronous
async def test_what_the_led_does_is_what_was_asked_for(python):
    async with Simulated(python=python) as sim:
        ready = await sim.next("ready")
        assert (ready["board"], ready["address"]) == ("board-1", "127.0.20.2")
        assert ready["port"] > 0 and "coap_port" in ready
        assert (ready["serial"] is None) == (python == "cpython")
        await sim.settle()
        assert not sim.of("led")  # never an event for the first off

        assert await sim.led("blink 3 20") == ["202020", "off"] * 3
        assert await sim.led("blink") == ["202020", "off"]
        assert await sim.led("led off") == []
        assert await sim.led("led FF8000") == ["FF8000"]
        assert await sim.led("led ff8000") == []
        assert await sim.led("blink 3 20") == ["off", "FF8000"] * 3
        assert await sim.led("led 00FF00", "led off", "led on") == ["00FF00", "off", "00FF00"]
        assert await sim.led("led 000000") == ["off"]
        assert await sim.led("say blink 3", "help", "status") == []

        for wrong in ("blink lots", "blink 0", "blink 101", "blink 1 9", "led", "led dim", "led 12345", "nothing", ""):
            assert (await sim.ask(wrong)).startswith("error "), wrong
        assert await sim.led("ping") == []
        assert sim.of("led")[0] == {"board": "board-1", "event": "led", "on": True, "colour": "202020"}
        assert sim.of("led")[1] == {"board": "board-1", "event": "led", "on": False, "colour": "000000"}
        assert not sim.of("exit")


@asynchronous
async def test_blinks_that_overlap_wait_for_each_other():
    async with Simulated() as sim:
        await sim.next("ready")
        answers = await asyncio.gather(*[sim.ask("blink %d 20" % count) for count in (2, 3, 1)])
        assert answers == ["ok done"] * 3
        await sim.settle()
        assert [shown(event) for event in sim.of("led")] == ["202020", "off"] * 6


@both
@pytest.mark.parametrize("kind", ["pin", "inverted"])
@asynchronous
async def test_a_led_on_a_pin(python, kind):
    async with Simulated(python=python, led=kind) as sim:
        assert await sim.led("blink 3 20") == ["on", "off"] * 3
        assert await sim.led("led 0000FF", "led on") == ["on"]
        assert await sim.led("blink 2 20") == ["off", "on"] * 2
        assert await sim.led("led off") == ["off"]
        assert sim.of("led")[0] == {"board": "board-1", "event": "led", "on": True}


@asynchronous
async def test_without_a_led_nothing_is_reported():
    async with Simulated(led="none") as sim:
        assert await sim.ask("blink 2 20") == "ok done, but no LED is set up on this board"
        assert await sim.led("led on", "led FF0000", "led off") == []
        assert not sim.of("led")


PINS = """
from machine import Pin
from neopixel import NeoPixel
from helio.node import Node

led = Pin(2, Pin.OUT)
other = Pin(4, Pin.OUT, value=1)
pixels = NeoPixel(Pin(48, Pin.OUT), 3)
strange = NeoPixel(Pin(47, Pin.OUT), 1)
node = Node("desk")

@node.on("pin")
def pin(message):
    other.off()
    other.on()
    led.on()
    led.on()
    led(0)
    led.toggle()
    led.value(0)
    led.off()

@node.on("pixels")
def pixel(message):
    pixels[0] = (1, 2, 3)
    pixels[1] = (9, 9, 9)
    strange[0] = (7, 7, 7)
    strange.write()
    pixels.write()
    pixels.write()
    pixels[1] = (8, 8, 8)
    pixels.write()
    pixels.fill((0, 0, 0))
    pixels.write()

node.run()
"""


@both
@pytest.mark.parametrize(
    "kind, pin, pixels",
    [
        (None, [], ["010203", "off"]),
        ("pin", ["on", "off", "on", "off"], []),
        ("inverted", ["on", "off", "on"], []),  # dark while high: the first write changes nothing
        ("none", [], []),
    ],
)
@asynchronous
async def test_another_program_is_seen_by_what_it_writes(python, kind, pin, pixels, program):
    async with Simulated(python=python, led=kind, app=program(PINS)) as sim:
        assert await sim.led("pin") == pin
        assert await sim.led("pixels") == pixels


# --- settings

SPOIL = """
@node.on("spoil")
def spoil(message):
    import machine, os
    os.remove("settings.json")
    content = %r
    if content is not None:
        with open("settings.json", "wb") as file:
            file.write(content)
    machine.reset()

node.run()
"""


@both
@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"name": "caf\xe9"}', b"[" * 100000, b'{"led": 3}'])
@asynchronous
async def test_a_board_without_good_settings_starts_says_so_and_answers(python, content, program):
    main = (data_folder("device") / "main.py").read_text()
    async with Simulated(python=python, app=program(main.replace("\nnode.run()\n", SPOIL % content))) as sim:
        await sim.next("ready")
        asking = asyncio.create_task(sim.ask("spoil"))
        assert (await sim.next("exit"))["code"] == 0
        said = (await sim.next("log"))["text"]
        assert "settings.json" in said and "used" in said
        await sim.next("ready")
        asking.cancel()
        assert await sim.ask("ping") == "ok pong"
        assert await sim.ask("blink 1 20") == "ok done, but no LED is set up on this board"


# --- programs that end

ONCE = """
import os
if "once" not in os.listdir():
    open("once", "w").close()
    %s
from helio.node import Node
Node("app").run()
"""


@both
@pytest.mark.parametrize(
    "statement, code, traceback",
    [
        ("1 / 0", 1, ["main.py", "ZeroDivisionError"]),
        ("import nowhere", 1, ["main.py", "nowhere"]),
        ("from helio.node import Node; Node('two words')", 1, ["main.py", "node.py", "UsageError", "two words"]),
        ("def deeper(): deeper()\n    deeper()", 1, ["main.py", "recursion"]),
        ("exec('1 +')", 1, ["SyntaxError"]),
        ("import sys; sys.exit()", 0, None),
        ("import sys; sys.exit(3)", 3, None),
        ("import machine; machine.reset()", 0, None),
        ("import reporting, sys; reporting._pipe.write(b'{\"pin\": '); sys.exit(1)", 1, None),  # while it reported
    ],
)
@asynchronous
async def test_a_program_that_ends_is_told_and_started_again(python, statement, code, traceback, program):
    async with Simulated(python=python, app=program(ONCE % statement)) as sim:
        exited = await sim.next("exit")
        assert exited["code"] == code
        if traceback is None:
            assert exited["traceback"] is None
        else:
            assert all(part in exited["traceback"] for part in traceback), exited["traceback"]
        await sim.next("ready")
        assert await sim.ask("ping") == "ok pong"
        assert len(sim.of("exit")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "bytearray(10000000)",
        "hoard = []\n    while True: hoard.append(bytearray(100))",
        "x = [1]\n    while True: x += x",
    ],
)
@asynchronous
async def test_a_program_that_needs_too_much_memory_dies_of_it(statement, program):
    async with Simulated(heap_kb=200, app=program(ONCE % statement)) as sim:
        exited = await sim.next("exit")
        assert exited["code"] == 1
        assert "main.py" in exited["traceback"] and "MemoryError" in exited["traceback"]
        await sim.next("ready")
        assert await sim.ask("ping") == "ok pong"


@asynchronous
async def test_a_program_that_dies_at_every_start_is_started_every_time(program):
    async with Simulated(app=program("def broken(:\n")) as sim:
        for _ in range(3):
            exited = await sim.next("exit", code=1)
            assert "SyntaxError" in exited["traceback"]


@asynchronous
async def test_where_there_is_no_prompt_a_program_that_ends_is_not_started_again(program):
    text = "import threading\nfrom helio.node import Node\nnode = Node('app')\n"
    text += "threading.Thread(target=node.run, daemon=True).start()\n"  # seen to go on after the end
    async with Simulated(python="cpython", app=program(text)) as sim:
        await sim.next("ready")
        assert await sim.ask("ping") == "ok pong"
        assert not sim.of("exit")


# --- the serial port


@asynchronous
async def test_ctrl_c_leaves_the_prompt_and_ctrl_d_starts_the_board_again():
    async with Simulated() as sim:
        ready = await sim.next("ready")
        with Serial(ready["serial"]) as serial:
            serial.type(b"\x03")
            await serial.until(b">>> ")
            serial.type(b"6 * 7\r")
            await serial.until(b"\r\n42\r\n>>> ")
            serial.type(b"led.colour(1, 2, 3)\r")
            await sim.next("led", colour="010203")
            await serial.until(b"\r\n>>> ")
            assert not sim.of("exit")
            serial.type(b"\x04")
            await serial.until(b"MPY: soft reboot\r\n")
            exited = await sim.next("exit")
            assert (exited["code"], exited["traceback"]) == (0, None)
            assert (await sim.next("ready"))["serial"] == ready["serial"]
        assert await sim.led("blink 2 20") == ["202020", "off"] * 2


@asynchronous
async def test_a_program_that_ends_leaves_the_prompt(program):
    async with Simulated(app=program("colour = 'green'\nprint('over')\n")) as sim:
        await sim.next("log", text="over")
        with Serial(sim.boards[0].serial) as serial:
            serial.type(b"colour\r")
            await serial.until(b"\r\n'green'\r\n>>> ")
        assert not sim.of("exit")


@asynchronous
async def test_what_a_program_prints_comes_out_of_the_port_and_as_log():
    async with Simulated() as sim:
        ready = await sim.next("ready")
        with Serial(ready["serial"]) as serial:
            await sim.ask("say grüß dich")
            await serial.until("grüß dich\r\n".encode())
        await sim.next("log", text="grüß dich")


@asynchronous
async def test_who_reads_slowly_loses_nothing():
    async with Simulated() as sim:
        ready = await sim.next("ready")
        with Serial(ready["serial"]) as serial:
            serial.type(b"\x03")
            await serial.until(b">>> ")
            serial.stop_reading()
            serial.type(b"for number in range(20000): print(number)\r\r")
            while len(sim.boards[0]._serial._unread) < 40000:  # the terminal itself holds 4 to 20 KB
                await asyncio.sleep(0)
            serial.go_on_reading()
            said = await serial.until(b"19999\r\n")
        assert all(b"\n%d\r" % number in said for number in range(20000))


@asynchronous
async def test_mpremote_finds_a_board(tmp_path):
    (tmp_path / "hello.txt").write_text("hello from the desktop\n" * 100)
    (tmp_path / "there.py").write_text("print('imported', __file__)\n")
    async with Simulated() as sim:
        port = (await sim.next("ready"))["serial"]
        assert await mpremote(port, "exec", "print(6 * 7)") == "42\n"

        copy = ["fs", "cp", str(tmp_path / "hello.txt"), ":hello.txt"]
        said = await mpremote(port, *copy, "+", "fs", "ls", "+", "fs", "cat", ":hello.txt")
        for name in ("boot.py", "main.py", "settings.json", "lib/", "hello.txt"):
            assert name in said, said
        assert said.endswith("hello from the desktop\n" * 100), said

        said = await mpremote(port, "mount", str(tmp_path), "exec", "import there")
        assert "imported /remote/there.py" in said or "imported there.py" in said, said

        await mpremote(port, "exec", "from led import led; led.colour(255, 0, 0)")
        await sim.next("led", colour="FF0000")

        before = len(sim.of("ready"))
        await mpremote(port, "reset")
        await sim.until(lambda: len(sim.of("ready")) > before)
        assert await sim.led("blink 1 20") == ["202020", "off"]


# --- several boards, and where their files are


@asynchronous
async def test_five_boards_at_once():
    names = ["board-%d" % number for number in range(1, 6)]
    async with Simulated(count=5) as sim:
        for name in names:
            await sim.until(lambda name=name: sim.of("ready", name))
        readies = [sim.of("ready", name)[0] for name in names]
        assert [ready["address"] for ready in readies] == ["127.0.20.%d" % host for host in range(2, 7)]
        assert len({ready["serial"] for ready in readies}) == 5
        texts = ["blink %d 20" % number for number in range(1, 6)]
        seen = await asyncio.gather(*[sim.led(text, board=name) for text, name in zip(texts, names, strict=True)])
        assert seen == [["202020", "off"] * number for number in range(1, 6)]
        for name in names:
            assert json.loads((await sim.ask("status", name))[3:])["name"] == name
        assert not [event for event in sim.events if event["event"] == "exit"]


@asynchronous
async def test_a_second_simulator_takes_the_next_addresses(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ports = {"port": free_port(), "coap_port": free_port()}
    async with Simulated(count=2, **ports) as first, Simulated(**ports) as second:
        assert [board.address for board in first.boards] == ["127.0.20.2", "127.0.20.3"]
        assert [board.address for board in second.boards] == ["127.0.20.4"]
        for sim, board in (first, "board-1"), (first, "board-2"), (second, "board-3"):
            (ready,) = await sim.until(lambda sim=sim, board=board: sim.of("ready", board))
            assert ready["port"] == ports["port"]
        assert await second.led("blink 1 20", board="board-3") == ["202020", "off"]
        assert not [event for event in first.events if event["event"] == "led"]


@both
@asynchronous
async def test_a_board_starts_however_long_the_paths_are(python, tmp_path, monkeypatch):
    folder = tmp_path / ("d" * 200) / ("é" * 50)
    folder.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    async with Simulated(python=python) as sim:
        await sim.next("ready")
        assert await sim.led("blink 1 20") == ["202020", "off"]
        assert not sim.of("exit")
