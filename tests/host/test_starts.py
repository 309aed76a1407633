"""A board whose program is broken: it is started anew, then left alone, and never lost."""

import asyncio
import json

import pytest
from helio_command import helio
from simulated import Serial, Simulated, both

from asynchronous import asynchronous
from helio_host.board_prompt import BoardPrompt
from helio_host.installed import data_folder

BLINK = (data_folder("device") / "main.py").read_text()
IMPATIENT = "import watchdog\nwatchdog.TIMEOUT_MS = 900\n" + BLINK
HANGS = """
@node.on("hang")
def hang(message):
    while True:
        pass


node.run()
"""
DIES = """
import asyncio

asked = asyncio.Event()


@node.on("die")
def die(message):
    asked.set()


async def dies():
    await asked.wait()
    1 / 0


node.run(dies)
"""


@pytest.fixture
def program(tmp_path):
    def write(text, end="node.run()"):
        path = tmp_path / "app.py"
        path.write_text(text.replace("\nnode.run()\n", end) if end in (HANGS, DIES) else text)
        return path

    return write


async def status(sim):
    return json.loads((await sim.ask("status"))[3:])


@both
@asynchronous
async def test_after_three_bad_starts_a_program_is_left_alone_and_the_board_says_so(python, program):
    async with Simulated(python=python, app=program("1 / 0\n")) as sim:
        await sim.next("ready")
        exits = sim.of("exit")
        assert [event["code"] for event in exits] == [1, 1, 1]
        assert all("main.py" in event["traceback"] and "ZeroDivisionError" in event["traceback"] for event in exits)
        assert "left alone" in (await status(sim))["trouble"]
        assert any("left alone" in event["text"] for event in sim.of("log"))
        assert await sim.ask("ping") == "ok pong"


@both
@asynchronous
async def test_nor_is_one_that_exits_started_for_ever(python, program):
    async with Simulated(python=python, app=program("import sys\nsys.exit()\n")) as sim:
        await sim.next("ready")
        assert [event["code"] for event in sim.of("exit")] == [0, 0, 0]
        assert "left alone" in (await status(sim))["trouble"]


@both
@asynchronous
async def test_where_starts_cannot_be_counted_the_program_is_still_watched(python, program):
    in_the_way = "import os\ntry:\n    os.mkdir('lib/helio.starts')\nexcept OSError:\n    pass\n1 / 0\n"
    async with Simulated(python=python, app=program(in_the_way)) as sim:
        await sim.until(lambda: len(sim.of("exit")) == 3)
        assert all("ZeroDivisionError" in event["traceback"] for event in sim.of("exit"))
        assert any("are not counted" in event["text"] for event in sim.of("log"))


@asynchronous
async def test_at_the_cable_it_is_tried_again_and_stays_at_its_prompt(program):
    async with Simulated(app=program("print('tried')\n1 / 0\n")) as sim:
        ready = await sim.next("ready")
        with Serial(ready["serial"]) as serial:
            for _ in range(2):
                serial.type(b"\x03")
                await serial.until(b">>> ")
                serial.type(b"\x04")
                await serial.until(b"MPY: soft reboot\r\n")
                await serial.until(b"tried\r\n")
                await serial.until(b"ZeroDivisionError: divide by zero\r\n")
                await serial.until(b">>> ")
            serial.type(b"import starts; starts.bad()\r")
            await serial.until(b"\r\n0\r\n>>> ")
        assert len(sim.of("exit")) == 5  # three bad starts and the two from the prompt


@pytest.mark.parametrize("text", ["1 / 0\n", "hoard = []\nwhile True: hoard.append(bytearray(100))\n"])
@asynchronous
async def test_what_helio_started_and_failed_is_left_alone_at_once_and_the_board_still_answers(text, program, tmp_path):
    async with Simulated() as sim:
        ready = await sim.next("ready")
        (tmp_path / "fails.py").write_text(text)
        run = await asyncio.to_thread(helio, "deploy", tmp_path / "fails.py", "--port", ready["serial"])
        assert run.returncode == 1 and "Error" in run.stdout and "main.py is left alone: it ended" in run.stdout
        assert "still answers" in run.stderr
        assert "it ended with an error" in (await status(sim))["trouble"]
        (tmp_path / "fails.py").write_text(BLINK)
        run = await asyncio.to_thread(helio, "deploy", tmp_path / "fails.py", "--port", ready["serial"])
        assert run.returncode == 0, run.stderr
        assert await sim.led("blink 1 20") == ["202020", "off"]


