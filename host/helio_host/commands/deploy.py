"""`helio deploy`: helio and a program onto boards on cables."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from helio.errors import HelioError, UsageError
from helio_host.board_prompt import BoardPrompt
from helio_host.cli import print_aside, print_json, print_table, printable
from helio_host.deploying.deploy import deploy
from helio_host.serial_ports import NO_PORT, one_port, serial_ports

_FIRST_LINES_S = 3
_LOOK_S = 0.2  # how often `--watch` looks
_PROMPT = ">>> "
_OF_THE_PROMPT = (_PROMPT, "MPY: soft reboot", "MicroPython ", 'Type "help()"')
_TRACEBACK = "Traceback (most recent call last):"
_LEFT_ALONE = "main.py is left alone: "  # as `starts.py` says it


@click.command()
@click.argument("program", required=False, type=click.Path(exists=True))
@click.option("--port", metavar="PORT", help="Where the board is.")
@click.option("--all", "is_all", is_flag=True, help="Every board that is plugged in, all at once.")
@click.option("--source", "is_source", is_flag=True, help="Do not compile: lay the files there as they are.")
@click.option("--watch", "is_watched", is_flag=True, help="Deploy anew whenever PROGRAM is saved, until Ctrl+C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a deploy.")
def command(program, port, is_all, is_source, is_watched, as_json):
    """Lay helio and PROGRAM, a file or a folder with a main.py, onto a board, and start it. Without a PROGRAM it gets
    helio's own, which blinks.

    Only what is otherwise there is sent. Interrupted, the board starts with the old program or the new.
    """
    if port and is_all:
        raise UsageError("--port names a port, and --all means every one: give one of them")
    if is_watched and (is_all or not program):
        raise UsageError("--watch is for one board and a PROGRAM to watch")
    if is_all:
        _deploy_all(program, is_source, as_json)
    elif is_watched:
        _watch(program, port or one_port(), is_source, as_json)
    else:
        _deploy(program, port or one_port(), is_source, as_json)


def _deploy(program, port, is_source, as_json):
    if as_json:
        result = _result(program, port, is_source)
        print_json(result)
        sys.exit(0 if result["ok"] else 1)
    show_start(_deployed(program, port, is_source, _tell, _percent()))


def show_start(said):
    """Show what a board said at its start. Raises HelioError where its program ended with an error."""
    lines = lines_of_start(said)
    for line in lines:
        print(printable(line))
    if _has_failed(lines):
        raise HelioError("the program ended with an error, as shown; the board still answers: mend it, deploy again")
    if said.endswith(_PROMPT):
        print_aside("and waits at its prompt: no program runs there now")
    elif not lines:
        print_aside("nothing yet; `helio console` shows what it says later")


def _deployed(program, port, is_source, tell, on_percent):
    """What the board says at its start, after `tell` was called with it and what was done, a dict."""
    started_s = time.monotonic()
    with BoardPrompt(port) as board:
        tell(board, _lay(board, program, is_source, started_s, on_percent))
        return board.restart(_FIRST_LINES_S)


def _lay(board, program, is_source, started_s, on_percent):
    """Deploy; returns the `Deployed` as a dict, with the `seconds` since it was begun."""
    done = dict(vars(deploy(board, program, is_source, on_percent)))
    del done["is_kept"]  # which `up` asks for
    return {**done, "seconds": round(time.monotonic() - started_s, 3)}


def _percent():
    """What shows at a terminal how much is there, in a line that is gone when all is."""
    if not sys.stderr.isatty():
        return _no_percent
    return lambda percent: click.echo("\r%3d %%\r" % percent if percent < 100 else "\r     \r", nl=False, err=True)


def _no_percent(percent):
    pass


def _tell(board, done):
    print("%s, in %.1f s" % (counts(done), done["seconds"]), flush=True)
    print_aside("the board at %s starts anew and says:" % board.device)


def counts(done):
    removed = ", %d removed" % done["removed"] if done["removed"] else ""
    return "%d changed, %d unchanged%s" % (done["changed"], done["unchanged"], removed)


def lines_of_start(said):
    """What a person wants to see of a start."""
    lines = said.replace("\r\n", "\n").split("\n")
    return [line for line in lines if line and not line.startswith(_OF_THE_PROMPT)]


def _has_failed(lines):
    return any(line.startswith(_LEFT_ALONE) for line in lines)


def _traceback(lines):
    """Those of the traceback that ended the program, its error the last; none where there was no memory for it."""
    end = next(at for at in range(len(lines)) if lines[at].startswith(_LEFT_ALONE))
    begin = next((at for at in reversed(range(end)) if lines[at] == _TRACEBACK), end)
    return lines[begin:end]


def _deploy_all(program, is_source, as_json):
    ports = [port.device for port in serial_ports()]
    if not ports:
        raise HelioError(NO_PORT)
    with ThreadPoolExecutor(len(ports)) as pool:
        results = list(pool.map(lambda port: _result_or_error(program, port, is_source), ports))
    if as_json:
        for result in results:
            print_json(result)
    else:
        rows = [[result["port"], result.get("error") or counts(result)] for result in results]
        print_table([["port", "result"], *rows])
    failed = [result for result in results if not result["ok"]]
    if failed and as_json:
        sys.exit(1)
    if failed:
        raise HelioError("%d of %d boards failed" % (len(failed), len(ports)))


def _result(program, port, is_source):
    """What came of it, as `--json` prints it."""
    result = {"port": port, "ok": True}
    said = _deployed(program, port, is_source, lambda board, done: result.update(done), _no_percent)
    lines = lines_of_start(said)
    if _has_failed(lines):
        traceback = _traceback(lines)
        error = "the program ended with %s" % printable((traceback or ["an error"])[-1])
        result.update(ok=False, error=error, traceback="\n".join(traceback))
    return result


def _result_or_error(program, port, is_source):
    try:
        return _result(program, port, is_source)
    except HelioError as error:
        return {"port": port, "ok": False, "error": str(error)}


def _watch(program, port, is_source, as_json):
    """Deploy whenever something was saved, and show what the board says in between, until Ctrl+C."""
    seen = None
    try:
        while True:
            now = _saved(program)
            if now != seen:
                seen = now
                try:
                    started_s = time.monotonic()
                    with BoardPrompt(port) as board:
                        done = _lay(board, program, is_source, started_s, _no_percent if as_json else _percent())
                        if as_json:
                            print_json({"port": port, "ok": True, **done})
                        else:
                            _tell(board, done)
                        on_text = (lambda text: None) if as_json else _line_by_line()
                        board.restart(float("inf"), on_text, until=lambda said, now=now: _saved(program) != now)
                except HelioError as error:  # a program that does not compile will be mended
                    print_aside("helio: %s" % error)
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:  # as the help says
        pass


def _line_by_line():
    """What shows text, as it comes, by its lines, but for those of the prompt."""
    rest = ""

    def show(text):
        nonlocal rest
        *lines, rest = (rest + text.replace("\r", "")).split("\n")
        for line in lines:
            if line and not line.startswith(_OF_THE_PROMPT):
                print(printable(line), flush=True)

    return show


def _saved(program):
    """What changes whenever a file of the program is saved, by an editor that replaces it too."""
    program = Path(program)
    found = []
    for path in [program] if program.is_file() else sorted(program.rglob("*")):
        try:
            stat = path.stat()
        except OSError:  # just being replaced
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return found
