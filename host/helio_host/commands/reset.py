"""`helio reset`: start a board anew."""

import click

from helio_host.board_prompt import BoardPrompt, NoPrompt
from helio_host.cli import print_aside
from helio_host.commands.deploy import show_start
from helio_host.serial_ports import one_port, start_anew

_FIRST_LINES_S = 3


@click.command()
@click.option("--port", metavar="PORT", help="Where the board is.")
def command(port):
    """Start a board anew, and show what it says first."""
    port = port or one_port()
    try:
        said = _restarted(port)
    except NoPrompt:
        print_aside("nothing answers: trying it as the RESET button does")
        start_anew(port)
        said = _restarted(port)
    show_start(said)


def _restarted(port):
    with BoardPrompt(port) as board:
        print_aside("the board starts anew and says:")
        return board.restart(_FIRST_LINES_S)
