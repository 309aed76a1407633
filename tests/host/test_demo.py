"""`helio demo`: every step does what it says, whatever else runs."""

import asyncio
import json
import signal
from contextlib import ExitStack

import pytest
from helio_command import Running, helio, udp

from helio_host.commands.demo import BadNetwork

STEPS = ["blink", "colour", "wrong", "again", "news"]
OFF = {"on": False, "colour": "000000"}


def results(lines):
    shown = [json.loads(line) for line in lines]
    assert [set(step) for step in shown] == [{"step", "sent", "reply", "led", "ok"}] * len(STEPS)
    assert [step["step"] for step in shown] == STEPS
    assert all([step["ok"] is True for step in shown])
    return shown


def test_every_step_does_what_it_says():
    run = helio("demo", "--fast", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    blink, colour, wrong, again, news = results(run.stdout.splitlines())
    assert (blink["sent"], blink["reply"]) == ("blink 3", "done")
    assert len(blink["led"]) == 6 and blink["led"][1::2] == [OFF] * 3
    assert all([change["on"] for change in blink["led"][::2]])
    assert (colour["sent"], colour["reply"]) == ("led FF8000", "")
    assert colour["led"] == [{"on": True, "colour": "FF8000"}]
    assert wrong["reply"] == "blink takes a whole number, 1 to 100: got 'lots' (4.00)"
    assert wrong["led"] == []
    assert (again["sent"], again["reply"]) == ("blink 2", "done")
    assert again["led"] == [OFF, colour["led"][0]] * 2
    assert news["sent"].endswith("/feeds/news")
    assert news["reply"] == "Rain at noon, says the roof; Tomatoes & beans are dry; The cat is home"
    assert len(news["led"]) == 6 and news["led"][1::2] == [OFF] * 3


def test_for_people_it_ends_with_what_to_type_next():
    run = helio("demo", "--fast")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("as it should be") == len(STEPS) and "not as it should be" not in run.stdout
    assert "helio send board-1 blink 3" in run.stdout.splitlines()[-2]
    assert "\x1b" not in run.stdout  # no terminal, no colours


def test_while_boards_are_simulated_where_the_demo_has_its_own():
    words = ("--json", "--network", "127.0.1.0", "--port", 0, "--coap-port", 0)
    with Running("simulate", *words) as boards:
        ready = boards.out.until(lambda line: "ready" in line)
        assert json.loads(ready)["address"].startswith("127.0.1.")
        run = helio("demo", "--fast", "--json")
        assert run.returncode == 0
        results(run.stdout.splitlines())
        assert boards.end() == 0
        assert '"led"' not in boards.out.rest()  # the demo's messages went to the demo's board


def test_two_at_once():
    with ExitStack() as stack:
        demos = [stack.enter_context(Running("demo", "--fast", "--json")) for _ in range(2)]
        for demo in demos:
            assert demo.wait() == 0
            results(demo.out.rest().splitlines())


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_has_not_done_what_it_says(signum):
    with Running("demo", "--json") as demo:
        assert json.loads(demo.out.next())["step"] == "blink"
        demo.process.send_signal(signum)
        assert "interrupted" in json.loads(demo.err.next())["error"]
        assert demo.wait() == 1
        assert demo.leaves_nothing()


def test_no_process_is_left():
    with Running("demo", "--fast", "--json") as demo:
        demo.out.next()
        assert len(demo.processes()) == 2
        demo.out.close()
        assert demo.wait() == 0
        assert demo.leaves_nothing()


def test_the_bad_network_loses_the_first_and_doubles_the_rest():
    async def carry():
        loop = asyncio.get_running_loop()
        with udp() as board, udp() as desktop:
            async with BadNetwork(board.getsockname()) as network:
                for data in (b"first", b"second"):
                    desktop.sendto(data, network.address)
                came = [await loop.run_in_executor(None, board.recvfrom, 100) for _ in range(2)]
                assert [data for data, _ in came] == [b"second"] * 2 and network.was_bad
                board.sendto(b"answer", came[0][1])
                assert await loop.run_in_executor(None, desktop.recv, 100) == b"answer"

    asyncio.run(carry())
