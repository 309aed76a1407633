"""`helio simulate`: virtual boards as its user meets them, beside whatever else runs."""

import json
import os
import re
import signal
import socket
from contextlib import ExitStack, contextmanager

import pytest
from helio_command import HERE, Lines, Running, free_port, helio

NETWORK = "127.45.1.0"
APP = """
from helio.node import Node

node = Node("own-program")
node.on("twice", "N")(lambda message: message.integer(0, 0, 9) * 2 or "nothing")
print("my program runs")
node.run()
"""

TITLES = """
from helio.feed import Feed
from helio.html import plain

feed = Feed(("title",))
with open("news.xml", "rb") as file:
    while True:
        piece = file.read(512)
        if not piece:
            break
        for item in feed.feed(piece):
            print(plain(item.title))
feed.close()
"""
HEAP_KB = 160
FEED_ITEMS = 100  # of 4 KB: far more than that heap


class Simulating(Running):
    """A `helio simulate --json`; ports are the system's choice unless the words say otherwise."""

    def __init__(self, *words, network=NETWORK, boards=1, **environment):
        ports = () if "--port" in words else ("--port", 0)
        ports += () if "--coap-port" in words else ("--coap-port", 0)
        words = ("--json", "--network", network, "--boards", boards, *ports, *words)
        super().__init__("simulate", *words, **environment)
        self.earlier = []  # what came before the boards were ready
        self.ready = {}
        while len(self.ready) < boards:
            event = self.event()
            if event["event"] == "ready":
                self.ready[event["board"]] = event
            else:
                self.earlier.append(event)

    def event(self, kind=None):
        """The next event, or the next of that kind."""
        while True:
            event = json.loads(self.out.next())
            if kind in (None, event["event"]):
                return event

    def target(self, board="board-1"):
        return "%s:%d" % (self.ready[board]["address"], self.ready[board]["coap_port"])


def test_three_boards_each_at_its_address():
    with Simulating(boards=3) as boards:
        assert sorted(boards.ready) == ["board-1", "board-2", "board-3"]
        for number, ready in enumerate(map(boards.ready.get, sorted(boards.ready)), 2):
            assert set(ready) == {"board", "event", "address", "port", "coap_port", "serial"}
            assert ready["address"] == "127.45.1.%d" % number
        assert len({ready["serial"] for ready in boards.ready.values()}) == 3 or ready["serial"] is None
        assert helio("send", boards.target("board-2"), "blink 2").stdout == "done\n"
        events = [boards.event("led") for _ in range(4)]
        assert [(event["board"], event["on"]) for event in events] == [("board-2", True), ("board-2", False)] * 2
        assert boards.end() == 0
        assert boards.leaves_nothing()


def test_names_find_boards():
    with Simulating(boards=2) as boards:
        port = boards.ready["board-2"]["port"]
        run = helio("send", "--interface", HERE, "--json", "board-2", "led FF8000", port=port)
        assert json.loads(run.stdout)["address"] == "127.45.1.3"
        shown = boards.event("led")
        assert (shown["board"], shown["on"], shown["colour"]) == ("board-2", True, "FF8000")
        assert "blink" in helio("help", "--interface", HERE, "board-2", port=port).stdout


def test_names_find_boards_on_the_port_they_share():
    port = free_port()
    with Simulating("--port", port, network="127.45.2.0", boards=2):
        for name in ("board-1", "board-2"):
            run = helio("send", "--interface", HERE, name, "status", port=port)
            assert json.loads(run.stdout)["name"] == name


def test_twice_beside_listen_on_one_port():
    port = free_port()
    coap_port = free_port()
    words = ("--port", port, "--coap-port", coap_port)
    with ExitStack() as stack:
        listen = stack.enter_context(Running("listen", "--json", "--bind", HERE, "--port", port))
        listen.err.next()
        first = stack.enter_context(Simulating(*words, network="127.45.3.0", boards=2))
        second = stack.enter_context(Simulating(*words, network="127.45.3.0", boards=2))
        found = {**first.ready, **second.ready}
        assert {name: ready["address"] for name, ready in found.items()} == {
            "board-%d" % number: "127.45.3.%d" % (number + 1) for number in range(1, 5)
        }
        assert {ready["port"] for ready in found.values()} == {port}
        for number in range(1, 5):
            target = "127.45.3.%d:%d" % (number + 1, coap_port)
            assert json.loads(helio("send", target, "status").stdout)["name"] == "board-%d" % number
        assert helio("send", "--plain", "--no-wait", "%s:%d" % (HERE, port), "to listen").returncode == 0
        heard = listen.out.until(lambda line: json.loads(line)["host"] == HERE)
        assert json.loads(heard)["text"] == "to listen"
        # whoever comes third is told who is in the way, though boards hold the port elsewhere
        third = helio("listen", "--bind", HERE, "--port", port)
        assert third.returncode == 1 and "(process %d)" % listen.process.pid in third.stderr
        assert first.end() == second.end() == listen.end() == 0


