"""`helio console`: the prompt of a board, and what its program prints."""

import select
import sys

import click
import mpremote.console
import mpremote.main

from helio.errors import HelioError, UsageError
from helio_host.cli import print_aside
from helio_host.serial_ports import one_port, why_closed

_LOOK_S = 0.01


@click.command()
@click.option("--port", metavar="PORT", help="Where the board is.")
def command(port):
    """Show what a board prints and type at its prompt, until Ctrl-]. Ctrl+C there ends its program."""
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("helio console is for somebody who types: run it at a terminal, or see `helio run`")
    port = port or one_port()
    why = why_closed(port)
    if why:
        raise HelioError(why)
    print_aside("Ctrl-] leaves, Ctrl+C ends the program of the board, Ctrl+D starts it anew")
    if "://" in port:
        mpremote.console.Console.waitchar = _wait
    sys.argv = ["mpremote", "connect", port, "repl"]
    sys.exit(mpremote.main.main())


def _wait(console, port):
    """Wait for either to have something. mpremote's own way needs a descriptor, and a port on a network has none."""
    while not select.select([console.infd], [], [], _LOOK_S)[0] and not port.in_waiting:
        pass
