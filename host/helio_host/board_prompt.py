"""A board at its prompt, through mpremote's transport: what the commands for boards on a cable share."""

import random
import time
from dataclasses import dataclass

from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport
from serial import SerialException

from helio.errors import HelioError
from helio_host.cli import printable
from helio_host.serial_ports import CANNOT_OPEN, why_closed

_PROMPT = b">>> "
_PROMPT_TIMEOUT_S = 15
_CALM = """
import gc, sys
if "watchdog" in sys.modules:
    sys.modules["watchdog"].feed_by_timer()
gc.collect()
print(gc.mem_free())
"""
_AT_CABLE = """
try:
    with open("/lib/helio.starts", "w") as file:
        file.write("cable")
except OSError:
    pass
"""  # which `starts.py` on the board reads
_NEEDED_BYTES = 48000  # for what helio does there
_REBOOT = b"soft reboot\r\n"
_HEAR_S, _QUIET_S = 2, 1  # how long a prompt may take, and a pause before it
_HEARD_BYTES = 4096  # of what comes before it
_LEAVE_S = 4  # for a board to be heard once more
_RESET = b"rst:0x"  # as an ESP chip begins to say why it starts
_SILENT_S = 5  # how long a board may take to say something at its start
_LOOK_S = 0.2  # how often `until` is asked
_SAID_MAX_BYTES = 65536


_WHAT_RUNS = """
import sys
try:
    from machine import unique_id
    id = unique_id().hex(":")
except Exception:
    id = "-"
print(".".join([str(n) for n in sys.implementation.version[:3]]), id, sys.implementation._machine)
"""


@dataclass(frozen=True)
class Firmware:
    """What runs on a board: the `version` of MicroPython, like "1.26.1", and the `machine` it was made for;
    `mac` is that of an ESP chip, or None."""

    version: str
    machine: str
    mac: str | None


class NoPrompt(HelioError):
    """The port is there, and no MicroPython answers at it."""


class _NoMemory(HelioError):
    """The board has no memory for what it was to do."""


