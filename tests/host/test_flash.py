"""`helio flash` as a user types it, on blank virtual boards, by the real esptool, and mpremote for the prompt.

Each way takes half a minute of waiting (pyserial sleeps 0.2 s a command over RFC 2217), so all go on at once.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from blank_boards import BlankBoards
from firmware_site import FirmwareSite
from helio_command import HELIO, Running, Terminal, eventually

from firmware_images import firmware
from helio_host.board_prompt import firmware_at_prompt
from helio_host.virtual.blank import BlankBoard

TIMEOUT_S = 200
S3_FILE = "ESP32_GENERIC_S3-20250911-v1.26.1.bin"
BOARDS = {"ESP32": 15, "ESP32-S3": 3, "ESP32-C3": 5}
WAYS = []


def way(function):
    """One way to flash, `function(desk)`."""
    WAYS.append(function)
    return function


class Desk:
    """Boards, files of firmware, and a site that has one for the ESP32-S3."""

    def __init__(self, boards, site, folder):
        self.boards = boards
        self.site = site
        self.folder = folder
        self.environment = {
            **os.environ,
            "HELIO_FIRMWARE_SITE": site.url,
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def flash(self, *words, **environment):
        """What `helio flash --yes WORDS` said, and its status. It has shown no traceback."""
        run = subprocess.run(
            [HELIO, "flash", "--yes", *map(str, words)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            env={**self.environment, **environment},
        )
        assert "Traceback" not in run.stderr + run.stdout, run.stderr
        return run


def failed(run, *said):
    """It failed with one line that says so."""
    line = run.stderr.splitlines()[-1]
    assert run.returncode == 1 and line.startswith("helio: "), run.stderr
    for part in said:
        assert part in line, line


def is_blank(board):
    return set(board._flash) == {0xFF}


@way
def from_blank_to_a_prompt(desk):
    board, port = desk.boards.take("ESP32-S3")
    run = desk.flash("--port", port)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("%s: ESP32-S3 (QFN56) (revision v0.2), MAC 24:0a:c4:00:" % port)
    assert "runs MicroPython 1." in run.stdout
    assert "fetching %s/resources/firmware/%s" % (desk.site.url, S3_FILE) in run.stderr
    data = desk.site.files[S3_FILE]
    assert board._flash[: len(data)] == data
    words = [sys.executable, "-m", "mpremote", "connect", port, "exec", "open('kept', 'w').close(); print(6 * 7)"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert said.stdout.strip() == "42", said
    with Terminal("console", "--port", port) as terminal:  # which has no descriptor to wait for
        terminal.until_raw()
        terminal.type(b"print(5 * 5)\r")
        terminal.until(b"25")
        terminal.type(b"\x1d")
        assert terminal.status() == 0
    found = firmware_at_prompt(port)
    assert found.version in run.stdout and "MAC %s," % found.mac in run.stdout
    # again from the cache, without a network, and the files stay
    run = desk.flash("--port", port, "--json", HELIO_FIRMWARE_SITE="http://127.0.0.1:1")
    failed_at = json.loads(run.stdout)["error"]
    assert run.returncode == 1 and "--firmware FILE takes one" in failed_at.replace("`", ""), run.stderr
    run = desk.flash("--port", port, "--json")
    found = json.loads(run.stdout)
    assert found["ok"] and found["chip"] == "ESP32-S3" and found["version"].startswith("1."), run.stdout
    assert "fetching" not in run.stderr
    assert (board._board._folder / "kept").exists()


@way
def with_erase_the_files_go_too(desk):
    board, port = desk.boards.take("ESP32-C3")
    path = desk.file("erase.bin", firmware("ESP32-C3"))
    assert desk.flash("--port", port, "--firmware", path).returncode == 0
    (board._board._folder / "kept").write_text("")
    assert desk.flash("--port", port, "--firmware", path, "--erase").returncode == 0
    assert not (board._board._folder / "kept").exists()


@way
def a_program_that_never_stops_to_speak(desk):
    _, port = desk.boards.take()
    assert desk.flash("--port", port, "--firmware", desk.file("speaks.bin", firmware("ESP32"))).returncode == 0
    program = desk.file("speaks.py", b"while True: print('again ' * 20)\n")
    for words in (("deploy", program), ("reset",), ("deploy", desk.file("ends.py", b"print('it is over')\n"))):
        run = subprocess.run([HELIO, *words, "--port", port], capture_output=True, text=True, timeout=TIMEOUT_S)
        assert run.returncode == 0, run.stderr
    assert "it is over" in run.stdout


@way
def firmware_for_another_chip(desk):
    board, port = desk.boards.take("ESP32")
    path = desk.file("s3.bin", firmware("ESP32-S3"))
    failed(desk.flash("--port", port, "--firmware", path), "is firmware for an ESP32-S3", "has an ESP32")
    assert is_blank(board)


@way
def what_was_fetched_and_is_wrong_is_fetched_again(desk):
    board, port = desk.boards.take("ESP32")
    name = "ESP32_GENERIC-20260401-v1.28.0.bin"
    cache = str(desk.folder / "wrong")
    words = ("--port", port, "--board", "generic-esp32")
    with FirmwareSite({name: b"<html>please log in</html>"}) as site:
        options = {"XDG_CACHE_HOME": cache, "HELIO_FIRMWARE_SITE": site.url}
        failed(desk.flash(*words, **options), "begins with 0x3c")
        site.files[name] = firmware("ESP32-S3")
        failed(desk.flash(*words, **options), "is firmware for an ESP32-S3")
        assert is_blank(board)
        site.files[name] = firmware("ESP32")
        run = desk.flash(*words, **options)
        assert run.returncode == 0, run.stderr
        said = run.stderr.splitlines()
        assert said.index("connecting") < said.index("writing %s" % name)


@way
def a_board_of_another_chip(desk):
    board, port = desk.boards.take("ESP32")
    own_cache = str(desk.folder / "own")
    run = desk.flash("--port", port, "--board", "generic-esp32-s3", XDG_CACHE_HOME=own_cache)
    failed(run, "is firmware for an ESP32-S3, and the board at %s has an ESP32" % port)
    path = desk.file("c3.bin", firmware("ESP32-C3"))
    run = desk.flash("--port", port, "--board", "generic-esp32", "--firmware", path)
    failed(run, "is firmware for an ESP32-C3, and generic-esp32 has an ESP32")
    assert is_blank(board)


@way
def a_truncated_image(desk):
    board, port = desk.boards.take("ESP32")
    path = desk.file("short.bin", firmware("ESP32")[:-100])
    failed(desk.flash("--port", port, "--firmware", path), "short.bin", "not complete")
    assert is_blank(board)


@way
def a_damaged_image(desk):
    board, port = desk.boards.take("ESP32")
    data = bytearray(firmware("ESP32"))
    data[0xF100] ^= 1
    failed(desk.flash("--port", port, "--firmware", desk.file("bad.bin", data)), "bad.bin", "damaged")
    assert is_blank(board)


@way
def an_image_too_large(desk):
    board, port = desk.boards.take("ESP32")
    path = desk.file("large.bin", firmware("ESP32", 4 << 20))
    failed(desk.flash("--port", port, "--firmware", path), "does not fit the 4 MB of flash")
    assert is_blank(board)


@way
def no_network_and_nothing_in_the_cache(desk):
    _, port = desk.boards.take("ESP32")
    run = desk.flash("--port", port, HELIO_FIRMWARE_SITE="http://127.0.0.1:1", XDG_CACHE_HOME=str(desk.folder / "none"))
    failed(run, "127.0.0.1", "`--firmware FILE` takes one that you have")


@way
def a_port_that_another_program_has(desk):
    _, port = desk.boards.take("ESP32")
    path = desk.file("busy.bin", firmware("ESP32"))
    with socket.create_connection(("127.0.0.1", int(port.rpartition(":")[2]))):
        failed(desk.flash("--port", port, "--firmware", path), port, "no other program")


@way
def a_port_that_is_not_there(desk):
    path = desk.file("gone.bin", firmware("ESP32"))
    failed(desk.flash("--port", "/dev/ttyUSB99", "--firmware", path), "there is no port /dev/ttyUSB99", "helio ports")


@way
def a_board_whose_bootloader_is_not_reached(desk):
    board, port = desk.boards.take("ESP32")
    on_lines = board._cable._on_lines
    board._cable._on_lines = lambda dtr, rts: on_lines(False, rts)  # a wire that is missing
    run = desk.flash("--port", port, "--firmware", desk.file("boot.bin", firmware("ESP32")))
    failed(run, "not in its bootloader: hold its BOOT button")


@way
def a_board_that_says_nothing(desk):
    board, port = desk.boards.take("ESP32")
    board._cable._on_lines = lambda dtr, rts: None
    board._cable._on_data = lambda data: None
    run = desk.flash("--port", port, "--firmware", desk.file("silent.bin", firmware("ESP32")))
    failed(run, "nothing answers at %s" % port, "cable", "BOOT")


@way
def a_link_that_is_too_fast(desk):
    board, port = desk.boards.take("ESP32")
    on_data = board._cable._on_data

    def garble(data):
        if not (board._loader and board._loader.baud > 115200):
            on_data(data)

    board._cable._on_data = garble
    run = desk.flash("--port", port, "--firmware", desk.file("slow.bin", firmware("ESP32")))
    assert run.returncode == 0 and "runs MicroPython" in run.stdout, run.stderr


@way
def a_cable_that_is_lost(desk):
    board, port = desk.boards.take("ESP32")
    path = desk.file("lost.bin", firmware("ESP32", 100_000))
    on_data = board._cable._on_data
    is_lost = False

    def lose(data):
        nonlocal is_lost
        is_lost = is_lost or bool(board._loader and board._loader._at > 0x1000 + 40_000)
        if is_lost:
            board._cable._user.transport.abort()
        else:
            on_data(data)

    board._cable._on_data = lose
    run = desk.flash("--port", port, "--firmware", path)
    # esptool may take it for noise: then it is tried again, more slowly
    assert any(text in run.stderr for text in ("which mends it", "nothing answers", "cannot be opened")), run.stderr
    failed(run, "run this again" if "cannot be opened" not in run.stderr else "is the board plugged in")
    board._cable._on_data = on_data
    run = desk.flash("--port", port, "--firmware", path)
    assert run.returncode == 0 and "runs MicroPython" in run.stdout, run.stderr


@way
def all_at_once_and_one_of_them_fails(desk):
    temporary = desk.folder / "all"  # where boards are announced
    temporary.mkdir()
    path = desk.file("all.bin", firmware("ESP32"))
    words = ("simulate", "--blank", "--json", "--port", 0, "--coap-port", 0)
    with (
        Running(*words, "--boards", 9, "--network", "127.0.50.0", TMPDIR=str(temporary)) as simulator,
        Running(*words, "--chip", "ESP32-C3", "--network", "127.0.51.0", TMPDIR=str(temporary)) as other,
    ):
        for _ in range(9):
            simulator.out.until(lambda line: '"blank"' in line)
        other.out.until(lambda line: '"blank"' in line)
        run = desk.flash("--all", "--firmware", path, TMPDIR=str(temporary))
        words = [HELIO, "deploy", "--all", "--json"]
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": TIMEOUT_S}
        deploy = subprocess.run(words, env={**desk.environment, "TMPDIR": str(temporary)}, **options)
    found = [json.loads(line) for line in deploy.stdout.splitlines()]
    assert deploy.returncode == 1 and "Traceback" not in deploy.stderr, deploy.stderr
    assert [result["ok"] for result in found].count(True) == 9 and all(r["changed"] > 50 for r in found if r["ok"])
    assert ["no MicroPython answers" in result["error"] for result in found if not result["ok"]] == [True]
    heading, *rows = run.stdout.splitlines()
    assert heading.split() == ["port", "chip", "MAC", "result"] and len(rows) == 10, run.stdout + run.stderr
    assert sum("MicroPython 1." in row for row in rows) == 9, run.stdout
    assert sum(row.endswith(" has an ESP32-C3") for row in rows) == 1, run.stdout
    failed(run, "1 of 10 boards failed")


@way
def a_question_that_is_broken_off(desk):
    _, port = desk.boards.take("ESP32-C3")
    for command in ("flash", "up"):
        for break_off in (Terminal.interrupt, lambda terminal: terminal.type(b"\x04")):
            with Terminal(command, "--port", port) as terminal:
                terminal.until(b"[y/N]")
                break_off(terminal)
                terminal.until(b"helio: interrupted before it was done")
                assert terminal.status() == 1
            assert b"Traceback" not in terminal.said


@way
def what_writes_nothing_leaves_the_board_running(desk):
    _, port = desk.boards.take("ESP32-C3")
    assert desk.flash("--port", port, "--firmware", desk.file("ours.bin", firmware("ESP32-C3"))).returncode == 0
    run = desk.flash("--port", port, HELIO_FIRMWARE_SITE="http://127.0.0.1:1", XDG_CACHE_HOME=str(desk.folder / "none"))
    failed(run, "`--firmware FILE` takes one that you have")
    assert eventually(lambda: firmware_at_prompt(port))  # and is not left in its bootloader
    run = desk.flash("--port", port, "--firmware", desk.file("other.bin", firmware("ESP32")))
    failed(run, "other.bin is firmware for an ESP32, and the board at %s has an ESP32-C3" % port)
    assert eventually(lambda: firmware_at_prompt(port))
    words = [sys.executable, "-m", "esptool", "--port", port, "--after", "no-reset", "chip-id"]
    assert subprocess.run(words, capture_output=True, timeout=TIMEOUT_S).returncode == 0
    run = subprocess.run([HELIO, "reset", "--port", port], capture_output=True, text=True, timeout=TIMEOUT_S)
    assert run.returncode == 0 and "as the RESET button does" in run.stderr, run.stderr


@way
def a_download_that_is_broken_off(desk):
    _, port = desk.boards.take("ESP32-C3")
    data = firmware("ESP32-C3", 300_000)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = "http://127.0.0.1:%d/slow.bin" % server.getsockname()[1]
        with Running("flash", "--yes", "--port", port, "--firmware", url) as run:
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(data), data[:50_000]))
            run.err.until(lambda line: "fetching" in line)
            run.process.send_signal(signal.SIGINT)
            connection.sendall(data[50_000:200_000])
            line = run.err.until(lambda line: "helio: " in line)
            assert line == "helio: interrupted: nothing was written"
            assert run.wait() == 1
            connection.close()


@way
def what_is_wrong_is_told_before_a_board_is_touched(desk):
    board, port = desk.boards.take("ESP32")
    path = desk.file("touch.bin", firmware("ESP32"))
    options = {"capture_output": True, "text": True, "timeout": TIMEOUT_S, "env": desk.environment}
    for words, said in (
        (["--name", "two words"], "a name has letters"),
        (["--name", "all"], "is not 'all'"),
        (["--wifi", "a", "--wifi", "b", "--password-stdin"], "needs a line for each --wifi, 2; there are 1"),
        (["--board", "nonsense"], "no board is called"),
    ):
        run = subprocess.run(
            [HELIO, "up", "--port", port, "--yes", "--firmware", path, *words], input="secret\n", **options
        )
        assert run.returncode == 2 and said in run.stderr and "Traceback" not in run.stderr, run.stderr
    run = subprocess.run([HELIO, "up", "--port", port, "--firmware", path], stdin=subprocess.DEVNULL, **options)
    assert run.returncode == 2 and "give --yes" in run.stderr, run.stderr
    assert is_blank(board)


@way
def all_the_way_up(desk):
    with Running("simulate", "--blank", "--json", "--network", "127.0.60.0") as simulator:
        port = json.loads(simulator.out.until(lambda line: '"blank"' in line))["serial"]
        path = desk.file("up.bin", firmware("ESP32"))
        words = [HELIO, "up", "--port", port]
        more = ["--yes", "--name", "kitchen", "--wifi", "helio-virtual", "--password-stdin", "--firmware", path]
        options = {"capture_output": True, "text": True, "timeout": TIMEOUT_S, "env": desk.environment}
        run = subprocess.run([*words, *more], input="virtual\n", **options)
        assert run.returncode == 0, run.stderr
        first, second, third, fourth, last = run.stdout.splitlines()
        assert first.startswith("MicroPython 1.") and first.endswith(" is there now")
        assert second == "%s is kitchen, has the address 127.0.60.2" % port
        assert third.endswith(" changed, 0 unchanged") and (fourth, last) == ("127.0.60.2, blink 3", "done")
        # again, with nothing to do but to blink
        run = subprocess.run(words, stdin=subprocess.DEVNULL, **options)
        assert run.returncode == 0, run.stderr
        assert run.stdout.splitlines()[1].startswith("0 changed, ") and run.stdout.endswith("done\n")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    with (
        BlankBoards(BOARDS) as boards,
        FirmwareSite({S3_FILE: firmware("ESP32-S3")}) as site,
        ThreadPoolExecutor(len(WAYS)) as pool,
    ):
        desk = Desk(boards, site, folder)
        yield {way: pool.submit(way, desk) for way in WAYS}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_flash(way, done):
    done[way].result()


def helio(*words, tmp_path, **options):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    return subprocess.run(
        [HELIO, *map(str, words)],
        capture_output=True,
        text=True,
        env=environment,
        stdin=options.get("stdin", subprocess.DEVNULL),
        timeout=TIMEOUT_S,
    )


def test_without_a_board_it_says_what_to_look_at(tmp_path):
    run = helio("flash", "--yes", tmp_path=tmp_path)
    assert run.returncode == 1 and "for data and not only for charging" in run.stderr
    run = helio("ports", tmp_path=tmp_path)
    assert run.returncode == 0 and not run.stdout and "helio simulate --blank" in run.stderr


def test_which_board_and_whether_to_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with BlankBoards({"ESP32": 2}) as boards:
        (_, second), (_, first) = boards.take(), boards.take()
        run = helio("flash", "--yes", tmp_path=tmp_path)
        assert run.returncode == 2 and "there are several boards, at %s, %s" % (first, second) in run.stderr
        run = helio("flash", "--port", first, tmp_path=tmp_path)
        assert run.returncode == 2 and "give --yes" in run.stderr
        run = helio("flash", "--port", first, "--all", tmp_path=tmp_path)
        assert run.returncode == 2
        run = helio("ports", "--json", tmp_path=tmp_path)
        found = [json.loads(line) for line in run.stdout.splitlines()]
        assert [entry["port"] for entry in found] == [first, second]
        assert found[0]["usb_chip"] == "virtual board board-1" and found[0]["micropython"] is None
    assert helio("ports", tmp_path=tmp_path).stdout == ""  # they are gone


def test_a_board_that_is_pulled_out_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with BlankBoards({"ESP32": 1}) as boards:
        board, _ = boards.take()
        assert isinstance(board, BlankBoard)
        folder = board._board._folder
        assert folder.exists()
    assert not folder.exists()
