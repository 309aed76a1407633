"""MicroPython's prompt at the other end of a serial port, through mpremote's transport."""

import time
from dataclasses import dataclass

from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport
from serial import SerialException

_ASK = """
import sys
try:
    from machine import unique_id
    id = unique_id().hex(":")
except Exception:
    id = "-"
print(".".join([str(n) for n in sys.implementation.version[:3]]), id, sys.implementation._machine)
"""
_PROMPT = b">>> "


@dataclass(frozen=True)
class Firmware:
    """What runs on a board: the `version` of MicroPython, like "1.26.1", and the `machine` it was made for;
    `mac` is that of an ESP chip, or None."""

    version: str
    machine: str
    mac: str | None


def wait_for_prompt(device, timeout_s):
    """The Firmware that runs there once it has started, within the time; it is started anew after that.
    None when there is no prompt by then. Raises OSError when the port is gone."""
    with _Transport(device) as transport:
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            transport.serial.write(b"\r\x03\x02")  # end what runs, leave the raw REPL
            if transport.read_until(1, _PROMPT, timeout=1, timeout_overall=2).endswith(_PROMPT):
                return _ask(transport)
        return None


def ask_at_prompt(device):
    """The same of a board that waits at its prompt now; None of any other, which is not disturbed."""
    with _Transport(device) as transport:
        transport.serial.write(b"\r")
        if transport.read_until(1, _PROMPT, timeout=0.3, timeout_overall=0.5).endswith(_PROMPT):
            return _ask(transport, start_anew=False)
        return None


def _ask(transport, start_anew=True):
    try:
        transport.enter_raw_repl(soft_reset=False)
        version, id, machine = transport.exec(_ASK).decode().strip().split(" ", 2)
        transport.exit_raw_repl()
    except (TransportError, ValueError):
        return None
    if start_anew:
        transport.serial.write(b"\x04")
    return Firmware(version, machine, id if len(id) == 17 else None)


class _Transport:
    """One that is closed in the end, and whose errors are OSErrors."""

    def __init__(self, device):
        self._device = device

    def __enter__(self):
        try:
            self._transport = SerialTransport(self._device)
        except (TransportError, SerialException) as error:
            raise OSError(str(error)) from None
        return self._transport

    def __exit__(self, *_):
        try:
            self._transport.close()
        except OSError:
            pass
