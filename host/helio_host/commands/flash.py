"""`helio flash`: from a blank board to MicroPython."""

import sys
from concurrent.futures import ThreadPoolExecutor

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from helio.errors import HelioError, UsageError
from helio_host.boards import load_board
from helio_host.cli import print_aside, print_json, print_table, printable
from helio_host.flashing import esptool
from helio_host.flashing.firmware import STABLE, parse_wanted
from helio_host.flashing.flash import ImageChecks, flash
from helio_host.serial_ports import NO_PORT, serial_ports


@click.command()
@click.option("--port", "ports", multiple=True, metavar="PORT", help="Where the board is; may be repeated.")
@click.option("--all", "is_all", is_flag=True, help="Every port that has a board, all at once.")
@click.option("--board", metavar="NAME", help="One of `helio boards`; else any with its chip.")
@click.option("--firmware", default=STABLE, show_default=True, metavar="stable|X.Y.Z|FILE|URL", help="What to write.")
@click.option("--erase", is_flag=True, help="Erase all first, with the files that are on the board.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a board.")
def command(ports, is_all, board, firmware, erase, yes, as_json):
    """Put MicroPython onto a board, checked before and after it is written.

    The firmware comes from micropython.org, or from the site that HELIO_FIRMWARE_SITE names, and is kept.
    """
    if ports and is_all:
        raise UsageError("--port names ports, and --all means every one: give one of them")
    wanted = parse_wanted(firmware)
    board = load_board(board.lower()) if board else None
    ports = list(dict.fromkeys(ports)) or _find_ports(is_all)
    _ask(ports, erase, yes)
    found = _flash_all(ports, wanted, board, erase)
    failed = [flashed for flashed in found if flashed.error]
    if as_json:
        for flashed in found:
            print_json(_as_json(flashed))
    elif len(found) > 1:
        print_table([["port", "chip", "MAC", "result"], *map(_row, found)])
    elif not failed:
        chip = found[0].chip
        print(
            "%s: %s, MAC %s, runs MicroPython %s" % (ports[0], printable(chip.description), chip.mac, found[0].version)
        )
    if failed:
        if as_json:
            sys.exit(1)
        raise HelioError(failed[0].error if len(found) == 1 else "%d of %d boards failed" % (len(failed), len(found)))


def _find_ports(is_all):
    ports = [port.device for port in serial_ports()]
    if not ports:
        raise HelioError(NO_PORT)
    if len(ports) > 1 and not is_all:
        raise UsageError("there are several boards, at %s: name one with --port, or give --all" % ", ".join(ports))
    return ports


def _ask(ports, erase, yes):
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("this replaces the firmware of the board at %s: give --yes to do it" % ", ".join(ports))
    lost = "its firmware and all its files" if erase else "its firmware"
    what = "This replaces %s on the board at %s." % (lost, ports[0])
    if len(ports) > 1:
        lost = "the firmware and all files" if erase else "the firmware"
        what = "This replaces %s of %d boards, at %s." % (lost, len(ports), ", ".join(ports))
    if not click.confirm(what + " Go on?", err=True):
        raise HelioError("nothing was written")


def _flash_all(ports, wanted, board, erase):
    """A `Flashed` of each port, in order; all at once."""
    checks = ImageChecks()
    view = _Bars(ports) if sys.stderr.isatty() else _Lines(ports)
    with view, ThreadPoolExecutor(len(ports)) as pool:

        def run(port):
            tell, on_percent = view.row(port)
            done = flash(port, wanted, board, erase=erase, checks=checks, tell=tell, on_percent=on_percent)
            tell("failed: %s" % done.error if done.error else "runs MicroPython %s" % done.version)
            return done

        futures = [pool.submit(run, port) for port in ports]
        try:
            return [future.result() for future in futures]
        except KeyboardInterrupt:
            esptool.end_all()
            found = [future.result() for future in futures]
            if any(flashed.error and flashed.is_touched for flashed in found):
                raise HelioError("interrupted: run it again, which mends a board that was being written") from None
            if any(flashed.error for flashed in found):
                raise HelioError("interrupted: nothing was written") from None
            return found


class _Lines:
    """What is done, a line each on stderr, for logs; no percentages."""

    def __init__(self, ports):
        self._prefix = len(ports) > 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def row(self, port):
        def tell(text):
            if self._prefix or not text.startswith("failed: "):
                print_aside(("%s: " % port if self._prefix else "") + printable(text))

        return tell, lambda percent: None


class _Bars:
    """A bar a port, on a terminal."""

    def __init__(self, ports):
        columns = [TextColumn("{task.fields[port]}"), BarColumn(), TextColumn("{task.description}")]
        self._progress = Progress(*columns, console=Console(stderr=True))

    def __enter__(self):
        self._progress.__enter__()
        return self

    def __exit__(self, *error):
        self._progress.__exit__(*error)

    def row(self, port):
        task = self._progress.add_task("", port=port, total=100)

        def tell(text):
            self._progress.update(task, description=printable(text), completed=0)

        return tell, lambda percent: self._progress.update(task, completed=percent)


def _row(flashed):
    chip = flashed.chip
    result = flashed.error or "MicroPython %s" % flashed.version
    return [flashed.device, chip.description if chip else "", chip.mac if chip else "", result]


def _as_json(flashed):
    chip = flashed.chip
    return {
        "port": flashed.device,
        "ok": not flashed.error,
        "chip": chip and chip.chip,
        "mac": chip and chip.mac,
        "firmware": flashed.firmware and str(flashed.firmware),
        "version": flashed.version,
        **({"error": flashed.error} if flashed.error else {}),
    }