def test_an_address_is_free_again_afterwards():
    words = ("--port", free_port(), "--coap-port", free_port())
    for _ in range(2):
        with Simulating(*words, network="127.45.4.0") as boards:
            assert boards.ready["board-1"]["address"] == "127.45.4.2"
            assert boards.end() == 0


def test_an_address_in_use_is_skipped():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.45.5.2", 0))
        with Simulating("--port", sock.getsockname()[1], network="127.45.5.0") as boards:
            assert boards.ready["board-2"]["address"] == "127.45.5.3"


def test_an_own_program(tmp_path):
    app = tmp_path / "own.py"
    app.write_text(APP)
    with Simulating("--app", app) as boards:
        said = [event["text"] for event in boards.earlier if event["event"] == "log"]
        while "my program runs" not in said:  # a terminal may be slower than a datagram
            said.append(boards.event("log")["text"])
        assert helio("send", boards.target(), "twice 4").stdout == "8\n"
        assert helio("send", boards.target(), "blink").returncode == 1


@pytest.mark.parametrize("python", ["micropython", "cpython"])
def test_a_program_reads_a_feed_that_is_larger_than_its_heap(tmp_path, python):
    app = tmp_path / "titles.py"
    app.write_text(TITLES)
    file = tmp_path / "news.xml"
    body = "<description>%s</description>" % ("&lt;p&gt;so it goes&lt;/p&gt;" * 120)
    item = "<item><title>Boats &amp;amp; rivers %d</title>" + body + "</item>\n"
    items = "".join([item % number for number in range(FEED_ITEMS)])
    file.write_text("<rss version='2.0'><channel><title>News</title>\n%s</channel></rss>" % items)
    assert file.stat().st_size > 2 * HEAP_KB * 1024
    words = ("--python", python, "--heap", HEAP_KB, "--app", app, "--file", file)
    with Running("simulate", "--network", NETWORK, "--port", 0, "--coap-port", 0, *words) as boards:
        shown = [boards.out.next() for _ in range(FEED_ITEMS)]
        assert shown == ["board-1: Boats & rivers %d" % number for number in range(FEED_ITEMS)]
        assert boards.end() == 0
        assert boards.leaves_nothing()


def test_a_file_beside_the_program_may_be_a_module(tmp_path):
    app = tmp_path / "own.py"
    app.write_text("from words import WORDS\nprint(WORDS)\n")
    for name, text in (("words.py", "WORDS = open('more.txt').read()\n"), ("more.txt", "beside it")):
        (tmp_path / name).write_text(text)
    words = ("--app", app, "--file", tmp_path / "words.py", "--file", tmp_path / "more.txt")
    with Running("simulate", "--network", NETWORK, "--port", 0, "--coap-port", 0, *words) as boards:
        assert boards.out.next() == "board-1: beside it"


@pytest.mark.parametrize("names", [["main.py"], ["lib"], ["a/news.xml", "b/news.xml"]], ids=str)
def test_a_file_whose_name_is_taken_on_a_board_is_refused(tmp_path, names):
    words = []
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
        words += ["--file", path]
    run = helio("simulate", *words)
    assert run.returncode == 2 and not run.stdout and "another name" in run.stderr


def test_settings_are_added_to_those_of_a_board(tmp_path):
    (tmp_path / "app.py").write_text("from settings import settings\nprint(settings['name'], settings['feed'])\n")
    file = tmp_path / "settings.json"
    words = ("simulate", "--network", NETWORK, "--port", 0, "--coap-port", 0, "--app", tmp_path / "app.py")
    file.write_text('{"feed": "http://127.0.0.1/news"}')
    with Running(*words, "--file", file) as boards:
        assert boards.out.next() == "board-1: board-1 http://127.0.0.1/news"
    for text in ("{", "[]"):
        file.write_text(text)
        run = helio(*words, "--file", file)
        assert run.returncode == 2 and "settings.json" in run.stderr and run.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["text", "json"])
def test_a_program_that_fails_is_reported_and_started_again(tmp_path, words):
    app = tmp_path / "broken.py"
    app.write_text("print('\\x1b[2Jhere I am')\nraise ValueError('this is the \\x1b[2Jend')\n")
    with Running("simulate", "--network", NETWORK, "--port", 0, "--coap-port", 0, "--app", app, *words) as boards:
        for _ in range(2):
            line = boards.out.until(lambda line: "died" in line or '"exit"' in line)
            if words:
                exit = json.loads(line)
                assert set(exit) == {"board", "event", "code", "traceback"}
                assert exit["code"] and "ValueError" in exit["traceback"]
            else:
                assert line.startswith("board-1: died with status 1")
                assert "\x1b" not in boards.out.until(lambda line: "ValueError" in line)
        assert boards.end() == 0
        assert boards.leaves_nothing()


