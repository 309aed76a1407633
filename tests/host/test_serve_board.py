"""A virtual board that says hello to `helio serve`, and is welcomed."""

import re
import time
from pathlib import Path

import pytest
from helio_command import Running, free_port
from web_upstream import Serving

ROOT = Path(__file__).parents[2]
NEWS = "news=%s" % (ROOT / "tests/examples/news.xml")
APP = """
from helio.node import Node
from settings import settings

node = Node(settings["name"])
node.on_welcome = lambda time_s: print("welcomed", time_s, node.feeds)
node.run()
"""


@pytest.mark.parametrize("python", ["micropython", "cpython"])
def test_a_board_that_starts_is_welcomed(tmp_path, python):
    app = tmp_path / "main.py"
    app.write_text(APP)
    port = free_port()
    with Serving(NEWS, cache=tmp_path / "cache", address="127.51.4.1", port=port) as serve:
        words = ["--network", "127.51.4.0", "--port", port, "--coap-port", 0, "--python", python]
        before_s = int(time.time())
        with Running("simulate", *words, "--app", app) as boards:
            line = boards.out.until(lambda line: "welcomed" in line)
            seconds, feeds = re.search(r"welcomed (\d+) (\S+)", line).groups()
            assert before_s <= int(seconds) <= time.time()
            assert feeds == serve.url + "feeds/"


def test_a_new_board_sets_its_clock_by_it(tmp_path):
    # as boot.py does, before the program; whether the clock was not set: that of a virtual board is
    begin = """
import clock
set_if_unset = clock.set_if_unset
clock.set_if_unset = lambda seconds: print("was unset", set_if_unset(seconds))
clock.start()
"""
    app = tmp_path / "main.py"
    app.write_text(begin + (ROOT / "device/main.py").read_text())
    port = free_port()
    with Serving(NEWS, cache=tmp_path / "cache", address="127.51.5.1", port=port):
        words = ["--network", "127.51.5.0", "--port", port, "--coap-port", 0]
        with Running("simulate", *words, "--app", app) as boards:
            assert boards.out.until(lambda line: "was unset" in line) == "board-1: was unset False"
