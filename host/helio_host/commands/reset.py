"""`helio reset`: start a board anew."""

import click

from helio_host.board_prompt import BoardPrompt
from helio_host.cli import print_aside
from helio_host.commands.deploy import show_start
from helio_host.serial_ports import one_port

_FIRST_LINES_S = 3


@click.command()
@click.option("--port", metavar="PORT", help="Where the board is.")
def command(port):
    """Start a board anew, and show what it says first."""
    with BoardPrompt(port or one_port()) as board:
        print_aside("the board starts anew and says:")
        said = board.restart(_FIRST_LINES_S)
    show_start(said)