@asynchronous
async def test_a_button_pressed_again_and_again_is_no_bad_start():
    async with Simulated() as sim:
        for _ in range(5):
            await sim.next("ready")
            await sim.boards[0].press_reset()
        await sim.next("ready")
        assert "trouble" not in await status(sim)
        assert await sim.led("blink 1 20") == ["202020", "off"]


@asynchronous
async def test_a_start_that_went_well_for_a_while_is_none(program):
    soon = "import starts\nstarts.WELL_S = 0\n" + BLINK
    async with Simulated(app=program(soon, DIES)) as sim:
        for _ in range(5):
            await sim.next("ready")
            asking = asyncio.create_task(sim.ask("die"))
            assert "ZeroDivisionError" in (await sim.next("exit"))["traceback"]
            asking.cancel()
        await sim.next("ready")
        assert "trouble" not in await status(sim)


@both
@asynchronous
async def test_the_watchdog_starts_a_board_that_hangs(python, program):
    async with Simulated(python=python, app=program(IMPATIENT, HANGS)) as sim:
        for _ in range(3):
            await sim.next("ready")
            asking = asyncio.create_task(sim.ask("hang"))
            await sim.next("exit")
            asking.cancel()
        await sim.next("ready")
        assert "left alone" in (await status(sim))["trouble"]


@asynchronous
async def test_nobody_at_the_prompt_is_cut_off_by_the_watchdog(program):
    wait = b"import time; time.sleep_ms(3 * watchdog.TIMEOUT_MS); 6 * 7\r"
    async with Simulated(app=program(IMPATIENT)) as sim:
        ready = await sim.next("ready")
        with Serial(ready["serial"]) as serial:
            serial.type(b"\x03")
            await serial.until(b">>> ")
            serial.type(wait)
            await serial.until(b"\r\n42\r\n>>> ")
            assert not sim.of("exit")
            serial.type(b"\x04")  # it is on after this too
            await sim.next("ready")
            serial.type(b"\x03")
            await serial.until(b">>> ")
            serial.type(wait)
            await serial.until(b"\r\n42\r\n>>> ")
        assert len(sim.of("exit")) == 1


@asynchronous
async def test_nor_is_a_deploy_where_the_node_was_not_ended_by_its_own_run(program):
    by_hand = """
async def main():
    async with node:
        await asyncio.Event().wait()


import asyncio
asyncio.run(main())
"""
    async with Simulated(app=program(IMPATIENT.replace("\nnode.run()\n", by_hand))) as sim:
        ready = await sim.next("ready")

        def work():
            with BoardPrompt(ready["serial"]) as prompt:
                return prompt.run("import time; time.sleep_ms(3 * watchdog.TIMEOUT_MS); print(6 * 7)")

        assert await asyncio.get_running_loop().run_in_executor(None, work) == "42\n"
        assert not sim.of("exit")


@asynchronous
async def test_a_program_that_fills_the_heap_is_left_alone_too(program):
    hoards = "hoard = []\nwhile True: hoard.append(bytearray(100))\n"
    async with Simulated(heap_kb=200, app=program(hoards)) as sim:
        await sim.next("ready")
        assert ["MemoryError" in event["traceback"] for event in sim.of("exit")] == [True] * 3
        assert "left alone" in (await status(sim))["trouble"]


@both
@asynchronous
async def test_a_board_is_back_after_an_outage_of_its_access_point(python, program):
    outage = """
import asyncio
import network


@node.on("outage")
async def outage(message):
    node.start_task(out(message.integer(0, 0, 60000)))


async def out(ms):
    network.virtual_outage("helio-virtual")
    while network.WLAN().isconnected() or node.address:
        await asyncio.sleep(0.05)
    await asyncio.sleep(ms / 1000)
    network.virtual_outage("helio-virtual", False)
    while not node.address:
        await asyncio.sleep(0.05)
    print("back")


node.run()
"""
    async with Simulated(python=python, app=program(BLINK.replace("\nnode.run()\n", outage))) as sim:
        joined = "Wi-Fi: joined, address 127.0.20.2"
        await sim.until(lambda: sim.of("ready"))
        await sim.next("log", text=joined)
        asking = asyncio.create_task(sim.ask("outage 100"))
        await sim.next("log", text="Wi-Fi: connection lost")
        await sim.next("log", text=joined)
        await sim.next("log", text="back")
        asking.cancel()
        assert await sim.led("blink 1 20") == ["202020", "off"]
        assert not sim.of("exit")
