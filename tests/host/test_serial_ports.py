"""Why a serial port cannot be opened, provoked on a pseudo-terminal."""

import grp
import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import pytest

from helio_host import serial_ports
from helio_host.serial_ports import why_closed

NOBODY = 65534


@pytest.fixture
def port():
    """The path of a port that works."""
    ours, theirs = os.openpty()
    yield os.ttyname(theirs)
    os.close(theirs)
    os.close(ours)


def in_child(uid, function):
    """What a function returns in a process of another user."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setuid(uid)
            os.write(write_end, (function() or "").encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


def test_nothing_is_in_the_way():
    ours, theirs = os.openpty()
    path = os.ttyname(theirs)
    os.close(theirs)
    try:
        assert why_closed(path) is None
    finally:
        os.close(ours)


def test_a_port_that_is_not_there(tmp_path):
    assert "there is no port /dev/ttyUSB99: plug the board in" in why_closed("/dev/ttyUSB99")
    file = tmp_path / "file"
    file.write_text("")
    assert "is no serial port" in why_closed(str(file))


def test_a_port_that_another_process_has(port, monkeypatch):
    monkeypatch.setattr(serial_ports, "_PSEUDO", "none")
    words = [sys.executable, "-c", "import sys; f = open(sys.argv[1]); print(flush=True); sys.stdin.read()", port]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        said = why_closed(port)
        process.stdin.close()
    assert "%s is in use by 'python" % port in said and "(process %d)" % process.pid in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")
def test_a_port_that_one_may_not_open():
    with tempfile.NamedTemporaryFile() as file:  # which only its owner may open
        group = grp.getgrgid(os.stat(file.name).st_gid).gr_name
        said = in_child(NOBODY, lambda: why_closed(file.name))
    assert said.startswith("you may not open %s, which the group %s may: `sudo usermod" % (file.name, group)), said


def test_what_usb_says_of_a_board(monkeypatch):
    def info(device, vid, pid, serial_number=None, product=None):
        return SimpleNamespace(
            device=device, vid=vid, pid=pid, serial_number=serial_number, product=product, description="n/a"
        )

    there = [
        info("/dev/ttyUSB0", 0x10C4, 0xEA60),
        info("/dev/ttyS0", None, None),
        info("/dev/ttyACM0", 0x303A, 0x1001, "F4:12:FA:00:11:22"),
        info("/dev/ttyACM1", 0x2E8A, 5, "E66", "Board in FS mode"),
    ]
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: there)
    monkeypatch.setattr(serial_ports, "_virtual", lambda: [("board-1", "rfc2217://127.0.0.1:4000")])
    found = serial_ports.serial_ports()
    assert [(port.device, port.bridge, port.usb, port.mac, port.is_virtual) for port in found] == [
        ("/dev/ttyACM0", "ESP32's own USB (Serial/JTAG)", "303a:1001", "f4:12:fa:00:11:22", False),
        ("/dev/ttyACM1", "Board in FS mode", "2e8a:0005", None, False),
        ("/dev/ttyUSB0", "CP210x", "10c4:ea60", None, False),
        ("rfc2217://127.0.0.1:4000", "virtual board board-1", None, None, True),
    ]
