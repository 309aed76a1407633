"""`helio ports`: the serial ports, and what is at each."""

from concurrent.futures import ThreadPoolExecutor

import click

from helio_host.board_prompt import firmware_at_prompt
from helio_host.cli import print_aside, print_json, print_table
from helio_host.serial_ports import CANNOT_OPEN, serial_ports, why_closed

_NO_PROMPT = "no prompt: its program runs, or there is no MicroPython yet"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a port.")
def command(as_json):
    """List the serial ports with a board, and what is known of it without disturbing what it does."""
    ports = serial_ports()
    with ThreadPoolExecutor(max(1, len(ports))) as pool:
        found = list(pool.map(_look, ports))
    if as_json:
        for entry in found:
            print_json(entry)
        return
    if not found:
        print_aside(
            "no board is plugged in: is its cable one for data and not only for charging? "
            "`helio simulate --blank` makes one to try things on"
        )
        return
    rows = []
    for entry in found:
        usb = "%s (%s)" % (entry["usb_chip"], entry["usb"]) if entry["usb"] else entry["usb_chip"]
        runs = "MicroPython %s" % entry["micropython"] if entry["micropython"] else entry["error"] or _NO_PROMPT
        rows.append([entry["port"], usb, entry["machine"] or "", entry["mac"] or "", runs])
    print_table([["port", "USB chip", "board", "MAC", "state"], *rows])


def _look(port):
    error = why_closed(port.device)
    firmware = None
    if not error:
        try:
            firmware = firmware_at_prompt(port.device)
        except OSError:
            error = CANNOT_OPEN % port.device
    return {
        "port": port.device,
        "usb_chip": port.bridge,
        "usb": port.usb,
        "mac": firmware and firmware.mac or port.mac,
        "micropython": firmware and firmware.version,
        "machine": firmware and firmware.machine,
        "error": error,
    }