class BoardPrompt:
    """The board at a serial port, its program interrupted, in the raw REPL; a context manager, at whose end the
    board starts anew, however it ends, unless `restart` had it do so.

    Raises HelioError when the port cannot be opened, nobody answers, or the cable is lost.
    """

    def __init__(self, device, timeout_s=_PROMPT_TIMEOUT_S):
        self.device = device
        self._timeout_s = timeout_s
        self._transport = None
        self._is_left = False  # it runs again, or is gone

    def __enter__(self):
        try:
            self._transport = SerialTransport(self.device)
        except (TransportError, SerialException, OSError) as error:
            why = why_closed(self.device) or CANNOT_OPEN % self.device
            raise HelioError(why) from error
        try:
            self._interrupt()
            self._transport.enter_raw_repl(soft_reset=False)
            if not self._has_room():  # the program that ended holds it still
                self._transport.enter_raw_repl(soft_reset=True)
        except (TransportError, OSError, ValueError) as error:
            self._close()
            raise self._lost(error) from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_):
        try:
            if not self._is_left:
                self._timeout_s = _LEAVE_S
                self.restart(0)
        except HelioError:  # it is gone now
            pass
        finally:
            self._close()

    def _close(self):
        try:
            self._transport.close()
        except OSError:
            pass

    def run(self, code, timeout_s=_PROMPT_TIMEOUT_S):
        """What the board prints when it runs `code`, a str, within the time. Raises HelioError with the last line of
        its traceback."""
        try:
            said, wrong = self._transport.exec_raw(code, timeout_s)
        except (TransportError, OSError) as error:
            raise self._lost(error) from None
        if wrong:
            raise self._went_wrong(wrong)
        return said.decode(errors="replace")

    def firmware(self):
        """The Firmware that runs there."""
        return _firmware(self.run(_WHAT_RUNS))

    def show(self, code, on_data):
        """Run `code`, bytes, however long it takes, and call `on_data` with what it prints, bytes; returns its
        traceback, "" where there is none. Ctrl+C ends it there too."""
        transport = self._transport
        end = b""

        def take(data):
            nonlocal end
            if data != b"\x04":
                on_data(data)
                end = (end + data)[-len(_REBOOT) :]
                if _REBOOT in end or _RESET in end:  # it will not say that it has ended
                    raise HelioError("the program started the board at %s anew" % self.device)

        try:
            transport.exec_raw_no_follow(code)
            try:
                _, wrong = transport.follow(None, take)
            except KeyboardInterrupt:
                transport.serial.write(b"\x03")
                raise
        except (TransportError, OSError) as error:
            raise self._lost(error) from None
        return wrong.decode(errors="replace").replace("\r\n", "\n")

    def feed(self, code, pieces, on_piece=lambda: None):
        """Run `code`, which asks for each of `pieces`, bytes, with a `+`; returns what else it prints."""
        transport = self._transport
        try:
            transport.exec_raw_no_follow(code)
            for piece in pieces:
                asked = transport.read_until(1, b"+", timeout=_PROMPT_TIMEOUT_S)
                if not asked.endswith(b"+"):
                    raise self._stopped(asked)
                transport.serial.write(piece)
                on_piece()
            said, wrong = transport.follow(_PROMPT_TIMEOUT_S)
        except (TransportError, OSError) as error:
            raise self._lost(error) from None
        if wrong:
            raise self._went_wrong(wrong)
        return said.decode()

    def restart(self, timeout_s, on_text=lambda text: None, until=lambda said: False):
        """Have it start anew, and call `on_text` with what it says, as it comes, until it waits at its prompt, the
        time since it said the first is over, or `until` is true of it; returns that, the last 64 KB. With endless
        time the prompt is no end, with none this ends at once."""
        transport = self._transport
        said = b""
        has_begun = False
        self._enter()  # what ran last may still run, or have left the raw REPL, as `sys.exit()` does
        try:
            self.run(_AT_CABLE, _LEAVE_S)
        except _NoMemory:  # what ran last holds it all
            pass
        try:
            transport.exit_raw_repl()
            self._hears()
            transport.serial.write(b"\x04")
            self._is_left = True
            end_s = time.monotonic() + (timeout_s and timeout_s + _SILENT_S)
            looked_s = 0
            while time.monotonic() < end_s and (timeout_s == float("inf") or not said.endswith(_PROMPT)):
                waiting = transport.serial.inWaiting()
                if waiting:
                    data = transport.serial.read(waiting)
                    said += data
                    if has_begun:
                        end_s = min(end_s, time.monotonic() + timeout_s)
                    elif _REBOOT in said:
                        has_begun = True
                        said = said.partition(_REBOOT)[2]
                    said = said[-_SAID_MAX_BYTES:]
                    on_text(data.decode(errors="replace"))
                else:
                    time.sleep(0.01)
                if time.monotonic() > looked_s + _LOOK_S:
                    looked_s = time.monotonic()
                    if until(said.decode(errors="replace")):
                        break
        except OSError as error:
            raise self._lost(error) from None
        return said.decode(errors="replace") if has_begun else ""

    def _enter(self):
        """Be in the raw REPL, whatever runs."""
        try:
            self._interrupt()
            self._transport.enter_raw_repl(soft_reset=False)
        except (TransportError, OSError) as error:
            raise self._lost(error) from None

    def _interrupt(self):
        """End what runs, however often it takes: a program may catch it, and one that starts may not hear it."""
        if self._transport.is_pty:
            self._transport.serial.timeout = _LOOK_S  # mpremote does not ask a pseudo-terminal what waits
        end_s = time.monotonic() + self._timeout_s
        while time.monotonic() < end_s:
            self._transport.serial.write(b"\r\x03\x02")
            if self._hears() and self._echoes():
                if self._transport.is_pty:
                    self._transport.serial.timeout = _SILENT_S  # or it waits for ever for a board that has ended
                return
        raise NoPrompt(
            "no MicroPython answers at %s: `helio flash` puts it on a board, RESET starts one that hangs" % self.device
        )

    def _hears(self, before=b""):
        """Whether a prompt comes soon, after `before`; of a program that never stops to speak it does not."""
        serial = self._transport.serial
        said = b""
        start_s = heard_s = time.monotonic()
        while not (said.endswith(_PROMPT) and before in said):
            now_s = time.monotonic()
            if now_s > start_s + _HEAR_S or now_s > heard_s + _QUIET_S:
                return False
            waiting = serial.inWaiting()
            if waiting:
                heard_s = now_s
                said = said[-_HEARD_BYTES:] + serial.read(waiting)
            else:
                time.sleep(0.001)
        return True

    def _echoes(self):
        """Whether the prompt is one of now: what a board said before it started anew may still come."""
        number = b"%d" % random.randrange(10**6, 10**7)
        self._transport.serial.write(number + b"\r")
        return self._hears(number + b"\r\n")

    def _has_room(self):
        try:
            return int(self.run(_CALM)) >= _NEEDED_BYTES
        except _NoMemory:
            return False

    def _went_wrong(self, traceback):
        if b"ENOSPC" in traceback or traceback.rstrip().endswith(b"OSError: 28"):
            text = "the file system of the board at %s is full: remove files of yours, or flash it with --erase"
            return HelioError(text % self.device)
        kind = _NoMemory if b"MemoryError" in traceback else HelioError
        return kind("the board at %s says %s" % (self.device, _last_line(traceback)))

    def _stopped(self, asked):
        """Why a program asks for nothing more: in the raw REPL its traceback is between two ends."""
        said, _, wrong = asked.partition(b"\x04")
        wrong = wrong.partition(b"\x04")[0]
        if wrong:
            return self._went_wrong(wrong)
        return HelioError("the board at %s stopped taking files: %s" % (self.device, _last_line(said)))

    def _lost(self, error):
        self._is_left = self._is_left or isinstance(error, OSError)
        why = "" if isinstance(error, OSError) or "thread" in str(error) else " (%s)" % error
        text = "the connection to the board at %s broke off%s: is the cable still in? Run it again"
        return HelioError(text % (self.device, why))


def _last_line(data):
    lines = data.decode(errors="replace").strip().splitlines()
    return printable(lines[-1]) if lines else "nothing more"


def firmware_at_prompt(device):
    """The Firmware of a board that waits at its prompt now; None of any other, which is not disturbed. Raises
    OSError when the port cannot be opened."""
    try:
        transport = SerialTransport(device)
    except (TransportError, SerialException) as error:
        raise OSError(str(error)) from None
    try:
        transport.serial.write(b"\r")
        if not transport.read_until(1, _PROMPT, timeout=0.3, timeout_overall=0.5).endswith(_PROMPT):
            return None
        transport.enter_raw_repl(soft_reset=False)
        said = transport.exec(_WHAT_RUNS).decode()
        transport.exit_raw_repl()
        return _firmware(said)
    except TransportError:
        return None
    finally:
        try:
            transport.close()
        except OSError:
            pass


def _firmware(said):
    version, id, machine = said.strip().split(" ", 2)
    return Firmware(version, machine, id if len(id) == 17 else None)
