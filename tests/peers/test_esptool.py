"""The real esptool on blank virtual boards, each chip that there is, with its stub and without."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from blank_boards import BlankBoards

from firmware_images import OFFSETS, firmware, image
from helio_host.virtual.chips import CHIPS

SIZE = 20000
TIMEOUT_S = 300  # pyserial sleeps 0.2 s for each command over RFC 2217, and there are hundreds


def esptool(port, *words):
    run = subprocess.run(
        [sys.executable, "-m", "esptool", "--port", port, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def asked(boards, chip, file):
    _, port = boards.take(chip)
    said = esptool(port, "--after", "no-reset", "chip-id")
    assert "Connected to %s on" % chip in said and "24:0a:c4:00:" in said, said
    said = esptool(port, "--before", "no-reset", "flash-id")
    assert "Detected flash size: %dMB" % CHIPS[chip].flash_mb in said, said


def written(boards, chip, file):
    board, port = boards.take(chip)
    offset = OFFSETS.get(chip, 0)
    said = esptool(port, "--baud", 460800, "write-flash", hex(offset), file)
    assert "Changing baud rate to 460800" in said and "Hash of data verified" in said, said
    boards.until(chip, board, "ready")
    read = file.with_suffix(".read")
    esptool(port, "--after", "no-reset-stub", "read-flash", hex(offset), file.stat().st_size, read)
    assert read.read_bytes() == file.read_bytes()
    esptool(port, "--before", "no-reset", "erase-flash")
    assert set(board._flash) == {0xFF}


def written_without_stub(boards, chip, file):
    board, port = boards.take(chip)
    offset = hex(OFFSETS.get(chip, 0))
    said = esptool(port, "--no-stub", "--after", "no-reset", "write-flash", offset, file)
    assert "Hash of data verified" in said, said
    assert "Verification successful" in esptool(port, "verify-flash", offset, file)
    boards.until(chip, board, "ready")


WAYS = [(chip, way) for chip in CHIPS for way in (asked, written, written_without_stub)]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The futures of all that is tried: all at once, for most of it is waiting."""
    folder = tmp_path_factory.mktemp("images")
    with BlankBoards(dict.fromkeys(CHIPS, 3)) as boards, ThreadPoolExecutor(len(WAYS)) as pool:
        futures = {}
        for chip, way in WAYS:
            file = folder / ("%s-%s.bin" % (chip, way.__name__))
            file.write_bytes(firmware(chip, SIZE))
            futures[chip, way] = pool.submit(way, boards, chip, file)
        yield futures


@pytest.mark.parametrize("chip, way", WAYS)
def test_esptool(chip, way, done):
    done[chip, way].result()


@pytest.mark.parametrize("chip", CHIPS)
def test_our_images_are_whole(chip, tmp_path):
    file = tmp_path / "image.bin"
    for has_hash in (True, False):
        file.write_bytes(image(chip, SIZE, has_hash=has_hash))
        run = subprocess.run([sys.executable, "-m", "esptool", "image-info", file], capture_output=True, text=True)
        assert run.returncode == 0 and "invalid" not in run.stdout, run.stdout
        assert "(%s)" % chip in run.stdout and "(valid)" in run.stdout, run.stdout
