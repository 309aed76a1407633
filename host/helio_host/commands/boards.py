"""`helio boards`: the boards that helio knows, or all that it knows of one."""

import difflib
from dataclasses import asdict

import click

from helio.errors import UsageError
from helio_host.boards import load_board, load_boards
from helio_host.cli import print_json, print_table


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a board.")
def command(name, as_json):
    """List the boards there are, or show all of the one called NAME."""
    boards = load_boards()
    if name:
        boards = [_find(name, boards)]
    if as_json:
        for board in boards:
            print_json(asdict(board))
    elif name:
        _show(boards[0])
    else:
        rows = [[board.id, board.maker, board.name, board.chip, led_in_words(board.led)] for board in boards]
        print_table([["board", "maker", "name", "chip", "LED"], *rows])


def _find(name, boards):
    ids = [board.id for board in boards]
    if name.lower() in ids:
        return load_board(name.lower())
    near = [id for id in ids if name.lower() in id][:5] or difflib.get_close_matches(name.lower(), ids, 3)
    meant = "did you mean %s?" % ", ".join(near) if near else "`helio boards` lists them"
    raise UsageError("no board is called %r: %s" % (name, meant))


def _show(board):
    firmware = board.firmware["name"]
    if "variant" in board.firmware:
        firmware += ", variant %s" % board.firmware["variant"]
    psram = "%d MB of PSRAM" % board.psram_mb if board.psram_mb else "no PSRAM"
    rows = [
        ("board", "%s, by %s" % (board.name, board.maker)),
        ("chip", "%s, %d MB of flash, %s" % (board.chip, board.flash_mb, psram)),
        ("firmware", "%s, at 0x%x" % (firmware, board.flash_offset)),
        ("LED", led_in_words(board.led)),
        ("USB", ", ".join(board.usb) or "of many kinds"),
        ("bootloader", board.bootloader),
    ]
    if board.note:
        rows.append(("note", board.note))
    rows += [("%s is from" % key, source) for key, source in board.sources.items()]
    width = max([len(key) for key, _ in rows])
    for key, text in rows:
        print("%-*s  %s" % (width, key, text))


def led_in_words(led):
    """Where the LED of a board is, a str."""
    if led["kind"] == "none":
        return "none"
    if led["kind"] == "pin":
        return "pin %d%s" % (led["pin"], "" if led["active"] else ", lit when low")
    power = ", powered by pin %d" % led["power_pin"] if "power_pin" in led else ""
    return "NeoPixel at pin %d%s" % (led["pin"], power)
