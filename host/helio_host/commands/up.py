"""`helio up`: a board on a cable, from whatever state it is in to blinking on a message."""

import re

import click

from helio import blocking
from helio.errors import HelioError, NoAnswer, Refused, UsageError
from helio_host.board_prompt import BoardPrompt, NoPrompt
from helio_host.boards import load_board
from helio_host.cli import print_aside, printable
from helio_host.commands.deploy import counts, lines_of_start
from helio_host.commands.setup import (
    ask_name,
    ask_password,
    check_name,
    check_networks,
    is_asked,
    read_passwords,
    set_up,
)
from helio_host.deploying.deploy import deploy
from helio_host.deploying.settings import BoardSettings
from helio_host.flashing.firmware import STABLE, parse_wanted
from helio_host.flashing.flash import ImageChecks, flash
from helio_host.serial_ports import one_port

_LOOK_S = 4  # for a MicroPython that answers
_JOIN_S = 30  # for the board to start and join
_VERSION = "import sys; print('.'.join([str(n) for n in sys.implementation.version[:3]]))"
_ADDRESS = re.compile(r"Wi-Fi: joined, address (\d+\.\d+\.\d+\.\d+)")


@click.command()
@click.option("--port", metavar="PORT", help="Where the board is.")
@click.option("--name", metavar="NAME", help="What it is called on the network.")
@click.option("--wifi", "ssids", multiple=True, metavar="SSID", help="A network to join; may be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read a password for each --wifi from stdin, a line each.")
@click.option("--board", metavar="NAME", help="One of `helio boards`: its firmware and its LED.")
@click.option("--firmware", default=STABLE, show_default=True, metavar="stable|X.Y.Z|FILE|URL", help="What to flash.")
@click.option("--yes", is_flag=True, help="Do not ask before it is flashed.")
def command(port, name, ssids, password_stdin, board, firmware, yes):
    """Take a board on a cable all the way to blinking on a message: flash it, set it up, deploy, and say blink 3.

    What is so already is skipped, and a program that is there is kept.
    """
    wanted = parse_wanted(firmware)
    check_name(name)
    check_networks(ssids)
    board = load_board(board.lower()) if board else None
    passwords = read_passwords(ssids) if password_stdin else None
    port = port or one_port()
    if not _has_micropython(port):
        _ask(port, yes)
        if is_asked():  # before what takes half a minute
            name = name or ask_name(None)
            if ssids and passwords is None:
                passwords = [ask_password(ssid, None) for ssid in ssids]
        _flash(port, wanted, board)
    if name or ssids or board or not _is_set_up(port):
        set_up(port, name, ssids, passwords, board, as_json=False)
    _blink(_deploy(port))


def _has_micropython(port):
    try:
        with BoardPrompt(port, _LOOK_S) as board:
            print("MicroPython %s is there" % board.run(_VERSION).strip())
        return True
    except NoPrompt:
        return False


def _ask(port, yes):
    if not yes and not is_asked():
        raise UsageError("no MicroPython answers at %s: give --yes to put it there" % port)
    if not yes and not click.confirm("No MicroPython answers at %s. Put it there?" % port, err=True):
        raise HelioError("nothing was written")


def _flash(port, wanted, board):
    checks = ImageChecks()
    done = flash(port, wanted, board, erase=False, checks=checks, tell=print_aside, on_percent=lambda percent: None)
    if done.error:
        raise HelioError(done.error)
    print("MicroPython %s is there now" % done.version)


def _is_set_up(port):
    with BoardPrompt(port) as board:
        values = BoardSettings(board).values
    return bool(values.get("name") and values.get("wifi"))


def _deploy(port):
    """Where the board is then: its address."""
    with BoardPrompt(port) as board:
        done = deploy(board, None, is_source=False, keeps_program=True)
        print(counts(vars(done)))
        if done.is_kept:
            print_aside("its program is kept: `helio deploy` lays another there")
        said = board.restart(_JOIN_S, until=_ADDRESS.search)
        found = _ADDRESS.search(said)
        if not found:
            for line in lines_of_start(said):
                print_aside(printable(line))
            raise HelioError("the board did not join the Wi-Fi, see above: `helio setup` changes what it knows")
    return found[1]


def _blink(address):
    print("%s, blink 3" % address)
    try:
        print(printable(blocking.send(address, "blink 3")))
    except Refused as error:  # a program of one's own: it answers
        print(printable(str(error)))
    except NoAnswer as error:
        more = "is this machine on the same network? `helio discover` looks for the board"
        raise HelioError("%s; %s" % (error, more)) from None
