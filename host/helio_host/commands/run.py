"""`helio run`: a program on a board, without laying it there."""

from pathlib import Path

import click

from helio.errors import HelioError, UsageError
from helio_host.board_prompt import BoardPrompt
from helio_host.serial_ports import one_port


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--port", metavar="PORT", help="Where the board is.")
def command(file, port):
    """Run FILE on a board and show what it prints, until it ends or Ctrl+C does. Nothing is stored there."""
    code = file.read_bytes()
    if b"\0" in code:
        raise UsageError("%s is no Python program, for it is no text" % file)
    with BoardPrompt(port or one_port()) as board:
        try:
            wrong = board.show(code, lambda data: click.echo(data, nl=False))
        except KeyboardInterrupt:
            wrong = ""
    if wrong:
        click.echo(wrong.replace('"<stdin>"', '"%s"' % file), nl=False, err=True)  # as the prompt calls it
        raise HelioError("%s ended with an error" % file)
