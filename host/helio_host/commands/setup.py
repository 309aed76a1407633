"""`helio setup`: what makes a board this one: its name, its Wi-Fi, its LED."""

import io
import sys

import click

from helio.errors import HelioError, UsageError
from helio.message import is_name
from helio_host.board_prompt import BoardPrompt
from helio_host.boards import chip_of, load_board
from helio_host.cli import print_aside, print_json, printable
from helio_host.deploying.settings import BoardSettings
from helio_host.serial_ports import one_port

_NAME = "a name has letters, digits, '_', '.' and, not first, '-', at most 32, and is not 'all': got %r"
_SSID_MAX_BYTES = 32
_ASK_BOARD = "import sys; print(sys.implementation._machine)"


@click.command()
@click.option("--port", metavar="PORT", help="Where the board is.")
@click.option("--name", metavar="NAME", help="What it is called on the network.")
@click.option("--wifi", "ssids", multiple=True, metavar="SSID", help="A network to join; may be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read a password for each --wifi from stdin, a line each.")
@click.option("--board", metavar="NAME", help="One of `helio boards`, for its LED.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(port, name, ssids, password_stdin, board, as_json):
    """Say what a board is called, which Wi-Fi it joins and what LED it has, and have it join at once.

    Asks for what is not given. A password is asked for, or comes from stdin; it is never shown. An empty one is
    that of an open network.
    """
    check_name(name)
    check_networks(ssids)
    board = load_board(board.lower()) if board else None
    passwords = read_passwords(ssids) if password_stdin else None
    set_up(port or one_port(), name, ssids, passwords, board, as_json)


def set_up(port, name, ssids, passwords, board, as_json):
    """All of it, with a Board or None, and with a password for each network, or None to ask. Raises HelioError,
    UsageError."""
    with BoardPrompt(port) as prompt:
        settings = BoardSettings(prompt)
        values = settings.values
        values["name"] = name or ask_name(values.get("name"))
        machine = prompt.run(_ASK_BOARD).strip()
        if board is None and "led" not in values and machine.startswith("linux"):
            board = load_board("virtual")
        _check_chip(board, machine, port)
        if board:
            values["led"] = board.led
        networks = _networks(settings, ssids, passwords)
        for ssid, password in reversed(networks):
            settings.add_network(ssid, password)
        if settings.is_broken:
            print_aside("settings.json held no settings: it is settings.json.bad now")
        settings.store()
        address = _join(settings, networks)
    known = [entry.get("ssid") for entry in settings.known()]
    if as_json:
        print_json({"port": port, "name": values["name"], "wifi": known, "address": address})
    else:
        joined = ", has the address %s" % address if address else ""
        print("%s is %s%s" % (port, values["name"], joined))


def _check_chip(board, machine, port):
    """Raise UsageError for a Board with another chip than that of the MicroPython there, which says
    "Generic ESP32C3 module with ESP32C3" or the like."""
    chip = chip_of(machine)
    if board and chip and board.chip != chip:
        raise UsageError("%s has an %s, and the board at %s an %s" % (board.id, board.chip, port, chip))


def check_name(name):
    """Raise UsageError for what cannot name a board, if it was given."""
    if name is not None and not _is_usable(name):
        raise UsageError(_NAME % name)


def check_networks(ssids):
    """Raise UsageError for what cannot name a network: IEEE 802.11 section 9.4.2.2."""
    for ssid in ssids:
        if not 0 < len(ssid.encode(errors="surrogateescape")) <= _SSID_MAX_BYTES:
            raise UsageError("the name of a Wi-Fi network has 1 to %d bytes: got %r" % (_SSID_MAX_BYTES, ssid))
        if not ssid.isprintable():
            raise UsageError("the name of a Wi-Fi network is to be UTF-8 and printable: got %r" % ssid)


def _is_usable(name):
    return is_name(name) and name != "all" and not name.startswith("-")  # which mean something else in a command


def read_passwords(ssids):
    """A line of stdin for each network, a list. Raises UsageError when there are too few."""
    if sys.stdin is None:
        raise UsageError("--password-stdin: standard input is closed")
    try:
        lines = [line.rstrip("\r\n") for line in io.StringIO(sys.stdin.buffer.read().decode())]
    except UnicodeDecodeError:
        raise UsageError("--password-stdin: what comes in is not UTF-8") from None
    if len(lines) < len(ssids):
        raise UsageError("--password-stdin needs a line for each --wifi, %d; there are %d" % (len(ssids), len(lines)))
    return lines[: len(ssids)]


def is_asked():
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask_name(name):
    """What the board is to be called, if not so already. Raises UsageError where nobody can be asked."""
    if not is_asked():
        if isinstance(name, str) and _is_usable(name):
            return name
        raise UsageError("the board has no name yet: give one with --name")
    while True:
        answer = click.prompt("What is the board to be called?", default=name, err=True)
        if _is_usable(answer):
            return answer
        print_aside(_NAME % answer)


def _networks(settings, ssids, passwords):
    """`(ssid, password)` of each network that was named or chosen."""
    if passwords is not None:
        return list(zip(ssids, passwords, strict=True))
    if not ssids and is_asked():
        seen = settings.networks()
        for ssid, dbm in seen:
            print_aside("%s  (%d dBm)" % (printable(ssid), dbm))
        known = bool(settings.values.get("wifi"))
        question = "Which Wi-Fi is it to join?" + (" (nothing: those that it knows)" if known else "")
        chosen = click.prompt(question, default="" if known else (seen[0][0] if seen else None), err=True)
        ssids = [chosen] if chosen else []
    return [(ssid, ask_password(ssid, settings.password(ssid))) for ssid in ssids]


def ask_password(ssid, known):
    """The password of a network, where the board has one: that, unless another is typed. Raises UsageError where
    nobody can be asked."""
    if not is_asked():
        if known is None:
            raise UsageError("a password is asked for at a terminal: pipe it in, with --password-stdin")
        return known
    question = "Password of %s" % printable(ssid) + ("" if known is None else " (nothing: the one it knows)")
    return click.prompt(question, default=known or "", show_default=False, hide_input=True, err=True)


def _join(settings, networks):
    """The address that the board got from the first network that took it, or None where none was named."""
    failed = []
    for ssid, password in networks:
        print_aside("joining %s" % printable(ssid))
        try:
            return settings.join(ssid, password)
        except HelioError as error:
            failed.append(str(error))
    if failed:
        raise HelioError("the settings are stored, but the board did not join: %s" % "; ".join(failed))
    return None
