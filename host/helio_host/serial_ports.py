"""The serial ports of this machine: what is behind each, and why one cannot be opened; and RESET."""

import errno
import os
import time
from dataclasses import dataclass
from pathlib import Path

from serial import serial_for_url
from serial.tools import list_ports

from helio.errors import HelioError, UsageError

NO_PORT = (
    "no board is plugged in: is its cable one for data and not only for charging? `helio simulate --blank` makes one "
    "to try this on"
)
CANNOT_OPEN = "%s cannot be opened: is the board plugged in, and no other program at it?"
_RESET_S = 0.1  # how long its line is held: as long as esptool does
_PSEUDO = "/dev/pts/"
_ESPRESSIF = 0x303A
_BRIDGES = {  # (vendor, product): the chip that makes a serial port of USB
    (0x10C4, 0xEA60): "CP210x",
    (0x10C4, 0xEA70): "CP2105",
    (0x1A86, 0x7523): "CH340",
    (0x1A86, 0x7522): "CH340",
    (0x1A86, 0x55D3): "CH343",
    (0x1A86, 0x55D4): "CH9102",
    (0x0403, 0x6001): "FT232",
    (0x0403, 0x6010): "FT2232",
    (0x0403, 0x6014): "FT232H",
    (0x0403, 0x6015): "FT231X",
    (0x067B, 0x2303): "PL2303",
    (_ESPRESSIF, 0x1001): "ESP32's own USB (Serial/JTAG)",
}


@dataclass(frozen=True)
class Port:
    """A serial port. `device` is what programs open, `usb` its `VID:PID` or None, `bridge` the USB chip in words,
    `mac` that of the board where USB says it, `is_virtual` whether it is a blank virtual board's."""

    device: str
    bridge: str
    usb: str | None = None
    mac: str | None = None
    is_virtual: bool = False


def serial_ports():
    """Every Port that a board may be at, a list: those on USB, then those of virtual boards."""
    found = [_usb_port(info) for info in list_ports.comports() if info.vid is not None]
    found.sort(key=lambda port: port.device)
    return found + [Port(url, "virtual board %s" % name, is_virtual=True) for name, url in _virtual()]


def _virtual():
    try:
        from helio_host.virtual.announced import announced
    except ImportError:  # Windows has no such boards
        return []
    return announced()


def _usb_port(info):
    bridge = _BRIDGES.get((info.vid, info.pid))
    mac = None
    if info.vid == _ESPRESSIF:
        bridge = bridge or "ESP32's own USB"
        serial_number = (info.serial_number or "").replace(":", "")
        if len(serial_number) == 12:
            mac = ":".join([serial_number[i : i + 2] for i in range(0, 12, 2)]).lower()
    bridge = bridge or info.product or info.description or "unknown USB chip"
    return Port(info.device, bridge, "%04x:%04x" % (info.vid, info.pid), mac)


def unserved_bridges(devices=Path("/sys/bus/usb/devices")):
    """The USB chips, in words, that are plugged in and have no serial port. Empty on other systems than Linux."""
    served = [info.vid and (info.vid, info.pid) for info in list_ports.comports()]
    found = []
    for path in sorted(devices.glob("*/idVendor")):
        try:
            usb = int(path.read_text(), 16), int((path.parent / "idProduct").read_text(), 16)
        except (OSError, ValueError):  # just pulled out
            continue
        if usb in _BRIDGES and usb not in served:
            found.append(_BRIDGES[usb])
    return found


def why_closed(device):
    """Why a port cannot be opened and what to do, a str; None where nothing seems to be in the way."""
    if "://" in device:
        return None
    path = Path(device)
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            return "there is no port %s: plug the board in, and see `helio ports`" % device
        if error.errno in (errno.EACCES, errno.EPERM):
            return _no_permission(path)
        if error.errno != errno.EBUSY:
            return "%s: %s" % (device, error.strerror)
    else:
        if not path.is_char_device():
            return "%s is no serial port: `helio ports` lists them" % device
    if device.startswith(_PSEUDO):  # whose far end is a program
        return None
    holder = _holder(path)
    return "%s is in use by %s: end that first" % (device, holder) if holder else None


def _no_permission(path):
    try:
        group = path.group()
    except (OSError, KeyError):
        group = "dialout"
    return "you may not open %s, which the group %s may: `sudo usermod -aG %s $USER`, then log out and in again" % (
        path,
        group,
        group,
    )


def _holder(path):
    """The process that has the port open, in words; None where there is none, or this machine does not tell."""
    device = os.path.realpath(path)
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.readlink(fd) == device for fd in process.glob("fd/*")):
                words = (process / "cmdline").read_text().rstrip("\0").split("\0")
                return "'%s' (process %s)" % (" ".join([os.path.basename(words[0]), *words[1:4]]), process.name)
        except OSError:  # not ours to look at, or gone
            pass
    return None


def one_port():
    """The port of the one board that is plugged in, a str. Raises HelioError when there are none or several."""
    ports = [port.device for port in serial_ports()]
    if not ports:
        raise HelioError(NO_PORT)
    if len(ports) > 1:
        raise UsageError("there are several boards, at %s: name one with --port" % ", ".join(ports))
    return ports[0]


def start_anew(device):
    """Have a board start what it has, as its RESET button does, by the lines of its cable; nothing where they do not
    do that."""
    try:
        with serial_for_url(device) as port:
            port.dtr = False
            port.rts = True
            time.sleep(_RESET_S)
            port.rts = False
    except (OSError, ValueError):  # pyserial's are of these
        pass
