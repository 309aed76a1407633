"""`helio deploy`: helio and a program onto a board on a cable."""

import time

import click

from helio.errors import UsageError
from helio_host.board_prompt import BoardPrompt
from helio_host.cli import print_aside, print_json, printable
from helio_host.deploying.deploy import deploy
from helio_host.serial_ports import one_port

_FIRST_LINES_S = 3


@click.command()
@click.argument("program", required=False, type=click.Path(exists=True))
@click.option("--port", metavar="PORT", help="Where the board is.")
@click.option("--source", "is_source", is_flag=True, help="Do not compile: lay the files there as they are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(program, port, is_source, as_json):
    """Lay helio and PROGRAM, a file or a folder with a main.py, onto a board, and start it.

    Only what is otherwise there is sent. Interrupted, the board starts with the old program or the new.
    """
    started_s = time.monotonic()
    with BoardPrompt(port or one_port()) as board:
        done = deploy(board, program, is_source)
        taken_s = time.monotonic() - started_s
        if as_json:
            print_json({"port": board.device, **vars(done), "seconds": round(taken_s, 3)})
        else:
            removed = ", %d removed" % done.removed if done.removed else ""
            print("%d changed, %d unchanged%s, in %.1f s" % (done.changed, done.unchanged, removed, taken_s))
            print_aside("the board starts anew and says:")
        said = board.restart(_FIRST_LINES_S)
    if not as_json:
        for line in _lines(said):
            print(printable(line))
    if "Traceback (most recent call last)" in said:
        raise UsageError("the program ended with an error; the board is reached as before")


def _lines(said):
    """What a person wants to see of a start."""
    said = said.replace("\r\n", "\n").partition("soft reboot\n")[2]
    return [line for line in said.split("\n") if line and line != ">>> "]
