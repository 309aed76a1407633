"""Plain messages with programs that are not ours: a few lines of `socket`, and `nc -u`."""

import json
import shutil
import socket
import subprocess
from contextlib import contextmanager

import pytest
from helio_command import HERE, TIMEOUT_S, Lines, Running, eventually, free_port, helio

from conftest import missing

AT = "127.46.1.1"


@pytest.fixture
def listening():
    """A `helio listen` and its endpoint."""
    with Running("listen", "--json", "--port", 0, "--bind", AT) as listen:
        yield listen, (AT, int(listen.err.next().split()[-1]))


@pytest.fixture(scope="module")
def board():
    """The endpoint of a virtual board."""
    words = ("--json", "--network", "127.46.2.0", "--port", 0, "--coap-port", 0)
    with Running("simulate", *words) as boards:
        ready = json.loads(boards.out.until(lambda line: '"ready"' in line))
        yield boards, (ready["address"], ready["port"])


def next_led(boards):
    return json.loads(boards.out.until(lambda line: '"led"' in line))["on"]


# --- three lines of a chapter


@contextmanager
def chapter():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(TIMEOUT_S)
    yield s
    s.close()


def test_socket_to_listen(listening):
    listen, endpoint = listening
    with chapter() as s:
        s.sendto(b"hello from me", endpoint)
        shown = json.loads(listen.out.next())
        assert (shown["text"], shown["port"]) == ("hello from me", s.getsockname()[1])


def test_send_to_socket():
    with chapter() as s:
        s.bind((HERE, 0))
        target = "%s:%d" % s.getsockname()
        with Running("send", "--plain", target, "hello", "from", "helio") as send:
            data, sender = s.recvfrom(4096)
            assert data == b"hello from helio"
            s.sendto(b"ok got it\n", sender)
            assert send.wait() == 0 and send.out.rest() == "got it\n"
        with Running("send", "--plain", target, "once more") as send:
            data, sender = s.recvfrom(4096)
            s.sendto(b"thanks", sender)  # no answer of helio's
            s.sendto(b"error not today\r\n", sender)
            assert send.wait() == 1


def test_socket_and_board(board):
    boards, endpoint = board
    with chapter() as s:
        s.sendto(b"hello from me", endpoint)  # itself an answer: nothing comes of it
        s.sendto(b"blink 1", endpoint)
        assert s.recvfrom(4096) == (b"ok done", endpoint)
        assert [next_led(boards), next_led(boards)] == [True, False]
        s.sendto(b"ping\n", endpoint)
        assert s.recvfrom(4096) == (b"ok pong", endpoint)


# --- nc -u


@contextmanager
def nc(*words):
    """`nc -u WORDS`: what is typed into it, and the lines it shows."""
    if not shutil.which("nc"):
        missing("nc")
    process = subprocess.Popen(
        ["nc", "-n", "-u", *[str(word) for word in words]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
    )  # fmt: skip
    try:
        yield process.stdin, Lines(process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def bound(address, port):
    """Whether someone has the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((address, port))
        except OSError:
            return True
        return False


def test_nc_to_listen(listening):
    listen, endpoint = listening
    with nc(*endpoint) as (typed, _):
        typed.write(b"hello from nc\n")
        assert json.loads(listen.out.next())["text"] == "hello from nc"
        typed.write(b"\xff\n")
        assert json.loads(listen.out.next())["hex"] == "ff0a"


def test_send_to_nc():
    port = free_port()
    with nc("-l", HERE, port) as (typed, shown):
        assert eventually(lambda: bound(HERE, port))
        with Running("send", "--plain", "%s:%d" % (HERE, port), "hello", "nc") as send:
            # nc shows no line end that helio did not send: the answer alone tells that it came
            shown.has(b"hello nc")
            typed.write(b"ok hello helio\n")
            assert send.wait() == 0 and send.out.rest() == "hello helio\n"


def test_nc_and_board(board):
    boards, endpoint = board
    with nc(*endpoint) as (typed, shown):
        typed.write(b"ping\n")
        shown.has(b"ok pong")
        typed.write(b"blink 2\n")
        assert [next_led(boards) for _ in range(4)] == [True, False, True, False]
        typed.write(b"blink lots\n")
        shown.has(b"error blink takes a whole number, 1 to 100: got 'lots'")


def test_tell_to_nc_that_never_answers():
    port = free_port()
    with nc("-l", HERE, port) as (_, shown):
        assert eventually(lambda: bound(HERE, port))
        assert helio("send", "--plain", "--no-wait", "%s:%d" % (HERE, port), "hello nc").returncode == 0
        shown.has(b"hello nc")