def test_lines_for_people_when_stdout_is_no_terminal():
    with Running("simulate", "--network", NETWORK, "--port", 0, "--coap-port", 0) as boards:
        ready = boards.out.until(lambda line: "ready" in line)
        assert ready.startswith("board-1: ready at 127.45.1.2, port ")
        port, coap_port = re.search(r", port (\d+), CoAP port (\d+)", ready).groups()
        target = "127.45.1.2:" + coap_port
        helio("send", target, "led", "00FF00")
        said = {boards.out.until(lambda line: "00FF00" in line) for _ in range(2)}
        assert said == {"board-1: message from 127.0.0.1: led 00FF00", "board-1: LED on 00FF00"}
        helio("send", target, "say", "\x1b[2Jhello")
        for _ in range(2):
            assert boards.out.until(lambda line: "hello" in line).endswith(r"\x1b[2Jhello")
        helio("send", "--plain", "127.45.1.2:" + port, "say plainly")
        boards.out.until(lambda line: line.endswith(": say plainly"))


@contextmanager
def on_terminal(kind, **environment):
    """A `helio simulate` on a terminal of that kind, and the lines that it shows there."""
    ours, theirs = os.openpty()
    words = ("--network", "127.45.6.0", "--port", 0, "--coap-port", 0)
    with os.fdopen(ours, "rb", 0) as terminal:
        with Running("simulate", *words, stdout=theirs, TERM=kind, **environment) as boards:
            os.close(theirs)
            yield boards, Lines(terminal)


def test_a_terminal_without_a_cursor_shows_lines():
    with on_terminal("dumb") as (boards, shown):
        shown.until(lambda line: line.startswith("board-1: ready at 127.45.6.2, port "))
        assert boards.end() == 0


def test_a_terminal_shows_a_table_that_follows():
    with on_terminal("xterm-256color", COLORTERM="truecolor") as (boards, shown):
        row = shown.until(lambda line: re.search(r"127\.45\.6\.2\D+\d+\D+\d", line))
        target = "127.45.6.2:" + re.search(r"127\.45\.6\.2\D+\d+\D+(\d+)", row).group(1)
        assert "board-1" in row and "○" in row
        helio("send", target, "led FF0000")
        assert "255;0;0" in shown.until(lambda line: "●" in line)
        helio("send", target, "say \x1b[2J")
        shown.until(lambda line: r"say \x1b[2J" in line)
        assert boards.end(signal.SIGINT) == 0
        assert boards.leaves_nothing()


def test_on_cpython():
    with Simulating("--python", "cpython", boards=2) as boards:
        assert [ready["serial"] for ready in boards.ready.values()] == [None, None]
        status = json.loads(helio("send", boards.target("board-2"), "status").stdout)
        assert (status["name"], status["interpreter"].split()[0]) == ("board-2", "CPython")
        assert helio("send", boards.target(), "blink 3").stdout == "done\n"
        assert [boards.event("led")["on"] for _ in range(6)] == [True, False] * 3
        assert boards.end() == 0
        assert boards.leaves_nothing()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_no_process_is_left(signum, tmp_path):
    with Simulating(boards=2, TMPDIR=str(tmp_path)) as boards:
        assert len(boards.processes()) == 3
        status = boards.end(signum)
        assert status == (-signum if signum == signal.SIGKILL else 0)
        assert boards.leaves_nothing()


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["text", "json"])
def test_a_closed_stdout_ends_it_though_nothing_happens(words):
    with Running("simulate", "--network", NETWORK, "--port", 0, "--coap-port", 0, *words) as boards:
        ready = boards.out.until(lambda line: "ready" in line)
        target = re.search(r"ready.*?(127[.0-9]+)\D+\d+\D+(\d+)", ready).groups()
        helio("send", "%s:%s" % target, "say that is all")
        for _ in (1,) if words else (1, 2):  # people see the message, too
            boards.out.until(lambda line: "that is all" in line)
        boards.out.close()
        assert boards.wait() == 0
        assert boards.leaves_nothing()


@pytest.mark.parametrize(
    "words",
    [
        ("--network", "192.168.1.0"),
        ("--network", "127.0.0"),
        ("--network", "here"),
        ("--boards", 0),
        ("--app", "/nowhere/at-all.py"),
        ("--file", "/nowhere/at-all.xml"),
        ("--python", "pypy"),
        ("--led", "lamp"),
        ("--port", 65536),
        ("more",),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_status_2(words):
    run = helio("simulate", *words)
    assert run.returncode == 2 and not run.stdout and run.stderr
    run = helio("simulate", "--json", *words)
    assert run.returncode == 2 and set(json.loads(run.stderr)) == {"error"}
